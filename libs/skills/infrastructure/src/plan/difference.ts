// The difference of two values: as a JSON patch, and in sentences.
import { type ArrayDelta, create, type Delta, type ObjectDelta } from 'jsondiffpatch';
import { createPatch, type Operation } from 'rfc6902';

import type { Path } from '../documents/yaml-document.js';

/** Items of a list are the same when they have the same name: containers, ports, variables. */
const nameOf = (item: object): string | undefined => {
  const keys = ['name', 'key', 'mountPath', 'containerPort', 'domain', 'target'];
  const key = keys.find((one) => Object.hasOwn(item, one));
  return key === undefined ? JSON.stringify(item) : String((item as Record<string, unknown>)[key]);
};

const differ = create({ objectHash: nameOf, arrays: { detectMove: false } });

const maxValueLength = 120;

const shown = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.length > maxValueLength ? `${json.slice(0, maxValueLength)}...` : json;
};

const isArrayDelta = (delta: ObjectDelta | ArrayDelta): delta is ArrayDelta => '_t' in delta && delta['_t'] === 'a';

const join = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);

/** Sentences about a difference. @param at where it is, in the words of a path */
const sentences = (delta: Delta, at: string): string[] => {
  if (delta === undefined) return [];
  if (Array.isArray(delta)) return [sentence(delta, at)];
  return isArrayDelta(delta) ? itemSentences(delta, at) : memberSentences(delta, at);
};

const sentence = (delta: readonly unknown[], at: string): string => {
  const [first, second] = delta;
  if (delta.length === 1) return `${at} is added: ${shown(first)}`;
  if (delta.length === 2) return `${at} changes from ${shown(first)} to ${shown(second)}`;
  return `${at} is removed, it was ${shown(first)}`;
};

const memberSentences = (delta: ObjectDelta, at: string): string[] =>
  Object.entries(delta).flatMap(([key, member]) => sentences(member, join(at, key)));

// Positions of removed items have an underscore before them.
const itemSentences = (delta: ArrayDelta, at: string): string[] =>
  Object.entries(delta)
    .filter(([key]) => key !== '_t')
    .flatMap(([key, item]) => sentences(item as Delta, `${at}[${key.replace('_', '')}]`));

/** Plain objects: what is compared has been read into objects without a prototype. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

export interface Difference {
  readonly patch: readonly Operation[];
  readonly words: readonly string[];
  /** The paths that the patch changes, their parts as texts. */
  readonly paths: readonly Path[];
}

const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** How one value becomes another one. */
export const differenceOf = (before: unknown, after: unknown): Difference => {
  const [from, to] = [plain(before), plain(after)];
  const patch = createPatch(from, to);
  return { patch, words: sentences(differ.diff(from, to), ''), paths: patch.map(({ path }) => pathOf(path)) };
};
