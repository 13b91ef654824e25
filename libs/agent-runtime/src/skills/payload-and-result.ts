// What goes into a handler and what comes out: the payload as its operation reads it, the result as the database holds it.
import { fieldProblems, TaskError } from '@pulser/contracts';

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

const refused = (cause?: unknown): TaskError =>
  new TaskError('handler_failed', 'The handler returned something that is not JSON', { permanent: true, cause });

const serialised = (result: unknown): string => {
  let json: unknown;
  try {
    json = JSON.stringify(result ?? null);
  } catch (error) {
    throw refused(error);
  }
  // A function or a symbol alone.
  if (typeof json !== 'string') throw refused();
  return json;
};

/** A result as JSON that the database can hold. @throws TaskError when there is none, or it is larger than `maxBytes` */
export const storableJson = (result: unknown, maxBytes: number): string => {
  const json = serialised(result);
  // PostgreSQL's jsonb cannot hold U+0000, which JSON.stringify writes as this escape (unless the backslash is one itself).
  const storable = json.includes('\\u0000') ? json.replaceAll(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd') : json;
  const bytes = Buffer.byteLength(storable);
  if (bytes <= maxBytes) return storable;
  throw new TaskError('result_too_large', 'The result is too large', { details: { bytes, max_bytes: maxBytes } });
};

/** A handler's result as JSON can hold it. @throws TaskError when it cannot, or is larger than `maxBytes` */
export const checkedResult = (result: unknown, maxBytes: number): unknown => {
  const json = storableJson(result, maxBytes);
  return json.includes('\\ufffd') ? (JSON.parse(json) as unknown) : (result ?? null);
};

/** @throws TaskError when the artifact is larger than `maxBytes` */
export const checkArtifactSize = (name: string, content: Uint8Array, maxBytes: number): void => {
  if (content.byteLength <= maxBytes) return;
  throw new TaskError('result_too_large', `The artifact "${name}" is too large`, {
    details: { bytes: content.byteLength, max_bytes: maxBytes },
  });
};
