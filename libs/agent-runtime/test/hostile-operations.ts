import { z } from 'zod';

import { type Operation, operation, skillErrors, TaskError, type TaskContext } from '../src/skills/skill.js';

const errors = skillErrors({ query_failed: { permanent: true } });

const throwing = (): never => {
  throw new Error('from inside');
};

const nested = (levels: number): Record<string, unknown> => {
  let value: Record<string, unknown> = {};
  for (let level = 0; level < levels; level += 1) value = { value };
  return value;
};

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

const withDetails = (details: unknown): TaskError =>
  errors.error('query_failed', 'no', { details: details as Record<string, unknown> });

/** What handlers throw, by name; each ends its task at the first try. */
export const hostileErrors: Readonly<Record<string, () => unknown>> = {
  'emoji that were cut': () => errors.error('query_failed', '😀'.repeat(100).slice(0, 199)),
  'emoji in details that were cut': () => withDetails({ excerpt: '😀'.repeat(100).slice(0, 119) }),
  'lone surrogates': () => errors.error('query_failed', '\ud800 \udc00', { details: { '\ud800': '\udfff' } }),
  NUL: () => errors.error('query_failed', 'a\u0000b', { details: { 'k\u0000': ['\u0000'] } }),
  '20 MB': () => errors.error('query_failed', 'x'.repeat(20_000_000), { details: { cell: 'y'.repeat(20_000_000) } }),
  'a message that throws': () => Object.defineProperty(errors.error('query_failed', ''), 'message', { get: throwing }),
  'a code that throws': () => Object.defineProperty(errors.error('query_failed', ''), 'code', { get: throwing }),
  'facts that are missing': () =>
    Object.defineProperty(errors.error('query_failed', ''), 'facts', { value: undefined }),
  'a code that is none': () => new TaskError({ code: 'No Code\u0000', permanent: true }, 'no'),
  'a delay that is none': () =>
    errors.error('query_failed', 'no', { permanent: false, retryAfterMs: '5 s' as unknown as number }),
  'members of any kind': () =>
    Object.assign(errors.error('query_failed', 'no'), { code: Symbol('s'), permanent: () => true, name: 7n }),
  'a text': () => 'just text \u0000 \ud800',
  nothing: () => undefined,
  null: () => null,
  'a symbol': () => Symbol('s'),
  'a bigint': () => 7n,
  'a function': () => throwing,
  'toString that throws': () => ({ toString: throwing }),
  'no prototype': () => Object.create(null) as unknown,
  'a proxy that refuses everything': () =>
    new Proxy({}, { get: throwing, ownKeys: throwing, getPrototypeOf: throwing, has: throwing }),
  'cyclic details': () => withDetails(cyclic),
  'details with a bigint': () => withDetails({ n: 1n }),
  'details with __proto__': () => withDetails(JSON.parse('{"__proto__":{"polluted":true}}')),
  'details of 10,000 levels': () => withDetails(nested(10_000)),
  'details that are none': () => withDetails('text'),
  'details with getters that throw': () =>
    withDetails({
      get a(): never {
        return throwing();
      },
    }),
  'details with toJSON that throws': () => withDetails({ a: { toJSON: throwing } }),
  'details with functions': () => withDetails({ act: throwing }),
};

/** What handlers return, by name; none of it can be stored as it is. */
export const hostileResults: Readonly<Record<string, () => unknown>> = {
  NaN: () => NaN,
  'an infinite number': () => ({ rows: [[1, -Infinity]] }),
  'a number that was read': () => JSON.parse('{"n":1e400}') as unknown,
  'an invalid date': () => ({ at: new Date(NaN) }),
  '600 levels': () => nested(600),
  '10,000 levels': () => nested(10_000),
  'a bigint': () => ({ n: 1n }),
  'a cycle': () => cyclic,
  'toJSON that throws': () => ({ toJSON: throwing }),
};

const input = z.strictObject({ operation: z.string(), name: z.string() });

const hostile = (name: string, handle: (name: string, context: TaskContext) => unknown): Operation =>
  operation({
    name,
    summary: 'Does what a hostile or careless handler does',
    input,
    example: { operation: name, name: 'NUL' },
    errors,
    handle: ({ name: what }, context) => {
      try {
        return Promise.resolve(handle(what, context));
      } catch (thrown) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- any value may be thrown
        return Promise.reject(thrown);
      }
    },
  });

export const hostileOperations: readonly Operation[] = [
  hostile('throw', (name) => {
    throw hostileErrors[name]?.();
  }),
  hostile('return', (name) => hostileResults[name]?.()),
  hostile('keep', () => JSON.parse('{"__proto__":{"a":1},"text":"\\ud800\\u0000"}') as unknown),
  hostile('say', (_name, { log, progress }) => {
    log('info', 'a\u0000b \ud800', { '\ud800': NaN, big: 7n, ...nested(10_000) });
    log('info', 'x'.repeat(20_000_000), { cell: 'y'.repeat(20_000_000) });
    log('info', { toString: throwing } as unknown as string, {
      get a(): never {
        return throwing();
      },
    });
    progress(50, '😀'.repeat(1_000));
    progress(NaN, 'x'.repeat(20_000_000));
    return Promise.resolve(null);
  }),
];
