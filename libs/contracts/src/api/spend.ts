// What was spent on language models, over REST. Money is whole micro-dollars.
import { z } from 'zod';

import { plainText } from '../json.js';

/** What sums may be made by. */
export const spendDimensions = ['day', 'agent', 'task_type', 'model'] as const;
export const SpendDimension = z.enum(spendDimensions);
export type SpendDimension = z.infer<typeof SpendDimension>;

const dimensionsOf = (text: string): SpendDimension[] | undefined => {
  const parsed = z.array(SpendDimension).min(1).max(spendDimensions.length).safeParse(text.split(','));
  return parsed.success && new Set(parsed.data).size === parsed.data.length ? parsed.data : undefined;
};

const GroupBy = plainText(100)
  .transform((text, context) => {
    const dimensions = dimensionsOf(text);
    if (dimensions !== undefined) return dimensions;
    const message = `Must be some of ${spendDimensions.join(', ')}, with commas between them`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    description: `Some of ${spendDimensions.join(', ')}, with commas between them; without, one sum of all`,
    examples: ['day,agent'],
  });

export const SpendQuery = z.strictObject({
  from: z.iso.date().optional().meta({ description: 'First day (UTC); without, 29 days before the last one' }),
  to: z.iso.date().optional().meta({ description: 'Last day (UTC), which is included; without, today' }),
  group_by: GroupBy.optional(),
});
export type SpendQuery = z.infer<typeof SpendQuery>;

const sums = {
  calls: z.int().meta({ description: 'Requests to models that were sent, those without an answer too' }),
  input_tokens: z.int(),
  output_tokens: z.int(),
  micros: z.int().meta({ description: 'Micro-dollars: millionths of a US dollar' }),
};

export const SpendSum = z
  .object({
    day: z.iso.date().optional(),
    agent: z.string().optional(),
    task_type: z.string().optional(),
    model: z.string().optional(),
    ...sums,
  })
  .meta({ id: 'SpendSum' });
export type SpendSum = z.infer<typeof SpendSum>;

const Amount = z.object({ micros: z.int(), tokens: z.int(), calls: z.int() });

export const BudgetView = z
  .object({
    scope: z.enum(['task', 'tree', 'day']),
    limit: Amount.meta({ description: 'As the last request found it' }),
    spent: Amount,
    reserved: Amount.meta({ description: 'For requests under way, at most' }),
    used: z.number().meta({ description: 'The largest share of a limit that is spent or reserved; 1 is all' }),
  })
  .meta({ id: 'Budget' });
export type BudgetView = z.infer<typeof BudgetView>;

export const SpendView = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    sums: z.array(SpendSum).meta({ description: 'By what was asked for, 5,000 at most' }),
    total: z.object(sums),
    today: BudgetView.nullable().meta({ description: 'Budget of the day; null: no model was asked today' }),
  })
  .meta({ id: 'Spend' });
export type SpendView = z.infer<typeof SpendView>;

export const ModelCallView = z
  .object({
    call_id: z.uuid(),
    step: z.string().meta({ description: 'Which step of the task asked', examples: ['ask:3'] }),
    agent: z.string(),
    model: z.string(),
    state: z.enum(['reserved', 'settled']),
    outcome: z.enum(['answered', 'overrun', 'refused', 'unsent', 'unknown', 'lost']).nullable().meta({
      description:
        '`refused`: the server gave an error; `unsent`: there was no connection; `overrun`: the answer was cut off, because it was longer than allowed; `unknown`: the answer broke off, and `lost`: its worker is gone, both charged as reserved',
    }),
    http_status: z.int().nullable(),
    ...sums,
    reserved_micros: z.int(),
    made_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
  })
  .omit({ calls: true })
  .meta({ id: 'ModelCall' });
export type ModelCallView = z.infer<typeof ModelCallView>;

export const TaskSpend = z
  .object({
    budgets: z.array(BudgetView).meta({ description: 'Of the task, and of its tree when it is the root' }),
    calls: z.array(ModelCallView).meta({ description: 'Requests to models, oldest first; the first 500' }),
  })
  .meta({ id: 'TaskSpend' });
export type TaskSpend = z.infer<typeof TaskSpend>;
