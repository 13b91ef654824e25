import { z } from 'zod';

/**
 * What `query` returns. A row is an array of values in column order, because two columns may bear one name.
 *
 * | SQL type | JSON value |
 * |---|---|
 * | TINYINT to UHUGEINT | number; beyond 2^53 - 1 its digits as a string |
 * | DECIMAL, BIGNUM | string, all digits kept |
 * | FLOAT, DOUBLE | number; NaN and the infinities are null |
 * | DATE, TIMESTAMP, TIMESTAMPTZ | ISO 8601 string; TIMESTAMPTZ in UTC with a Z, TIMESTAMP without zone |
 * | TIME, INTERVAL, UUID, ENUM, BIT | string as DuckDB writes it |
 * | BLOB, GEOMETRY | base64 string, of the WKB for a geometry |
 * | LIST, ARRAY | array |
 * | STRUCT | object; of unnamed fields, as in ROW(1, 2), only the last one is kept |
 * | MAP | array of `{ key, value }`, because keys need not be strings |
 * | UNION | `{ tag, value }` |
 * | JSON | the JSON value itself; whole numbers beyond 2^53 - 1 as strings |
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
  elapsed_ms: z.number().meta({ description: 'Milliseconds from the start of the statement to its last row read' }),
});
export type QueryResult = z.infer<typeof QueryResult>;
