import { TaskError } from '@pulser/contracts';

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
