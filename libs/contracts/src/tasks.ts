import { z } from 'zod';

import { TaskType } from './agents.js';
import { Notify } from './destination-name.js';
import { endsInTime, Instant } from './instant.js';
import { jsonFault, jsonFaultText, plainText } from './json.js';

export const openStatuses = ['scheduled', 'queued', 'running', 'retrying', 'waiting'] as const;
export const endStatuses = ['completed', 'failed', 'cancelled'] as const;

export const TaskStatus = z.enum([...openStatuses, ...endStatuses]);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const EndStatus = z.enum(endStatuses);
export type EndStatus = z.infer<typeof EndStatus>;

export const hasEnded = (status: TaskStatus): status is EndStatus => EndStatus.safeParse(status).success;

export const priorities = ['high', 'medium', 'low'] as const;

export const Priority = z.enum(priorities);
export type Priority = z.infer<typeof Priority>;

/** AMQP message priority. Always set: RabbitMQ 4.3 treats an unset priority as 4, older versions as 0. */
export const amqpPriority = { high: 9, medium: 5, low: 1 } as const satisfies Record<Priority, number>;

const visibleAscii = /^[\x21-\x7e]{1,200}$/;

/** Whether a text can be an Idempotency-Key or, in an order over AMQP, a message id. */
export const isIdempotencyKey = (text: unknown): text is string => typeof text === 'string' && visibleAscii.test(text);

export const idempotencyKeyShape = '1 to 200 visible ASCII characters';

// Looked at before it is parsed: parsing drops a `__proto__` key silently.
const Bounded = z.unknown().superRefine((value, context) => {
  const fault = jsonFault(value);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: jsonFaultText(fault), path: [...fault.path] });
});

/** A JSON value within {@link jsonLimits}. */
export const boundedValue = (description: string) => Bounded.meta({ description });

/** A JSON object within {@link jsonLimits}. */
export const boundedObject = (description: string) =>
  Bounded.meta({ type: 'object', additionalProperties: true, description }).pipe(z.record(z.string(), z.unknown()));

const aYearS = 365 * 24 * 3_600;
const aMonthS = 31 * 24 * 3_600;

const Key = plainText(200).min(1);

/** Of the tenant's tasks with one key so many run at a time. */
export const ConcurrencyKey = z
  .strictObject({
    key: Key,
    limit: z.int().min(1).max(10_000).meta({
      description: 'This task starts when fewer than so many with its key have started and not ended',
    }),
  })
  .meta({ id: 'ConcurrencyKey' });
export type ConcurrencyKey = z.infer<typeof ConcurrencyKey>;

/** Of the tenant's tasks with one key there is one in a window of time. */
export const UniqueKey = z
  .strictObject({
    key: Key,
    window_s: z
      .int()
      .min(1)
      .max(aMonthS)
      .meta({ description: 'Seconds since the newest task with the key was submitted' }),
    on_conflict: z
      .enum(['skip', 'replace', 'cancel_running'])
      .default('skip')
      .meta({
        description:
          '`skip`: the earlier task is the answer. `replace`: it is cancelled unless it runs or has ended. `cancel_running`: ' +
          'it is cancelled unless it has ended',
      }),
  })
  .meta({ id: 'UniqueKey' });
export type UniqueKey = z.infer<typeof UniqueKey>;

/** What anybody who wants work done sends, over REST or as an AMQP message. */
export const SubmitTask = z
  .strictObject({
    task_type: TaskType,
    priority: Priority.default('medium'),
    payload: boundedObject('Input of the agent: an `operation` and its arguments'),
    run_at: Instant.optional().meta({ description: 'Not before this time (RFC 3339)' }),
    deadline_s: z
      .int()
      .min(1)
      .max(aYearS)
      .optional()
      .meta({ description: 'Seconds from acceptance (or from run_at) after which the task fails if it has not ended' }),
    concurrency: ConcurrencyKey.optional(),
    unique: UniqueKey.optional(),
    metadata: boundedObject(
      'Kept with the task. Pulser reads nothing of it but the members that the setting `task-labels` names',
    ).optional(),
    notify: Notify.optional(),
  })
  .refine(({ run_at, deadline_s }) => run_at === undefined || endsInTime(run_at, deadline_s ?? 0), {
    message: 'The deadline lies beyond the year 9999',
    path: ['deadline_s'],
  })
  .meta({ id: 'SubmitTask' });
export type SubmitTask = z.infer<typeof SubmitTask>;

export const maxBatch = 1_000;

/** Items are checked one by one, so that one bad item does not refuse the others. */
export const SubmitBatch = z
  .strictObject({ tasks: z.array(z.unknown()).min(1).max(maxBatch) })
  .meta({ id: 'SubmitBatch' });
export type SubmitBatch = z.infer<typeof SubmitBatch>;
