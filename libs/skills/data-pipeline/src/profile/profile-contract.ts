// Input, example and result of the operation `profile`.
import { DatasetReference } from '@pulser/data-sandbox';
import { z } from 'zod';

import { ColumnName } from '../datasets/dataset-name.js';

export const ProfileInput = z.strictObject({
  operation: z.literal('profile'),
  dataset: DatasetReference,
  columns: z.array(ColumnName).min(1).max(200).optional().meta({ description: 'The first 200 without' }),
  max_charts: z.int().min(0).max(20).default(6).meta({ description: 'Pictures of columns, as SVG and PNG' }),
});
export type ProfileInput = z.infer<typeof ProfileInput>;

export const example: z.input<typeof ProfileInput> = { operation: 'profile', dataset: 'dataset:orders' };

const findings = [
  'all_null',
  'mostly_null',
  'constant',
  'numbers_as_text',
  'dates_as_text',
  'suspicious_dates',
  'blanks_around',
  'empty_texts',
  'not_finite',
] as const;

export const Finding = z.strictObject({
  column: z.string(),
  code: z.enum(findings),
  rows: z.int().meta({ description: 'How many rows it is about' }),
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;

export const ColumnProfile = z.strictObject({
  name: z.string(),
  type: z.string(),
  nulls: z.int(),
  distinct: z
    .int()
    .nullable()
    .meta({ description: 'Distinct values that are not NULL; null for lists, structs, JSON' }),
  min: z.json(),
  max: z.json(),
  mean: z.json().optional(),
  stddev: z.json().optional(),
  quantiles: z.record(z.string(), z.json()).optional().meta({ description: 'At 5, 25, 50, 75 and 95 %' }),
  lengths: z
    .strictObject({ min: z.int().nullable(), max: z.int().nullable() })
    .optional()
    .meta({ description: 'Of texts, in characters' }),
  top: z.array(z.strictObject({ value: z.json(), rows: z.int() })).meta({ description: 'The ten values of most rows' }),
  chart: z.string().optional().meta({ description: 'Its picture: this artifact, and the PNG of the same name' }),
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;

export const ProfileResult = z.strictObject({
  dataset: z.string(),
  rows: z.int(),
  exact: z.boolean().meta({ description: 'False for large datasets: distinct and quantiles are estimates then' }),
  duplicate_rows: z.int().meta({ description: 'Rows that repeat another one in every column' }),
  key_candidates: z
    .array(z.string())
    .meta({ description: 'Columns without NULL and with a value of its own in each row' }),
  columns: z.array(ColumnProfile),
  columns_left_out: z.int(),
  findings: z.array(Finding),
  charts: z.array(z.string()),
});
export type ProfileResult = z.infer<typeof ProfileResult>;
