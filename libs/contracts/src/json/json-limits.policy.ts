import { isForbiddenEntry } from './forbidden-key.policy.js';

/** Bounds on JSON from outside, the same for HTTP bodies and AMQP messages. Depth and keys are those of a payload. */
export const jsonLimits = { maxDepth: 32, maxKeys: 1_000, maxBytes: 1_048_576 } as const;

export type JsonProblem =
  'too deep' | 'too many keys' | 'forbidden key' | 'NUL character' | 'broken Unicode' | 'number too large';

interface Walk {
  keys: number;
}

/** PostgreSQL's text and jsonb can hold neither U+0000 nor half a surrogate pair. */
export const problemInText = (text: string): JsonProblem | undefined => {
  if (text.includes('\u0000')) return 'NUL character';
  return text.isWellFormed() ? undefined : 'broken Unicode';
};

const problemInEntry = (key: string, value: unknown, walk: Walk): JsonProblem | undefined => {
  walk.keys += 1;
  if (walk.keys > jsonLimits.maxKeys) return 'too many keys';
  return isForbiddenEntry(key, value) ? 'forbidden key' : problemInText(key);
};

const problemIn = (value: unknown, depth: number, walk: Walk): JsonProblem | undefined => {
  if (typeof value === 'string') return problemInText(value);
  // What a number like 1e400 became; it would be stored as null.
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'number too large';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > jsonLimits.maxDepth) return 'too deep';
  if (Array.isArray(value)) return firstProblem(value, (item) => problemIn(item, depth + 1, walk));
  return firstProblem(
    Object.entries(value),
    ([key, item]) => problemInEntry(key, item, walk) ?? problemIn(item, depth + 1, walk),
  );
};

const firstProblem = <T>(items: readonly T[], check: (item: T) => JsonProblem | undefined): JsonProblem | undefined => {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** The first reason why this JSON value is refused, or undefined. Depth counts nested objects and arrays; keys are counted over the whole value. */
export const jsonProblem = (value: unknown): JsonProblem | undefined => problemIn(value, 1, { keys: 0 });
