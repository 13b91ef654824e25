// Labels that tell distinct cells apart.

import { type Json, labelOf } from './table.policy.js';
import { shorten, textWidth } from './text-width.policy.js';

const clear = /^(?! )(?:[!-~]| (?! ))*$/;

/** So much of a long label is compared: its beginning, and its end with the number that may stand there. */
const [comparedStart, comparedEnd] = [200, 100];

const compared = (text: string): string =>
  text.length <= comparedStart + comparedEnd ? text : text.slice(0, comparedStart) + text.slice(-comparedEnd);

/** How a text looks when it is drawn: white space collapses, other invisible characters vanish. */
const lookOf = (text: string): string => {
  const some = compared(text);
  if (clear.test(some)) return some.trimEnd();
  return some
    .normalize()
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{Default_Ignorable_Code_Point}|\p{C}/gu, '')
    .trim();
};

/** A label for those that look like others; `at` is its place in the list. */
type Rewrite = (at: number, label: string) => string;

const rewriteAlike = (labels: readonly string[], rewrite: Rewrite): readonly string[] => {
  const looks = labels.map(lookOf);
  const counts = new Map<string, number>();
  for (const look of looks) counts.set(look, (counts.get(look) ?? 0) + 1);
  if (counts.size === labels.length) return labels;
  return labels.map((label, at) => ((counts.get(looks[at] ?? '') ?? 0) > 1 ? rewrite(at, label) : label));
};

const maxTail = 12;

const numbered: Rewrite = (at, label) => `${label} #${at + 1}`;

/**
 * Labels no two of which look alike: those that do are rewritten in one way after the other, and numbered if they still do.
 */
export const tellApart = (labels: readonly string[], ...rewrites: readonly Rewrite[]): string[] => {
  let told = rewrites.reduce(rewriteAlike, labels);
  // A number may make a label look like one that has such an end by nature.
  for (let next = rewriteAlike(told, numbered); next !== told; next = rewriteAlike(told, numbered)) told = next;
  return [...told];
};

const escaped = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

// All that could look like something else: invisible characters, marks, and all spaces but single ones.
const unclear = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]|(?! )\s|(?<= ) /gu;

/** A text in quotes, as exactly as a literal. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll(unclear, escaped);

/** What tells a cell from every other one of its column. */
export const keyOf = (cell: Json | undefined): string => JSON.stringify(cell ?? null);

/** The label of each key: as {@link labelOf}, in quotes where that would look like another one's. */
export const labelsByKey = (cells: Iterable<Json | undefined>): ReadonlyMap<string, string> => {
  const distinct = new Map([...cells].map((cell) => [keyOf(cell), cell]));
  const all = [...distinct.values()];
  const labels = tellApart(all.map(labelOf), (at, label) => {
    const cell = all[at];
    return typeof cell === 'string' ? quoted(cell) : label;
  });
  return new Map([...distinct.keys()].map((key, at) => [key, labels[at] ?? '']));
};

/** Its beginning and its end, half of the room each. */
const middle = (text: string, fontSize: number, maxWidth: number): string => {
  // Twice as many UTF-16 units, and none of them half a character.
  const chars = Array.from(text.slice(-2 * maxTail)).slice(-maxTail);
  while (chars.length > 1 && textWidth(chars.join(''), fontSize) > maxWidth / 2) chars.shift();
  const tail = chars.join('');
  return `${shorten(text, fontSize, maxWidth - textWidth(tail, fontSize))}${tail}`;
};

/** Shortens labels; those that would look alike keep their ends too, or get a number. */
export const shortenAll = (labels: readonly string[], fontSize: number, maxWidth: number): string[] => {
  const wanted = (width: number): string[] => labels.map((label) => shorten(label, fontSize, width));
  const short = wanted(maxWidth);
  const number = ` #${labels.length}`;
  const bare = maxWidth - textWidth(number, fontSize);
  return tellApart(
    short,
    (at) => middle(labels[at] ?? '', fontSize, maxWidth),
    (at) => numbered(at, shorten(labels[at] ?? '', fontSize, bare)),
  );
};
