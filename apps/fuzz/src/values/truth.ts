// What a written cell means, and whether what was read means the same.

/** The meaning of a cell. Numbers, dates and times in the canonical forms below. */
export type Truth =
  | { readonly kind: 'nothing' }
  /** Words, codes, ids: only the written text is right. */
  | { readonly kind: 'text' }
  | { readonly kind: 'number'; readonly exact: string }
  /** `2024-02-29` */
  | { readonly kind: 'date'; readonly iso: string }
  /** `2024-02-29T10:00:00.5`, in UTC with a Z when a zone was written. */
  | { readonly kind: 'timestamp'; readonly iso: string }
  /** `10:00:00.5` */
  | { readonly kind: 'time'; readonly iso: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** An array or an object of a JSON file. */
  | { readonly kind: 'nested'; readonly value: unknown };

/** A cell of a file. */
export interface Cell {
  /** The text in the file, without quotes and escapes; undefined where nothing was written. */
  readonly written: string | undefined;
  readonly truth: Truth;
  /** The JSON literal, in JSON files. */
  readonly literal?: string;
}

/** How a right cell came back. */
export type Reading = 'typed' | 'text' | 'null';

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** A decimal number without what does not change its value: `-1.50e2` is `-15e1`. Undefined when the text is none. */
export const exactNumber = (text: string): string | undefined => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  if (whole + fraction === '') return undefined;
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0e0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
};

/** A date and time without zeros at the end of the fraction. */
export const exactTime = (iso: string): string => iso.replace(/(\.\d*?)0+(Z?)$/, '$1$2').replace(/\.(Z?)$/, '$1');

const sameNumber = (exact: string, read: unknown): boolean =>
  (typeof read === 'number' || typeof read === 'string') && exactNumber(String(read)) === exact;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Equal as JSON; a member that is null is the same as none. */
export const sameJson = (one: unknown, other: unknown): boolean => {
  if (!isObject(one) || !isObject(other)) return (one ?? null) === (other ?? null);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one) && one.length !== (other as unknown as unknown[]).length) return false;
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => sameJson(one[key], other[key]));
};

const parsed = (text: unknown): unknown => {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const sameValue = (truth: Truth, read: unknown): boolean => {
  switch (truth.kind) {
    case 'nothing':
    case 'text':
      return false;
    case 'number':
      return sameNumber(truth.exact, read);
    case 'date':
      return read === truth.iso;
    case 'timestamp':
    case 'time':
      return typeof read === 'string' && exactTime(read) === truth.iso;
    case 'boolean':
      return read === truth.value;
    case 'nested':
      return sameJson(truth.value, read);
  }
};

/** JSON has no written form of a value that is kept as text: any text of the same value is right. */
const sameText = (cell: Cell, read: unknown): boolean => {
  if (read === cell.written) return true;
  if (cell.literal === undefined) return false;
  const { truth } = cell;
  if (truth.kind === 'number') return sameNumber(truth.exact, read);
  return truth.kind === 'nested' && sameJson(truth.value, parsed(read));
};

/**
 * How a cell was read; undefined when it was read wrong.
 * @param type the SQL type of its column
 * @param read the JSON value of the result
 */
export const readingOf = (cell: Cell, type: string, read: unknown): Reading | undefined => {
  // A quoted nothing may be read as an empty text or as nothing.
  if (read === null) return cell.truth.kind === 'nothing' || cell.written === '' ? 'null' : undefined;
  if (type === 'VARCHAR' || type === 'JSON') {
    if (cell.written !== undefined && sameText(cell, read)) return 'text';
    return type === 'JSON' && sameValue(cell.truth, read) ? 'typed' : undefined;
  }
  if (sameValue(cell.truth, read)) return 'typed';
  // UUID, TIME and the like are strings in the result.
  return cell.truth.kind === 'text' && read === cell.written ? 'text' : undefined;
};
