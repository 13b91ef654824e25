import type { BodyRefusal } from '../errors.js';
import { hasForbiddenKey } from './limits.policy.js';

/** A refusal never repeats the body: secrets may stand in it, and its readers are others than its sender. */
export type JsonReading =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly why: BodyRefusal; readonly detail: string };

// JSON is UTF-8 (RFC 8259, 8.1); a byte order mark is passed over.
const utf8 = new TextDecoder('utf-8', { fatal: true });

const refused = (why: BodyRefusal, detail: string): JsonReading => ({ kind: 'refused', why, detail });

// The engine's messages quote the text, except those that end with a position.
const place = (error: unknown): string => {
  const message = String(Reflect.get(Object(error) as object, 'message'));
  return / in JSON( at position \d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1] ?? '';
};

// Any of these may be a part of a forbidden key, which can be written with escapes. Most bodies have none of them.
const suspicious = (text: string): boolean =>
  text.includes('__proto__') || text.includes('constructor') || text.includes('\\u');

const parsed = (text: string): JsonReading => {
  try {
    return { kind: 'read', value: JSON.parse(text) };
  } catch (error) {
    return refused('notJson', text.trim() === '' ? 'It is empty' : `It is not JSON${place(error)}`);
  }
};

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

/** A body from outside as JSON, or why it is refused: the same for REST and AMQP. @param maxBytes no limit when missing */
export const readJson = (bytes: Uint8Array, maxBytes = Infinity): JsonReading => {
  if (bytes.byteLength > maxBytes) return refused('tooLarge', `It has more than ${maxBytes} bytes`);
  const text = decoded(bytes);
  if (text === undefined) return refused('notJson', 'It is not UTF-8');
  const reading = parsed(text);
  return reading.kind === 'read' && suspicious(text) && hasForbiddenKey(reading.value)
    ? refused('forbiddenKey', 'A key is __proto__, or a constructor has a prototype')
    : reading;
};

/** Whether a Content-Type says JSON, with whatever parameters. */
export const isJsonMediaType = (contentType: string): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
