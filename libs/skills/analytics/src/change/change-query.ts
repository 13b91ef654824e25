// The statement that adds up both sides of a comparison for each value of each dimension, in DuckDB's DECIMAL.
import type { ExplainChangeInput, Metric, Side } from './explain-change-contract.js';
import { amountScale } from './exact-decimal.policy.js';

/** Values of a dimension that are added up one by one; those with the smallest changes beyond them as one. */
export const maxValues = 1_000;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

const isIn = (column: string, side: Side): string =>
  typeof side === 'object'
    ? `(${quoted(column)} >= ${literal(side.from)} AND ${quoted(column)} < ${literal(side.to)})`
    : `(${quoted(column)} = ${literal(side)})`;

/** By way of its text: a double of a few digits has exactly these as a decimal. */
const exact = (column: string): string => `TRY_CAST(CAST(${quoted(column)} AS VARCHAR) AS DECIMAL(38, ${amountScale}))`;

interface Amounts {
  /** SQL of the amount, and of the amount that divides it. */
  readonly amount: string;
  readonly divisor: string;
  readonly columns: readonly string[];
}

const amountsOf = (metric: Metric): Amounts => {
  switch (metric.kind) {
    case 'sum':
      return { amount: exact(metric.column), divisor: '0', columns: [metric.column] };
    case 'count':
      return { amount: '1', divisor: '0', columns: [] };
    case 'ratio': {
      const { numerator, denominator } = metric;
      return { amount: exact(numerator), divisor: exact(denominator), columns: [numerator, denominator] };
    }
  }
};

const any = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'false' : conditions.map((condition) => `coalesce(${condition}, false)`).join(' OR ');

const sums = `
  coalesce(sum(amount) FILTER (is_before), 0) AS amount_before, coalesce(sum(amount) FILTER (is_after), 0) AS amount_after,
  coalesce(sum(divisor) FILTER (is_before), 0) AS divisor_before, coalesce(sum(divisor) FILTER (is_after), 0) AS divisor_after,
  count(*) FILTER (is_before) AS rows_before, count(*) FILTER (is_after) AS rows_after`;

const decimal = `DECIMAL(38, ${amountScale})`;

/** What the statement puts before the SQL of the task. */
export const prefix = 'WITH data AS (\n';

const withoutEnd = (sql: string): string => {
  let end = sql.length;
  while (end > 0 && /[;\s]/.test(sql[end - 1] ?? '')) end -= 1;
  return sql.slice(0, end);
};

// How much a value matters decides only whether it is added up by itself: a double will do.
const weight = (kind: Metric['kind']): string =>
  kind === 'ratio'
    ? `abs(amount_after::DOUBLE / nullif((SELECT divisor_after FROM whole), 0)::DOUBLE - amount_before::DOUBLE / nullif((SELECT divisor_before FROM whole), 0)::DOUBLE)`
    : 'abs(amount_after - amount_before)::DOUBLE';

/**
 * The first row is the whole, with the facts of the rows as JSON in `value`; the others are the values of the dimensions.
 * Columns: dimension, value, is_rest, count, then the sums above.
 */
export const changeQuery = ({ sql, compare, metric, dimensions }: ExplainChangeInput): string => {
  const { amount, divisor, columns } = amountsOf(metric);
  const [before, after] = [isIn(compare.column, compare.before), isIn(compare.column, compare.after)];
  const unreadable = any(columns.map((column) => `${quoted(column)} IS NOT NULL AND ${exact(column)} IS NULL`));
  const missing = any(columns.map((column) => `${quoted(column)} IS NULL`));
  const rounded = any(
    columns.map((column) => `TRY_CAST(${quoted(column)} AS DOUBLE) <> CAST(${exact(column)} AS DOUBLE)`),
  );
  const named = dimensions.map((name, at) => `CAST(${quoted(name)} AS VARCHAR) AS value${at}`);
  const parts = dimensions.map(
    (_, at) =>
      `SELECT ${at} AS dimension, value${at} AS value, ${sums} FROM base WHERE is_before OR is_after GROUP BY value${at}`,
  );
  return `${prefix}${withoutEnd(sql)}
), base AS MATERIALIZED (
  SELECT coalesce(${before}, false) AS is_before, coalesce(${after}, false) AS is_after,
    CAST(${amount} AS ${decimal}) AS amount, CAST(${divisor} AS ${decimal}) AS divisor,
    ${unreadable} AS is_unreadable, ${missing} AS is_missing, ${rounded} AS is_rounded, ${named.join(', ')}
  FROM data
), whole AS (
  SELECT ${sums}, count(*) FILTER (NOT is_before AND NOT is_after) AS neither, count(*) FILTER (is_before AND is_after) AS in_both,
    count(*) FILTER (is_unreadable AND (is_before OR is_after)) AS unreadable,
    count(*) FILTER (is_missing AND (is_before OR is_after)) AS missing,
    count(*) FILTER (is_rounded AND (is_before OR is_after)) AS rounded
  FROM base
), parts AS (
  ${parts.join('\n  UNION ALL ')}
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY dimension ORDER BY ${weight(metric.kind)} DESC NULLS LAST, value) > ${maxValues} AS is_rest
  FROM parts
), listed AS (
  SELECT dimension, CASE WHEN NOT is_rest THEN value END AS value, is_rest, count(*) AS values,
    sum(amount_before) AS amount_before, sum(amount_after) AS amount_after,
    sum(divisor_before) AS divisor_before, sum(divisor_after) AS divisor_after,
    sum(rows_before)::BIGINT AS rows_before, sum(rows_after)::BIGINT AS rows_after
  FROM ranked GROUP BY ALL
)
SELECT -1 AS dimension,
  to_json({ neither: neither, in_both: in_both, unreadable: unreadable, missing: missing, rounded: rounded })::VARCHAR AS value,
  false AS is_rest, 1 AS values, amount_before, amount_after, divisor_before, divisor_after, rows_before, rows_after
FROM whole
UNION ALL
SELECT dimension, value, is_rest, values, amount_before, amount_after, divisor_before, divisor_after, rows_before, rows_after
FROM listed
ORDER BY dimension`;
};
