import { z } from 'zod';

import { Chart } from '../chart/chart-input.js';

export const maxSources = 20;
export const maxRows = 10_000;

export const Source = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_]\w{0,62}$/, 'A table name: letters, digits and _, not starting with a digit')
    .meta({ description: 'The table under which the SQL finds this data' }),
  format: z.enum(['csv', 'json', 'ndjson']).meta({
    description:
      'csv: the first line names the columns, delimiter comma, semicolon, tab or |; json: an array of objects; ndjson: an object a line',
  }),
  content: z.string().min(1).meta({ description: 'The data itself, as text. Types of columns are detected' }),
});
export type Source = z.infer<typeof Source>;

// DuckDB folds the case of names.
const distinct = (sources: readonly Source[]): boolean =>
  new Set(sources.map(({ name }) => name.toLowerCase())).size === sources.length;

export const QueryInput = z.strictObject({
  operation: z.literal('query'),
  sources: z
    .array(Source)
    .max(maxSources)
    .refine(distinct, 'Two sources have the same name')
    .meta({ description: 'The tables that the SQL can read; nothing else can be read' }),
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
