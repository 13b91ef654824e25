// What is odd about a column.
import { type DatasetColumn, isTemporal, isText } from '../datasets/dataset-name.js';
import type { Finding } from './profile-contract.js';

/** The answers to {@link columnStatistics} as numbers; what was not asked is not there. */
export type Statistics = Readonly<Record<string, unknown>>;

export const countIn = (statistics: Statistics, name: string): number => Number(statistics[name] ?? 0);

const inWords = (count: number): string => count.toLocaleString('en');
const share = (part: number, all: number): string => `${((part / all) * 100).toFixed(part === all ? 0 : 1)} %`;

/** From so large a share of the texts on a column is called one of numbers. */
const mostly = 0.9;

const textFindings = (name: string, statistics: Statistics): Finding[] => {
  const filled = countIn(statistics, 'filled');
  const [numbers, dates, blanks, empty] = ['numbers', 'dates', 'blanks', 'empty'].map((one) =>
    countIn(statistics, one),
  ) as [number, number, number, number];
  const found: Finding[] = [];
  if (filled > 0 && numbers >= mostly * filled) {
    found.push({
      column: name,
      code: 'numbers_as_text',
      rows: numbers,
      message: `${share(numbers, filled)} of the texts are numbers`,
    });
  }
  if (filled > 0 && dates >= mostly * filled) {
    found.push({
      column: name,
      code: 'dates_as_text',
      rows: dates,
      message: `${share(dates, filled)} of the texts are dates`,
    });
  }
  if (blanks > 0)
    found.push({
      column: name,
      code: 'blanks_around',
      rows: blanks,
      message: `${inWords(blanks)} texts begin or end with blanks`,
    });
  if (empty > 0)
    found.push({
      column: name,
      code: 'empty_texts',
      rows: empty,
      message: `${inWords(empty)} texts are empty, which is not NULL`,
    });
  return found;
};

const dateFindings = (name: string, statistics: Statistics): Finding[] => {
  const kinds = [
    ['before1900', 'before 1900'],
    ['first1900', 'on 1900-01-01, which often means unknown'],
    ['epoch', 'on 1970-01-01 at midnight, which often means unknown'],
    ['ahead', 'more than ten years ahead'],
  ] as const;
  return kinds.flatMap(([key, words]): Finding[] => {
    const rows = countIn(statistics, key);
    return rows === 0
      ? []
      : [{ column: name, code: 'suspicious_dates', rows, message: `${inWords(rows)} are ${words}` }];
  });
};

/** What is odd about a column of `rows` rows. */
export const findingsOf = (column: DatasetColumn, rows: number, statistics: Statistics): Finding[] => {
  const { name } = column;
  const nulls = countIn(statistics, 'nulls');
  if (rows > 0 && nulls === rows) return [{ column: name, code: 'all_null', rows, message: 'There is no value' }];
  const found: Finding[] = [];
  if (nulls * 2 > rows)
    found.push({
      column: name,
      code: 'mostly_null',
      rows: nulls,
      message: `${share(nulls, rows)} of the rows have no value`,
    });
  if (rows > 1 && nulls === 0 && countIn(statistics, 'distinct') === 1) {
    found.push({ column: name, code: 'constant', rows: rows - nulls, message: 'There is one value only' });
  }
  const unreal = countIn(statistics, 'unreal');
  if (unreal > 0)
    found.push({
      column: name,
      code: 'not_finite',
      rows: unreal,
      message: `${inWords(unreal)} are NaN or infinite, and count in no other figure`,
    });
  if (isText(column)) found.push(...textFindings(name, statistics));
  if (isTemporal(column)) found.push(...dateFindings(name, statistics));
  return found;
};
