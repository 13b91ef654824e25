// Input, example and result of the operation `validate`.
import { DatasetReference } from '@pulser/data-sandbox';
import { z } from 'zod';

import { ColumnName } from '../datasets/dataset-name.js';

const Bound = z
  .union([z.number(), z.string().min(1).max(100)])
  .meta({ description: 'A number, or a date or time as ISO 8601 has it' });

const common = {
  id: z.string().min(1).max(100).optional().meta({ description: 'Names the rule in the result; made of it without' }),
  severity: z
    .enum(['error', 'warning'])
    .default('error')
    .meta({ description: 'Whether a failure makes the dataset invalid' }),
};

const columns = z.array(ColumnName).min(1).max(20);
const values = z
  .array(z.union([z.string().max(1_000), z.number(), z.boolean()]))
  .min(1)
  .max(1_000);

const someBound = ({ min, max }: { min?: unknown; max?: unknown }): boolean => min !== undefined || max !== undefined;

/** NULLs break `not_null` alone: every other rule looks at values. */
export const Rule = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('not_null'), column: ColumnName, ...common }),
  z.strictObject({
    rule: z.literal('unique'),
    columns: columns.meta({ description: 'No two rows have the same values in them; rows with a NULL are left out' }),
    ...common,
  }),
  z
    .strictObject({
      rule: z.literal('range'),
      column: ColumnName,
      min: Bound.optional(),
      max: Bound.optional(),
      ...common,
    })
    .refine(someBound, 'Give min, max or both; both belong to the range'),
  z.strictObject({
    rule: z.literal('pattern'),
    column: ColumnName,
    pattern: z
      .string()
      .min(1)
      .max(1_000)
      .meta({ description: 'A regular expression of RE2 that the whole value matches' }),
    ...common,
  }),
  z.strictObject({ rule: z.literal('set'), column: ColumnName, values, ...common }),
  z.strictObject({
    rule: z.literal('references'),
    columns,
    to: z.strictObject({ dataset: DatasetReference, columns }),
    ...common,
  }),
  z.strictObject({
    rule: z.literal('freshness'),
    column: ColumnName.meta({ description: 'Of dates or times; times without zone are taken as UTC' }),
    max_age_hours: z.number().positive().max(1_000_000),
    ...common,
  }),
  z
    .strictObject({
      rule: z.literal('row_count'),
      min: z.int().min(0).optional(),
      max: z.int().min(0).optional(),
      max_drop_percent: z
        .number()
        .min(0)
        .max(100)
        .optional()
        .meta({ description: 'How much fewer rows than the version before it may have' }),
      max_growth_percent: z.number().min(0).max(1_000_000).optional(),
      ...common,
    })
    .refine(
      (rule) => someBound(rule) || rule.max_drop_percent !== undefined || rule.max_growth_percent !== undefined,
      'Give min, max, max_drop_percent or max_growth_percent',
    ),
]);
export type Rule = z.infer<typeof Rule>;

export const ValidateInput = z.strictObject({
  operation: z.literal('validate'),
  dataset: DatasetReference,
  rules: z.array(Rule).min(1).max(100),
  samples: z.int().min(0).max(50).default(5).meta({ description: 'Rows shown of each broken rule' }),
});
export type ValidateInput = z.infer<typeof ValidateInput>;

export const example: z.input<typeof ValidateInput> = {
  operation: 'validate',
  dataset: 'dataset:orders',
  rules: [
    { rule: 'not_null', column: 'amount' },
    { rule: 'unique', columns: ['day', 'region'] },
    { rule: 'range', column: 'amount', min: 0, max: 100_000 },
    { rule: 'set', column: 'region', values: ['North', 'South'] },
    { rule: 'freshness', column: 'day', max_age_hours: 48, severity: 'warning' },
    { rule: 'row_count', max_drop_percent: 20 },
  ],
};

export const RuleOutcome = z.strictObject({
  id: z.string(),
  rule: z.string(),
  severity: z.enum(['error', 'warning']),
  status: z.enum(['passed', 'failed', 'skipped']),
  message: z.string(),
  checked: z.int().nullable().meta({ description: 'Rows that the rule looked at' }),
  failures: z.int().meta({ description: 'Rows that break it; 1 for a rule about the whole' }),
  samples: z.array(z.strictObject({ row: z.int(), values: z.record(z.string(), z.json()) })).meta({
    description: 'The first rows that break it, numbered from 1, with the columns of the rule and up to ten more',
  }),
});
export type RuleOutcome = z.infer<typeof RuleOutcome>;

export const ValidateResult = z.strictObject({
  dataset: z.string(),
  rows: z.int(),
  valid: z.boolean().meta({ description: 'Whether no rule of severity error failed' }),
  passed: z.int(),
  failed: z.int(),
  skipped: z.int(),
  rules: z.array(RuleOutcome),
  junit: z.string().meta({ description: 'The artifact with the outcome as JUnit XML' }),
});
export type ValidateResult = z.infer<typeof ValidateResult>;
