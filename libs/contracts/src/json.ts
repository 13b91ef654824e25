// JSON from outside, the same for HTTP bodies and messages: what it may hold, and how a body is read.
import { z } from 'zod';

import type { BodyRefusal } from './errors.js';

// Both reach Object.prototype when a later merge is careless; a plain `constructor` column is harmless.
export const isForbiddenEntry = (key: string, value: unknown): boolean =>
  key === '__proto__' ||
  (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype'));

// A library's parser of tables may assign keys: one called `__proto__` then is no entry any more, but the prototype.
const hasForeignPrototype = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && !Array.isArray(value) && Object.getPrototypeOf(prototype) !== null;
};

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);

/** Whether a value as it came from outside could pollute prototypes, however deep. Takes no stack: depth is no danger here. */
export const hasForbiddenKey = (root: unknown): boolean => {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (!isPlain(value)) continue;
    if (hasForeignPrototype(value)) return true;
    for (const [key, item] of Object.entries(value)) {
      if (isForbiddenEntry(key, item)) return true;
      open.push(item);
    }
  }
  return false;
};

const forbiddenName = /^(?:__proto__|constructor[.[]prototype)(?=$|[.[\]])/;

/** Whether a name without structure (a header, a query parameter) reads as a forbidden key: `__proto__[x]`, `constructor.prototype`. */
export const isForbiddenName = (name: string): boolean => forbiddenName.test(name.toLowerCase());

/** Bounds on JSON from outside, the same for HTTP bodies and AMQP messages. Depth and keys are those of a payload. */
export const jsonLimits = { maxDepth: 32, maxKeys: 1_000, maxBytes: 1_048_576 } as const;

export type JsonProblem =
  'too deep' | 'too many keys' | 'forbidden key' | 'NUL character' | 'broken Unicode' | 'number too large';

/** Why a JSON value is refused, and the member that is the reason. */
export interface JsonFault {
  readonly problem: JsonProblem;
  readonly path: readonly (string | number)[];
}

const faultTexts: Readonly<Record<JsonProblem, string>> = {
  'too deep': `Too deep: at most ${jsonLimits.maxDepth} levels`,
  'too many keys': `Too many keys: at most ${jsonLimits.maxKeys} in the whole value`,
  'forbidden key': 'Forbidden key: __proto__, or a constructor that has a prototype',
  'NUL character': 'A text must not contain U+0000',
  'broken Unicode': 'A text must not contain half a surrogate pair',
  'number too large': 'Too large a number: it must be an IEEE double',
};

export const jsonFaultText = ({ problem }: JsonFault): string => faultTexts[problem];

interface Walk {
  keys: number;
}

/** PostgreSQL's text and jsonb can hold neither U+0000 nor half a surrogate pair. */
const problemInText = (text: string): JsonProblem | undefined => {
  if (text.includes('\u0000')) return 'NUL character';
  return text.isWellFormed() ? undefined : 'broken Unicode';
};

const problemInEntry = (key: string, value: unknown, walk: Walk): JsonProblem | undefined => {
  walk.keys += 1;
  if (walk.keys > jsonLimits.maxKeys) return 'too many keys';
  return isForbiddenEntry(key, value) ? 'forbidden key' : problemInText(key);
};

const problemOfValue = (value: unknown, depth: number): JsonProblem | undefined => {
  if (typeof value === 'string') return problemInText(value);
  // What a number like 1e400 became; it would be stored as null.
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'number too large';
  return typeof value === 'object' && value !== null && depth > jsonLimits.maxDepth ? 'too deep' : undefined;
};

const at = (problem: JsonProblem | undefined): JsonFault | undefined => problem && { problem, path: [] };

const faultIn = (value: unknown, depth: number, walk: Walk): JsonFault | undefined => {
  const problem = problemOfValue(value, depth);
  if (problem !== undefined || typeof value !== 'object' || value === null) return at(problem);
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of entries as Iterable<[string | number, unknown]>) {
    const ofKey = typeof key === 'string' ? problemInEntry(key, item, walk) : undefined;
    const fault = at(ofKey) ?? faultIn(item, depth + 1, walk);
    if (fault !== undefined) return { ...fault, path: [key, ...fault.path] };
  }
  return undefined;
};

/** The first reason why this JSON value is refused, or undefined. Depth counts nested objects and arrays; keys are counted over the whole value. */
export const jsonFault = (value: unknown): JsonFault | undefined => faultIn(value, 1, { keys: 0 });

// PostgreSQL's jsonb cannot hold U+0000 and half surrogate pairs, which JSON.stringify writes as these escapes (unless the
// backslash is one itself).
const unstorable = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** JSON text as the database can hold it: what it cannot is U+FFFD. @param json what JSON.stringify wrote */
export const databaseJson = (json: string): string =>
  json.includes('\\u') ? json.replaceAll(unstorable, '$1\\ufffd') : json;

const isStorable = (text: string): boolean => problemInText(text) === undefined;
const storable = 'No U+0000 and no half of a surrogate pair';

/** A text as it came, of at most so many characters, that the database can keep and compare. No free text of the API is less. */
export const plainText = (most: number) => z.string().max(most).refine(isStorable, storable);

/** A text for people, of 1 to so many characters without the space around it, that the database can keep. */
export const storableText = (most: number) => z.string().trim().min(1).max(most).refine(isStorable, storable);

/** A refusal never repeats the body: it may hold secrets, and the refusal is read by others than the sender. */
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

/** Whether a Content-Type is JSON, with any parameters. */
export const isJsonMediaType = (contentType: string): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
