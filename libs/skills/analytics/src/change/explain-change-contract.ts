// Input, example and result of the operation `explain_change`.
import { z } from 'zod';

import { dataInput, readingResult } from '../series/series-input.js';

const ColumnName = z.string().min(1).max(200);
const Value = z.union([z.string().max(1_000), z.number(), z.boolean()]);

const Side = z.union([Value, z.strictObject({ from: Value, to: Value })]).meta({
  description: 'A value of the column, or those from one (included) to another (not included)',
});
export type Side = z.infer<typeof Side>;

const Metric = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sum'), column: ColumnName }),
  z.strictObject({ kind: z.literal('count') }).meta({ description: 'Of rows' }),
  z
    .strictObject({ kind: z.literal('ratio'), numerator: ColumnName, denominator: ColumnName })
    .meta({ description: 'The sum of one column by the sum of another, such as revenue by orders' }),
]);
export type Metric = z.infer<typeof Metric>;

export const ExplainChangeInput = z.strictObject({
  operation: z.literal('explain_change'),
  ...dataInput,
  sql: z.string().trim().min(1).max(100_000).meta({
    description:
      'One SELECT in the SQL dialect of DuckDB that returns the rows of both periods or groups, single or aggregated',
  }),
  compare: z
    .strictObject({ column: ColumnName, before: Side, after: Side })
    .meta({ description: 'Which rows are before and which are after, or in the one group and in the other' }),
  metric: Metric,
  dimensions: z
    .array(ColumnName)
    .min(1)
    .max(6)
    .meta({ description: 'Columns whose values are to explain the difference, each for itself' }),
  top: z.int().min(1).max(50).default(10).meta({ description: 'Values listed for a dimension; the rest is one line' }),
  title: z.string().max(300).optional().meta({ description: 'Of the chart' }),
  theme: z.enum(['light', 'dark']).default('light'),
});
export type ExplainChangeInput = z.infer<typeof ExplainChangeInput>;

export const example: z.input<typeof ExplainChangeInput> = {
  operation: 'explain_change',
  sources: [
    {
      name: 'orders',
      format: 'csv',
      content: [
        'day,region,product,amount',
        '2026-01-12,North,Lamp,1200.50',
        '2026-01-20,South,Lamp,860.25',
        '2026-01-23,South,Chair,410.00',
        '2026-02-03,North,Lamp,990.10',
        '2026-02-17,South,Lamp,1430.75',
        '2026-02-21,North,Chair,215.40',
        '2026-02-25,West,Chair,98.00',
      ].join('\n'),
    },
  ],
  sql: 'SELECT day, region, product, amount FROM orders',
  compare: {
    column: 'day',
    before: { from: '2026-01-01', to: '2026-02-01' },
    after: { from: '2026-02-01', to: '2026-03-01' },
  },
  metric: { kind: 'sum', column: 'amount' },
  dimensions: ['region', 'product'],
  title: 'Revenue, February against January',
};

const Exact = z.string().meta({ description: 'A decimal number with all its digits' });

const Contribution = {
  before: Exact.nullable(),
  after: Exact.nullable(),
  change: Exact.meta({
    description: 'What it adds to the change of the whole; all lines of a dimension sum to that, to the last digit',
  }),
  share: z.number().nullable().meta({ description: 'Of the change of the whole; null when that is 0' }),
  rate: Exact.optional().meta({
    description: 'Of a ratio: what its own ratio adds to the change, at the mean of its weights before and after',
  }),
  mix: Exact.optional().meta({
    description:
      'Of a ratio: what its weight (share of the denominator) adds, at the mean of its ratios against that of the whole',
  }),
};

/** The result of `explain_change`. */
export const ExplainChangeResult = z.strictObject({
  before: Exact,
  after: Exact,
  change: Exact,
  rows: z.strictObject({
    before: z.int(),
    after: z.int(),
    neither: z.int().meta({ description: 'Rows in neither, left out; those without a value to compare among them' }),
  }),
  dimensions: z
    .array(
      z.strictObject({
        dimension: z.string(),
        values: z.int().meta({ description: 'Distinct ones, before and after; NULL is one' }),
        shift: z.number().nullable().meta({
          description:
            'How much the shares of its values have changed: half of the sum of their differences (total variation distance), 0 when all changed alike, 1 when none of the values before is there after. The dimension that tells most comes first. Null for ratios and with negative values',
        }),
        contributors: z.array(
          z.strictObject({
            value: z.string().nullable().meta({ description: 'As text; null is NULL' }),
            status: z.enum(['both', 'new', 'vanished']).meta({ description: 'Whether it has rows before and after' }),
            ...Contribution,
          }),
        ),
        others: z
          .strictObject({ values: z.int(), ...Contribution })
          .nullable()
          .meta({ description: 'The values that are not listed, as one line' }),
      }),
    )
    .meta({ description: 'Each explains the whole change for itself' }),
  notes: z.array(z.string()).meta({ description: 'What a reader must know' }),
  ...readingResult,
});
export type ExplainChangeResult = z.infer<typeof ExplainChangeResult>;
