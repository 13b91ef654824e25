import { TaskError } from '@pulser/contracts';

const serialised = (result: unknown): string => {
  try {
    return JSON.stringify(result ?? null);
  } catch (error) {
    throw new TaskError('handler_failed', 'The handler returned something that is not JSON', {
      permanent: true,
      cause: error,
    });
  }
};

/** A handler's result as JSON can hold it. @throws TaskError when it cannot, or is larger than `maxBytes` */
export const checkedResult = (result: unknown, maxBytes: number): unknown => {
  const json = serialised(result);
  // PostgreSQL's jsonb cannot hold U+0000, which JSON.stringify writes as this escape (unless the backslash is one itself).
  const storable = json.includes('\\u0000') ? json.replaceAll(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd') : json;
  const bytes = Buffer.byteLength(storable);
  if (bytes > maxBytes) {
    throw new TaskError('result_too_large', 'The result is too large', { details: { bytes, max_bytes: maxBytes } });
  }
  return storable === json ? (result ?? null) : (JSON.parse(storable) as unknown);
};
