// The query of a URL as the state of a page: plain names and texts that people can read, type and share.

export type SearchRecord = Readonly<Record<string, string>>;

/** The query as texts; of a name that comes twice, the last counts. */
export const parseSearch = (text: string): SearchRecord => Object.fromEntries(new URLSearchParams(text));

type SearchValue = string | number | boolean | readonly string[] | undefined | null;

/** The query of these values with its question mark; what is undefined, false or empty is left out, lists are joined by commas. */
export const stringifySearch = (search: Readonly<Record<string, unknown>>): string => {
  const entries = Object.entries(search as Readonly<Record<string, SearchValue>>).flatMap(([name, value]) => {
    if (value === undefined || value === null || value === false) return [];
    const text = Array.isArray(value) ? value.join(',') : String(value);
    return text === '' ? [] : [[name, text]];
  });
  const text = new URLSearchParams(entries).toString();
  return text === '' ? '' : `?${text}`;
};

/** A text of at most so many characters; undefined when there is none. */
export const textOf = (value: unknown, maxLength = 500): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, maxLength) : undefined;

/** One of these words; undefined for anything else. */
export const oneOf = <T extends string>(value: unknown, words: readonly T[]): T | undefined =>
  words.find((word) => word === value);

/** Words between commas, each once; those that are none of `words` are dropped. */
export const someOf = <T extends string>(value: unknown, words: readonly T[]): readonly T[] =>
  words.filter((word) => listOf(value).includes(word));

/** Texts between commas, each once. */
export const listOf = (value: unknown): readonly string[] => {
  const parts: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return [...new Set(parts.filter((part): part is string => typeof part === 'string' && part !== ''))];
};

/** A whole number between these two; undefined for anything else. */
export const wholeOf = (value: unknown, least: number, most: number): number | undefined => {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
    ? number
    : undefined;
};

/** Whether a switch is on: `true` or `1`. */
export const isOn = (value: unknown): boolean => value === true || value === 'true' || value === '1';
