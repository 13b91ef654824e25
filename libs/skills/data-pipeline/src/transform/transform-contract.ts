// Input, example and result of the operation `transform`.
import { Source } from '@pulser/data-sandbox';
import { ReadReport } from '@pulser/tabular';
import { z } from 'zod';

import { DatasetName } from '../datasets/dataset-name.js';

// DuckDB folds the case of names.
const distinct = (sources: readonly Source[]): boolean =>
  new Set(sources.map(({ name }) => name.toLowerCase())).size === sources.length;

export const TransformInput = z.strictObject({
  operation: z.literal('transform'),
  dataset: DatasetName,
  sources: z
    .array(Source)
    .max(20)
    .refine(distinct, 'Two sources have the same name')
    .meta({ description: 'The tables that the SQL can read: datasets, and data in the payload' }),
  sql: z
    .string()
    .trim()
    .min(1)
    .max(100_000)
    .meta({ description: 'One SELECT in the SQL dialect of DuckDB, whose rows become the dataset' }),
});
export type TransformInput = z.infer<typeof TransformInput>;

export const example: z.input<typeof TransformInput> = {
  operation: 'transform',
  dataset: 'revenue-by-region',
  sources: [
    {
      name: 'orders',
      format: 'csv',
      content: 'day,region,amount\n2026-01-12,North,1200\n2026-01-20,South,860\n2026-02-03,North,990\n',
    },
  ],
  sql: 'SELECT region, sum(amount)::BIGINT AS revenue, count(*) AS orders FROM orders GROUP BY region ORDER BY region',
};

export const TransformResult = z.strictObject({
  dataset: z.string().meta({ description: 'The new version, as other operations name it' }),
  version: z.int(),
  rows: z.int(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  preview: z.array(z.array(z.json())).meta({ description: 'The first ten rows' }),
  rejected: z.string().nullable().meta({ description: 'The artifact with the rejected rows of the sources' }),
  guessed: z.boolean(),
  sources: z.array(ReadReport).meta({ description: 'How each source was read' }),
});
export type TransformResult = z.infer<typeof TransformResult>;
