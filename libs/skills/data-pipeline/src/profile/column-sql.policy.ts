// What is asked about each column, as SQL.
import { quotedName } from '@pulser/data-sandbox';

import { type DatasetColumn, isNested, isNumeric, isTemporal, isText } from '../datasets/dataset-name.js';

/** Beyond so many rows distinct values and quantiles are estimated (HyperLogLog, t-digest): exact ones need all values. */
export const exactUpTo = 2_000_000;

export const quantileShares = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

const isFloat = ({ type }: DatasetColumn): boolean => type === 'FLOAT' || type === 'DOUBLE';

// A number as people write it, also with separators of thousands and a comma for a point. RE2 is linear.
const numberLike = String.raw`^\s*[+-]?(\d+([.,]\d+)?|\d{1,3}([., ]\d{3})+([.,]\d+)?)([eE][+-]?\d+)?\s*$`;
const dateLike = String.raw`^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([T ]\d{1,2}:\d{2}.*)?\s*$`;

const textFields = (name: string): readonly string[] => [
  `'shortest': min(length(${name}))`,
  `'longest': max(length(${name}))`,
  `'empty': count(*) FILTER (WHERE ${name} = '')`,
  `'blanks': count(*) FILTER (WHERE ${name} <> trim(${name}))`,
  `'numbers': count(*) FILTER (WHERE regexp_matches(${name}, '${numberLike}'))`,
  `'dates': count(*) FILTER (WHERE regexp_matches(${name}, '${dateLike}'))`,
  `'filled': count(*) FILTER (WHERE trim(${name}) <> '')`,
];

/** Beyond this the squares of doubles are infinite, and DuckDB would fail. */
const squarable = '1e150';

const deviation = (column: DatasetColumn): string => {
  const name = quotedName(column.name);
  if (!isFloat(column)) return `stddev_samp(${name})`;
  const small = `isfinite(${name}) AND abs(${name}) < ${squarable}`;
  const isLarge = `isfinite(${name}) AND abs(${name}) >= ${squarable}`;
  return `CASE WHEN count(*) FILTER (WHERE ${isLarge}) = 0 THEN stddev_samp(${name}) FILTER (WHERE ${small}) END`;
};

const numberFields = (column: DatasetColumn, exact: boolean): readonly string[] => {
  const name = quotedName(column.name);
  const real = isFloat(column) ? ` FILTER (WHERE isfinite(${name}))` : '';
  const shares = `[${quantileShares.join(', ')}]`;
  return [
    // A sum beyond what a double holds is no number.
    `'mean': CASE WHEN isfinite(avg(${name})${real}) THEN avg(${name})${real} END`,
    `'stddev': ${deviation(column)}`,
    `'quantiles': ${exact ? `quantile_cont(${name}, ${shares})` : `approx_quantile(${name}, ${shares})`}${real}`,
    ...(isFloat(column) ? [`'unreal': count(*) FILTER (WHERE NOT isfinite(${name}))`] : []),
  ];
};

// Days that stand for "unknown" in many programs, and days that can hardly be meant.
const dateFields = (name: string): readonly string[] => [
  `'before1900': count(*) FILTER (WHERE ${name} < TIMESTAMP '1900-01-01')`,
  `'epoch': count(*) FILTER (WHERE ${name} = TIMESTAMP '1970-01-01')`,
  `'first1900': count(*) FILTER (WHERE ${name} = TIMESTAMP '1900-01-01')`,
  `'ahead': count(*) FILTER (WHERE ${name} > current_timestamp::TIMESTAMP + INTERVAL 10 YEAR)`,
];

/** A struct of everything about a column. */
export const columnStatistics = (column: DatasetColumn, exact: boolean): string => {
  const name = quotedName(column.name);
  const finite = isFloat(column) ? ` FILTER (WHERE isfinite(${name}))` : '';
  const simple = [
    `'nulls': count(*) - count(${name})`,
    ...(isNested(column)
      ? []
      : [
          `'distinct': ${exact ? `count(DISTINCT ${name})` : `approx_count_distinct(${name})`}`,
          `'min': min(${name})${finite}`,
          `'max': max(${name})${finite}`,
        ]),
  ];
  const special = isText(column)
    ? textFields(name)
    : isNumeric(column)
      ? numberFields(column, exact)
      : isTemporal(column)
        ? dateFields(`${name}::TIMESTAMP`)
        : [];
  return `{${[...simple, ...special].join(', ')}}`;
};

/** The values of most rows; of equal ones the smaller first. */
export const topValues = (column: DatasetColumn, rows: string, limit: number): string => {
  const name = quotedName(column.name);
  return `SELECT ${name}, count(*) AS "rows" FROM ${rows} WHERE ${name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${limit}`;
};

export const bins = 20;

/** Rows in each of equal ranges between the least and the greatest value: number of the range, rows. */
export const histogram = (column: DatasetColumn, rows: string): string => {
  const name = `${quotedName(column.name)}::DOUBLE`;
  return `WITH v AS (SELECT ${name} AS v FROM ${rows} WHERE isfinite(${name})), b AS (SELECT min(v) AS low, max(v) AS high FROM v)
    SELECT least(${bins - 1}, floor((v / 2 - low / 2) / nullif(high / 2 - low / 2, 0) * ${bins}))::INTEGER AS bin, count(*) AS "rows" FROM v, b GROUP BY 1 ORDER BY 1`;
};
