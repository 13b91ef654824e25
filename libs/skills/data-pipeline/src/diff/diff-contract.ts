// Input, example and result of the operation `diff`.
import { DatasetReference } from '@pulser/data-sandbox';
import { z } from 'zod';

import { ColumnName } from '../datasets/dataset-name.js';

export const DiffInput = z.strictObject({
  operation: z.literal('diff'),
  from: DatasetReference.meta({ description: 'The older one' }),
  to: DatasetReference.meta({ description: 'The newer one' }),
  key: z
    .array(ColumnName)
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Columns that tell rows apart in both. Without, rows are added or removed as a whole' }),
  samples: z.int().min(0).max(50).default(10).meta({ description: 'Rows shown of each kind' }),
});
export type DiffInput = z.infer<typeof DiffInput>;

export const example: z.input<typeof DiffInput> = {
  operation: 'diff',
  from: 'dataset:orders@1',
  to: 'dataset:orders@2',
  key: ['day', 'region'],
};

const Row = z.record(z.string(), z.json());
const NamedType = z.strictObject({ name: z.string(), type: z.string() });

export const Change = z.strictObject({
  key: Row,
  changes: z.record(z.string(), z.strictObject({ from: z.json(), to: z.json() })),
});
export type Change = z.infer<typeof Change>;

export const DiffResult = z.strictObject({
  from: z.string(),
  to: z.string(),
  rows_from: z.int(),
  rows_to: z.int(),
  added: z.int(),
  removed: z.int(),
  changed: z.int().nullable().meta({ description: 'Rows of one key with other values; null without a key' }),
  unchanged: z.int(),
  columns_added: z.array(NamedType),
  columns_removed: z.array(NamedType),
  columns_retyped: z
    .array(z.strictObject({ name: z.string(), from: z.string(), to: z.string() }))
    .meta({ description: 'Their values are compared as text' }),
  changes_by_column: z.record(z.string(), z.int()),
  samples: z.strictObject({ added: z.array(Row), removed: z.array(Row), changed: z.array(Change) }),
  differences: z
    .string()
    .nullable()
    .meta({ description: 'The artifact with every difference, as NDJSON; null when there is none' }),
});
export type DiffResult = z.infer<typeof DiffResult>;
