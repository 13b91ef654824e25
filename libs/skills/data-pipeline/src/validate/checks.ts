// Each rule as a check: what it counts, and which rows it shows.
import { quotedName, quotedText } from '@pulser/data-sandbox';

import type { DatasetColumn } from '../datasets/dataset-name.js';

/** Rows of a Parquet file with their number in `row_number`, from 1. */
export const numberedRows = (path: string): string =>
  `(SELECT file_row_number + 1 AS "row number", * EXCLUDE (file_row_number) FROM read_parquet(${quotedText(path)}, file_row_number = true))`;

/** Counts of a rule: one row with `checked` and `failures`. */
export interface Check {
  readonly counts: string;
  /** A row for each of the first rows that break it: its number, then the columns. */
  readonly samples?: string;
}

const listOf = (columns: readonly DatasetColumn[]): string => columns.map(({ name }) => quotedName(name)).join(', ');

const sampleOf = (rows: string, condition: string, columns: readonly DatasetColumn[], limit: number): string =>
  `SELECT "row number", ${listOf(columns)} FROM ${rows} WHERE ${condition} ORDER BY 1 LIMIT ${limit}`;

const present = (columns: readonly DatasetColumn[]): string =>
  columns.map(({ name }) => `${quotedName(name)} IS NOT NULL`).join(' AND ');

/** What a check sees. */
export interface Scene {
  /** As {@link numberedRows} has them. */
  readonly rows: string;
  readonly shown: (columns: readonly DatasetColumn[]) => readonly DatasetColumn[];
  readonly limit: number;
}

/** Of a condition on single rows. */
export const rowCheck = (
  { rows, shown, limit }: Scene,
  column: DatasetColumn,
  broken: string,
  looksAtNulls: boolean,
): Check => {
  const checked = looksAtNulls ? 'count(*)' : `count(${quotedName(column.name)})`;
  return {
    counts: `SELECT ${checked}, count(*) FILTER (WHERE ${broken}) FROM ${rows}`,
    samples: sampleOf(rows, broken, shown([column]), limit),
  };
};

/** Of rows that share their values in some columns with another row. */
export const uniqueCheck = ({ rows, shown, limit }: Scene, columns: readonly DatasetColumn[]): Check => {
  const key = listOf(columns);
  const twice = `SELECT ${key}, count(*) AS "times" FROM ${rows} WHERE ${present(columns)} GROUP BY ${key}`;
  const again = `SELECT ${key} FROM (${twice}) WHERE "times" > 1`;
  return {
    counts: `SELECT coalesce(sum("times"), 0)::BIGINT, coalesce(sum("times") FILTER (WHERE "times" > 1), 0)::BIGINT FROM (${twice})`,
    samples: `SELECT "row number", ${listOf(shown(columns))} FROM ${rows} SEMI JOIN (${again}) USING (${key}) ORDER BY ${key}, 1 LIMIT ${limit}`,
  };
};

/** Of rows whose values are not in another dataset. @param target its Parquet file */
export const referenceCheck = (
  { rows, shown, limit }: Scene,
  columns: readonly DatasetColumn[],
  target: { readonly path: string; readonly columns: readonly DatasetColumn[] },
): Check => {
  const on = columns
    .map(({ name }, index) => `here.${quotedName(name)} = there.${quotedName(target.columns[index]?.name ?? '')}`)
    .join(' AND ');
  const lost = `FROM (SELECT * FROM ${rows} WHERE ${present(columns)}) AS here ANTI JOIN read_parquet(${quotedText(target.path)}) AS there ON ${on}`;
  return {
    counts: `SELECT (SELECT count(*) FROM ${rows} WHERE ${present(columns)}), (SELECT count(*) ${lost})`,
    samples: `SELECT "row number", ${listOf(shown(columns))} ${lost} ORDER BY 1 LIMIT ${limit}`,
  };
};
