// Results are bounded: a message of 10 MB would end the connection, and a model cannot read one of 1 MB.
import type { JsonObject } from './definition.js';
import { ToolError } from './tool-error.js';

/** Bytes of a result as JSON. */
export const maxResultBytes = 1_000_000;

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** As many items from the start as fit. */
export const fitting = <Item>(items: readonly Item[], maxBytes: number): readonly Item[] => {
  let bytes = 2;
  const end = items.findIndex((item) => (bytes += bytesOf(item) + 1) > maxBytes);
  return end === -1 ? items : items.slice(0, end);
};

/** The end of a text, at most so many bytes; whole lines where it has lines. */
export const tailOf = (text: string, maxBytes: number): { readonly text: string; readonly truncated: boolean } => {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return { text, truncated: false };
  // A character that was cut in two decodes to a replacement character.
  const end = bytes
    .subarray(bytes.length - maxBytes)
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
  const line = end.indexOf('\n');
  return { text: line === -1 ? end : end.slice(line + 1), truncated: true };
};

const shortened = (value: unknown, room: number): unknown =>
  Array.isArray(value) ? fitting(value, room) : typeof value === 'string' ? tailOf(value, room).text : value;

// A text grows by what is escaped in it: from half the room to an eighth.
const shares = [1, 2, 4, 8];

const cutAt = (result: JsonObject, maxBytes: number): JsonObject | undefined => {
  const [longest] = Object.entries(result).toSorted(([, a], [, b]) => bytesOf(b ?? null) - bytesOf(a ?? null));
  if (longest === undefined || !('truncated' in result)) return undefined;
  const [name, value] = longest;
  const room = maxBytes - bytesOf({ ...result, [name]: null, truncated: true });
  const cuts = shares.map((share) => ({ ...result, [name]: shortened(value, room / share), truncated: true }));
  return cuts.find((cut) => bytesOf(cut) <= maxBytes);
};

/**
 * The result, or the result with its longest list or text cut and `truncated` set.
 * @throws ToolError when it is too long and has no field `truncated`
 */
export const bounded = (result: JsonObject, maxBytes = maxResultBytes): JsonObject => {
  const bytes = bytesOf(result);
  if (bytes <= maxBytes) return result;
  const cut = cutAt(result, maxBytes);
  if (cut !== undefined) return cut;
  throw new ToolError('upstream_error', `The result has ${bytes} bytes, over the limit of ${maxBytes}: ask for less`);
};
