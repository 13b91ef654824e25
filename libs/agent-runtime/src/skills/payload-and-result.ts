// What goes into a handler and what comes out: the payload as its operation reads it, the result as the database holds it.
import { databaseJson, fieldProblems, plainText, startOf, TaskError, thrownText } from '@pulser/contracts';

import type { Operation } from './skill.js';

type Payload = Readonly<Record<string, unknown>>;

/** Finds the operation that a payload names. @throws TaskError `unknown_operation` */
export const operationOf = (operations: ReadonlyMap<string, Operation>, payload: Payload): Operation => {
  const name = payload['operation'];
  const operation = typeof name === 'string' ? operations.get(name) : undefined;
  if (operation !== undefined) return operation;
  throw new TaskError('unknown_operation', 'The payload names no operation of this agent', {
    details: { operation: name ?? null, operations: [...operations.keys()] },
  });
};

/** A payload as the schema of its operation reads it. @throws TaskError `invalid_payload` */
export const inputOf = (operation: Operation, payload: Payload): unknown => {
  const parsed = operation.input.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new TaskError('invalid_payload', `The payload does not match the schema of "${operation.name}"`, {
    details: { errors: fieldProblems(parsed.error) },
  });
};

const megabyte = 1_048_576;

/** Bytes that a handler may leave with its task where nothing else is configured. */
export const usualSizes = { resultMaxBytes: 4 * megabyte, artifactMaxBytes: 16 * megabyte } as const;

const refused = (why: string, cause?: unknown): TaskError =>
  new TaskError('handler_failed', `The handler returned something that is not JSON: ${why}`, {
    permanent: true,
    cause,
  });

/** Levels of a result: more than a reader's stack bears may be less than the writer's bore. */
const maxResultDepth = 500;

// Every `"` in JSON begins or ends a string, unless an odd number of backslashes stands before it.
const endOfString = (json: string, start: number): number => {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
};

const isDeeper = (json: string, levels: number): boolean => {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') at = endOfString(json, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > levels) return true;
  }
  return false;
};

// JSON has no such numbers and no such dates, and JSON.stringify writes null without a word.
const refuseUnstorable = function (this: unknown, key: string, value: unknown): unknown {
  const given: unknown = Reflect.get(Object(this) as object, key);
  if (typeof value === 'number' && !Number.isFinite(value)) throw refused(`${value} in "${startOf(key, 100)}"`);
  if (value === null && given instanceof Date) throw refused(`an invalid date in "${startOf(key, 100)}"`);
  return value;
};

// A number that was written as text (JSON.rawJSON) may be larger than any reader's.
const maybeTooLarge = /[[:,]-?\d(?:[\d.]*[eE]\+?\d{3}|\d{299})|^-?\d[\d.]*[eE]/;

const refuseTooLarge = (key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw refused(`a number too large in "${startOf(key, 100)}"`);
  return value;
};

const stringified = (result: unknown): unknown => {
  try {
    const json: unknown = JSON.stringify(result ?? null);
    // Asked again only where a number may have been lost: most results have no null.
    return typeof json === 'string' && json.includes('null') ? JSON.stringify(result ?? null, refuseUnstorable) : json;
  } catch (error) {
    throw error instanceof TaskError ? error : refused(thrownText(error), error);
  }
};

const serialised = (result: unknown): string => {
  const json = stringified(result);
  if (typeof json !== 'string') throw refused('a function or a symbol alone');
  if (isDeeper(json, maxResultDepth)) throw refused(`it has more than ${maxResultDepth} levels`);
  if (maybeTooLarge.test(json)) JSON.parse(json, refuseTooLarge);
  return json;
};

/**
 * A result as JSON that the database can hold.
 * @throws TaskError when there is none (NaN, an infinite number and an invalid date have none), or it is larger than `maxBytes`
 */
export const storableJson = (result: unknown, maxBytes: number): string => {
  const storable = databaseJson(serialised(result));
  const bytes = Buffer.byteLength(storable);
  if (bytes <= maxBytes) return storable;
  throw new TaskError('result_too_large', 'The result is too large', { details: { bytes, max_bytes: maxBytes } });
};

/** A handler's result as JSON can hold it. @throws TaskError when it cannot, or is larger than `maxBytes` */
export const checkedResult = (result: unknown, maxBytes: number): unknown => {
  const json = storableJson(result, maxBytes);
  return json.includes('\\ufffd') ? (JSON.parse(json) as unknown) : (result ?? null);
};

const ArtifactText = plainText(200).min(1);

const isWritable = (text: string): boolean => ArtifactText.safeParse(text).success;

/** @throws TaskError when the database cannot hold the name or the media type, or the content has more than `maxBytes` */
export const checkArtifact = (name: string, mediaType: string, content: Uint8Array, maxBytes: number): void => {
  if (!isWritable(name) || !isWritable(mediaType)) {
    throw new TaskError(
      'handler_failed',
      'Name and media type of an artifact have 1 to 200 characters, no U+0000 and no half of a surrogate pair',
      { permanent: true },
    );
  }
  if (content.byteLength <= maxBytes) return;
  throw new TaskError('result_too_large', `The artifact "${name}" is too large`, {
    details: { bytes: content.byteLength, max_bytes: maxBytes },
  });
};
