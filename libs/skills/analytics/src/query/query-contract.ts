// Input, example and result of the operation `query`.
import { Chart } from '@pulser/charts';
import { Source } from '@pulser/data-sandbox';
import { ReadReport } from '@pulser/tabular';
import { z } from 'zod';

export const maxSources = 20;
export const maxRows = 10_000;

// DuckDB folds the case of names.
const distinct = (sources: readonly Source[]): boolean =>
  new Set(sources.map(({ name }) => name.toLowerCase())).size === sources.length;

export const QueryInput = z.strictObject({
  operation: z.literal('query'),
  sources: z
    .array(Source)
    .max(maxSources)
    .refine(distinct, 'Two sources have the same name')
    .meta({ description: 'The tables that the SQL can read, in the payload or datasets; nothing else can be read' }),
  sql: z
    .string()
    .trim()
    .min(1)
    .max(100_000)
    .meta({ description: 'One statement in the SQL dialect of DuckDB, which returns rows' }),
  max_rows: z.int().min(1).max(maxRows).default(1_000).meta({ description: 'How many rows the result keeps' }),
  chart: Chart.optional().meta({ description: 'Draws the result as chart.svg and chart.png' }),
});
export type QueryInput = z.infer<typeof QueryInput>;

/** The example of the operation in the API documentation; its chart is a good first picture. */
export const example: z.input<typeof QueryInput> = {
  operation: 'query',
  sources: [
    {
      name: 'orders',
      format: 'csv',
      content: [
        'day,region,amount',
        '2026-01-12,North,1200',
        '2026-01-20,South,860',
        '2026-02-03,North,990',
        '2026-02-17,South,1430',
        '2026-03-05,North,1680',
        '2026-03-21,South,1510',
        '2026-04-02,North,1750',
        '2026-04-28,South,1320',
      ].join('\n'),
    },
  ],
  sql: "SELECT date_trunc('month', day)::DATE AS month, region, sum(amount) AS revenue FROM orders GROUP BY ALL ORDER BY ALL",
  chart: { kind: 'bar', x: 'month', y: 'revenue', series: 'region', title: 'Revenue by region' },
};

/**
 * The result of `query`. A row is an array of values in column order, because two columns may bear one name.
 *
 * | SQL type | JSON value |
 * |---|---|
 * | TINYINT to UHUGEINT | number; beyond 2^53 - 1 its digits as a string |
 * | DECIMAL, BIGNUM | string, all digits kept |
 * | FLOAT, DOUBLE | number; NaN, Infinity and -Infinity as strings |
 * | DATE, TIMESTAMP, TIMESTAMPTZ | ISO 8601 string; TIMESTAMPTZ in UTC with a Z, TIMESTAMP without zone |
 * | TIME, INTERVAL, UUID, ENUM, BIT | string as DuckDB writes it |
 * | BLOB, GEOMETRY | base64 string, of the WKB for a geometry |
 * | LIST, ARRAY | array |
 * | STRUCT | object; two fields of one name, or without one as in ROW(1, 2), are refused |
 * | MAP | array of `{ key, value }`, because keys need not be strings |
 * | UNION | `{ tag, value }` |
 * | JSON | the JSON value itself; numbers that JavaScript would round as strings |
 *
 * A NUL character in a string becomes U+FFFD: PostgreSQL's jsonb cannot hold it.
 */
export const QueryResult = z.strictObject({
  columns: z
    .array(
      z.strictObject({ name: z.string(), type: z.string().meta({ description: 'SQL type, as DuckDB writes it' }) }),
    )
    .meta({ description: 'In the order of the values in each row; names need not be unique' }),
  rows: z.array(z.array(z.json())),
  row_count: z
    .int()
    .nullable()
    .meta({ description: 'Rows that the statement returned; null when counting them all would have taken too long' }),
  truncated: z.boolean().meta({ description: 'True when rows holds only the first ones' }),
  chart_notes: z.array(z.string()).optional().meta({
    description: 'With a chart: what its reader must know, as it says under its title, such as rows not drawn',
  }),
  elapsed_ms: z.number().meta({ description: 'Milliseconds from the start of the statement to its last row read' }),
  guessed: z.boolean().meta({ description: 'True when a guess was used to read a source: see its guesses' }),
  sources: z
    .array(ReadReport)
    .meta({ description: 'How each source was read: dialect, types, refused rows, warnings' }),
});
export type QueryResult = z.infer<typeof QueryResult>;
