// The sentences of a text with their places. By Unicode's rules (UAX 29, `Intl.Segmenter`), which know no abbreviations, take
// each line for a paragraph, and take a heading together with nothing: what a text with broken lines needs is done here.

export interface Sentence {
  readonly text: string;
  /** Offset of its first character in the text, in UTF-16 code units, as `slice` takes it. */
  readonly start: number;
  /** Offset after its last one. */
  readonly end: number;
}

const abbreviations = new Set([
  ...[
    'mr',
    'mrs',
    'ms',
    'dr',
    'prof',
    'sr',
    'jr',
    'st',
    'no',
    'nos',
    'vs',
    'fig',
    'figs',
    'eq',
    'sec',
    'ch',
    'vol',
    'pp',
    'ed',
  ],
  ...[
    'inc',
    'ltd',
    'corp',
    'co',
    'dept',
    'approx',
    'e.g',
    'i.e',
    'cf',
    'al',
    'gen',
    'col',
    'lt',
    'gov',
    'sen',
    'rep',
    'rev',
    'u.s',
    'u.k',
  ],
]);

/** Whether a piece ends with a point that ends no sentence: of an abbreviation, or of an initial. */
const endsInside = (piece: string): boolean => {
  const trimmed = piece.trimEnd();
  if (!trimmed.endsWith('.')) return false;
  const word =
    trimmed
      .slice(Math.max(0, trimmed.length - 20), -1)
      .split(/[\s([{"']/)
      .at(-1) ?? '';
  return abbreviations.has(word.toLowerCase()) || /^\p{Lu}$/u.test(word);
};

const startsItem = /^[ \t]*(?:[-*+•#>|]|\d{1,3}[.)])/;

/** Line breaks within a paragraph as blanks, so that every character keeps its place. */
const unwrapped = (text: string): string => {
  const lines = text.split('\n');
  let joined = lines[0] ?? '';
  for (let at = 1; at < lines.length; at += 1) {
    const [before = '', line = ''] = [lines[at - 1], lines[at]];
    const breaks = before.trim() === '' || line.trim() === '' || startsItem.test(line) || /^[ \t]*#/.test(before);
    joined += (breaks ? '\n' : ' ') + line;
  }
  return joined.replaceAll('\r', ' ');
};

const trimmed = (text: string, start: number, end: number): Sentence => {
  const piece = text.slice(start, end);
  const from = start + piece.length - piece.trimStart().length;
  const to = start + piece.trimEnd().length;
  return { text: text.slice(from, to), start: from, end: Math.max(from, to) };
};

/**
 * @param locale BCP 47, such as `en`
 * @throws RangeError when it is none
 */
export const sentencesOf = (text: string, locale: string): Sentence[] => {
  const sentences: Sentence[] = [];
  const segments = new Intl.Segmenter(locale, { granularity: 'sentence' }).segment(unwrapped(text));
  let start: number | undefined;
  for (const { segment, index } of segments) {
    start ??= index;
    if (endsInside(segment) && !segment.includes('\n')) continue;
    sentences.push(trimmed(text, start, index + segment.length));
    start = undefined;
  }
  if (start !== undefined) sentences.push(trimmed(text, start, text.length));
  return sentences.filter((one) => one.text !== '');
};

const words = /\p{L}[\p{L}\p{M}'’-]*/gu;

/** Whether it says something by itself: headings, rows of tables and crumbs do not. */
export const isTelling = ({ text }: Sentence): boolean => {
  const letters = text.replaceAll(/[^\p{L}]/gu, '').length;
  const enough = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text)
    ? letters >= 8
    : (text.match(words)?.length ?? 0) >= 5;
  return enough && letters >= text.length / 2 && !/^\s*(?:#|\|)/.test(text);
};
