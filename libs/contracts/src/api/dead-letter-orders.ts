import { z } from 'zod';

import { storableText } from '../json/storable-text.js';
import { SubmitTask } from '../tasks/submit-task.js';
import { Priority } from '../tasks/priority.js';
import { DeadLetterFilter } from './dead-letter-query.js';

/** Letters that one bulk order settles at most. */
export const maxSettled = 10_000;

const { task_type, payload, run_at, deadline_s, metadata } = SubmitTask.shape;

/** What to change for a replay; what is left out stays as it was. */
export const ReplayEdit = z
  .strictObject({
    task_type: task_type.optional(),
    priority: Priority.optional(),
    payload: payload.optional(),
    run_at,
    deadline_s,
    metadata,
  })
  .meta({ id: 'ReplayEdit' });
export type ReplayEdit = z.infer<typeof ReplayEdit>;

const limit = z.int().min(1).max(maxSettled).default(maxSettled);

export const ReplayMany = z
  .strictObject({
    filter: DeadLetterFilter,
    rate_per_s: z
      .number()
      .min(0.01)
      .max(maxSettled)
      .optional()
      .meta({ description: 'The n-th task starts n / rate seconds from now; without a rate, all may start at once' }),
    limit,
  })
  .meta({ id: 'ReplayMany' });
export type ReplayMany = z.infer<typeof ReplayMany>;

export const Replayed = z
  .object({
    replayed: z.int(),
    remaining: z.int().meta({ description: 'Open ones of the filter that the same order would take next' }),
    skipped: z.int().meta({
      description: 'Open ones of the filter to be replayed one by one: messages without a task, types nobody serves',
    }),
  })
  .meta({ id: 'Replayed' });
export type Replayed = z.infer<typeof Replayed>;

const reason = storableText(1_000);

export const DiscardOne = z.strictObject({ reason }).meta({ id: 'DiscardOne' });
export type DiscardOne = z.infer<typeof DiscardOne>;

export const DiscardMany = z.strictObject({ filter: DeadLetterFilter, reason, limit }).meta({ id: 'DiscardMany' });
export type DiscardMany = z.infer<typeof DiscardMany>;

export const Discarded = z.object({ discarded: z.int(), remaining: z.int() }).meta({ id: 'Discarded' });
export type Discarded = z.infer<typeof Discarded>;
