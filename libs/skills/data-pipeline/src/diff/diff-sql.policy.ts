// The difference of two Parquet files as SQL.
import { asJson, quotedName, quotedText } from '@pulser/data-sandbox';

import type { DatasetColumn } from '../datasets/dataset-name.js';

/** Two columns of one name. */
export interface Pair {
  readonly from: DatasetColumn;
  readonly to: DatasetColumn;
}

/** What is compared. */
export interface Comparison {
  readonly fromPath: string;
  readonly toPath: string;
  readonly key: readonly Pair[];
  /** The other columns that both have. */
  readonly values: readonly Pair[];
}

const fileOf = (path: string): string => `read_parquet(${quotedText(path)})`;

const isRetyped = ({ from, to }: Pair): boolean => from.type !== to.type;

/** A value of one side, as text where the sides have different types. */
const valueOf = (side: 'a' | 'b', pair: Pair): string => {
  const name = `${side}.${quotedName(side === 'a' ? pair.from.name : pair.to.name)}`;
  return isRetyped(pair) ? `${name}::VARCHAR` : name;
};

const typeOf = (pair: Pair): string => (isRetyped(pair) ? 'VARCHAR' : pair.to.type);

const differs = (pair: Pair): string => `${valueOf('a', pair)} IS DISTINCT FROM ${valueOf('b', pair)}`;

/** Rows of both files side by side; `"in from"`, `"in to"` say where a row is. NULLs in a key equal each other. */
const joined = ({ fromPath, toPath, key }: Comparison): string => {
  const on = key.map((pair) => `${valueOf('a', pair)} IS NOT DISTINCT FROM ${valueOf('b', pair)}`).join(' AND ');
  return `(SELECT true AS "in from", * FROM ${fileOf(fromPath)}) AS a FULL OUTER JOIN (SELECT true AS "in to", * FROM ${fileOf(toPath)}) AS b ON ${on}`;
};

const isAdded = 'a."in from" IS NULL';
const isRemoved = 'b."in to" IS NULL';
const inBoth = 'a."in from" AND b."in to"';
const isChanged = ({ values }: Comparison): string => `${inBoth} AND (${values.map(differs).join(' OR ') || 'false'})`;

/** Rows that share their key with another row of the file. */
export const repeatedKeys = (path: string, key: readonly DatasetColumn[]): string => {
  const columns = key.map(({ name }) => quotedName(name)).join(', ');
  return `SELECT coalesce(sum(n), 0)::BIGINT, any_value(k) FROM (SELECT count(*) AS n, to_json({${key.map(({ name }) => `${quotedText(name)}: ${quotedName(name)}`).join(', ')}}) AS k FROM ${fileOf(path)} GROUP BY ${columns} HAVING count(*) > 1)`;
};

/** Counts: added, removed, changed, then changes of each value column. */
export const keyedCounts = (comparison: Comparison): string => {
  const changes = comparison.values.map((pair) => `count(*) FILTER (WHERE ${inBoth} AND ${differs(pair)})`);
  const counts = [
    `count(*) FILTER (WHERE ${isAdded})`,
    `count(*) FILTER (WHERE ${isRemoved})`,
    `count(*) FILTER (WHERE ${isChanged(comparison)})`,
    ...changes,
  ];
  return `SELECT ${counts.join(', ')} FROM ${joined(comparison)}`;
};

const asStruct = (fields: readonly (readonly [name: string, value: string])[]): string =>
  fields.length === 0 ? 'NULL' : `{${fields.map(([name, value]) => `${quotedText(name)}: ${value}`).join(', ')}}`;

const rowOf = (side: 'a' | 'b', columns: readonly DatasetColumn[]): string =>
  asStruct(columns.map(({ name, type }) => [name, asJson(`${side}.${quotedName(name)}`, type)]));

const keyOf = ({ key }: Comparison): string =>
  asStruct(
    key.map((pair) => [pair.to.name, asJson(`coalesce(${valueOf('b', pair)}, ${valueOf('a', pair)})`, typeOf(pair))]),
  );

/** The changed values of a row as JSON, without those that are equal. */
const changesOf = ({ values }: Comparison): string => {
  const parts = values.map(
    (pair) =>
      `CASE WHEN ${differs(pair)} THEN {'column': ${quotedText(pair.to.name)}, 'from': ${asJson(valueOf('a', pair), typeOf(pair))}, 'to': ${asJson(valueOf('b', pair), typeOf(pair))}} END`,
  );
  return parts.length === 0 ? 'NULL' : `list_filter([${parts.join(', ')}], lambda x: x IS NOT NULL)`;
};

/**
 * Every difference as a row: `kind` added, removed or changed; `row` of an added or removed one; `key` and `changes` of a
 * changed one. In no order.
 */
export const keyedDifferences = (
  comparison: Comparison,
  from: readonly DatasetColumn[],
  to: readonly DatasetColumn[],
): string => {
  const source = joined(comparison);
  return [
    `SELECT 'added' AS kind, to_json(${rowOf('b', to)}) AS row, NULL::JSON AS key, NULL::JSON AS changes FROM ${source} WHERE ${isAdded}`,
    `SELECT 'removed', to_json(${rowOf('a', from)}), NULL::JSON, NULL::JSON FROM ${source} WHERE ${isRemoved}`,
    `SELECT 'changed', NULL::JSON, to_json(${keyOf(comparison)}), to_json(${changesOf(comparison)}) FROM ${source} WHERE ${isChanged(comparison)}`,
  ].join(' UNION ALL ');
};

const commonOf = (path: string, side: 'from' | 'to', pairs: readonly Pair[]): string =>
  `SELECT ${pairs.map((pair) => `${quotedName(pair[side].name)}${isRetyped(pair) ? '::VARCHAR' : ''} AS ${quotedName(pair.to.name)}`).join(', ')} FROM ${fileOf(path)}`;

/** Rows of one file that the other has not, or has not as often: over the columns that both have. */
const surplus = ({ fromPath, toPath, values }: Comparison, kind: 'added' | 'removed'): string => {
  const [from, to] = [commonOf(fromPath, 'from', values), commonOf(toPath, 'to', values)];
  return kind === 'added' ? `(${to} EXCEPT ALL ${from})` : `(${from} EXCEPT ALL ${to})`;
};

export const wholeCounts = (comparison: Comparison): string =>
  `SELECT (SELECT count(*) FROM ${surplus(comparison, 'added')}), (SELECT count(*) FROM ${surplus(comparison, 'removed')})`;

const surplusRow = ({ values }: Comparison): string =>
  asStruct(values.map((pair) => [pair.to.name, asJson(`s.${quotedName(pair.to.name)}`, typeOf(pair))]));

export const wholeDifferences = (comparison: Comparison): string =>
  (['added', 'removed'] as const)
    .map(
      (kind) =>
        `SELECT '${kind}' AS kind, to_json(${surplusRow(comparison)}) AS row, NULL::JSON AS key, NULL::JSON AS changes FROM ${surplus(comparison, kind)} AS s`,
    )
    .join(' UNION ALL ');
