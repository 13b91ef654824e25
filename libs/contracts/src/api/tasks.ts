import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { Problem, TaskFailure } from '../errors.js';
import { Instant } from '../instant.js';
import { plainText } from '../json.js';
import { Priority, TaskStatus } from '../tasks.js';
import { exportable } from './exports.js';
import { QuotaUse } from './quotas.js';

const NullableTime = z.iso.datetime().nullable();

export const TaskLinks = z.object({ self: z.string(), events: z.string() });

export const ArtifactView = z
  .object({ name: z.string(), media_type: z.string(), bytes: z.int(), href: z.string() })
  .meta({ id: 'Artifact' });
export type ArtifactView = z.infer<typeof ArtifactView>;

export const TaskTimings = z.object({
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  run_at: NullableTime,
  deadline_at: NullableTime,
  started_at: NullableTime,
  completed_at: NullableTime,
  queue_ms: z
    .number()
    .nullable()
    .meta({ description: 'From the time it could start to the start of the last attempt' }),
  run_ms: z.number().nullable().meta({ description: 'Length of the last attempt' }),
});

/** A task without its payload and result, as lists show it. */
export const TaskSummary = z
  .object({
    task_id: z.uuid(),
    task_type: TaskType,
    priority: Priority,
    status: TaskStatus,
    assigned_agent: AgentName,
    attempts: z.int(),
    operation: z.string().nullable().meta({ description: 'That the payload names; null: it names none' }),
    labels: z
      .record(z.string(), z.string())
      .meta({ description: 'Members of the metadata that the setting `task-labels` names' }),
    parent_id: z.uuid().nullable().meta({ description: 'Id of the task that this one is a step of' }),
    submitted_by: z.string().nullable().meta({ description: 'Id of an API key, or subject of a token' }),
    replay_of: z.uuid().nullable().meta({ description: 'Id of the failed task that this one repeats' }),
    timings: TaskTimings,
    error: TaskFailure.nullable().meta({
      description: 'Of the last attempt; null for a cancelled task. In lists without details, with a short message',
    }),
    links: TaskLinks,
  })
  .meta({ id: 'TaskSummary' });
export type TaskSummary = z.infer<typeof TaskSummary>;

export const TaskView = TaskSummary.extend({
  submitted_by_name: z.string().nullable().meta({
    description: 'Name of that key, or the subject itself; null: a key that is not known any more',
  }),
  payload: z.record(z.string(), z.unknown()),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  result: z.unknown(),
  artifacts: z.array(ArtifactView),
}).meta({ id: 'Task' });
export type TaskView = z.infer<typeof TaskView>;

export const TaskPage = z
  .object({
    tasks: z.array(TaskSummary),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
    partial: z.boolean().meta({
      description:
        'The search has looked at as many tasks as one page may, and found fewer than asked for. It goes on with `next_cursor`',
    }),
  })
  .meta({ id: 'TaskPage' });
export type TaskPage = z.infer<typeof TaskPage>;

/** What of a task that waits is to be another way: members that are missing stay, null removes (RFC 7396). */
export const TaskPatch = z
  .strictObject({
    priority: Priority.optional(),
    run_at: Instant.nullable().optional().meta({
      description:
        'Not before this time, or of a task that waits for its next attempt, its time. Null: as soon as it can',
    }),
    deadline_at: Instant.nullable()
      .optional()
      .meta({ description: 'The task fails if it has not ended by this time. Null: it has no deadline' }),
  })
  .meta({ id: 'TaskPatch' });
export type TaskPatch = z.infer<typeof TaskPatch>;

/** Answer to a submission: the row is durably committed. */
export const AcceptedTask = z
  .object({ task_id: z.uuid(), status: TaskStatus, links: TaskLinks })
  .meta({ id: 'AcceptedTask' });
export type AcceptedTask = z.infer<typeof AcceptedTask>;

/** Parameters of a submission. */
export const SubmitQuery = z.strictObject({
  dry_run: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: '`true`: the task is checked and nothing is submitted; an Idempotency-Key is not looked at' }),
});
export type SubmitQuery = z.infer<typeof SubmitQuery>;

/** Answer to a submission that was only checked: what would become of it at this moment. */
export const CheckedTask = z
  .object({
    dry_run: z.literal(true),
    task_type: TaskType,
    operation: z.string().nullable(),
    priority: Priority,
    status: TaskStatus.meta({ description: 'That it would have: `queued`, or `scheduled` with a `run_at` ahead' }),
    agent: AgentName.meta({
      description: 'That owns the type; a back-up may take the task while the owner has no worker',
    }),
    max_attempts: z.int(),
    run_at: NullableTime,
    deadline_at: NullableTime,
    quotas: z.object({ waiting: QuotaUse, today: QuotaUse }).meta({
      description:
        'Tasks that wait, and tasks of today (UTC) with those that gateways have taken in advance; without this one',
    }),
    ahead: z.int().meta({ description: 'Queued tasks of yours for the agent, of the same priority or a higher one' }),
    recent_wait: z
      .object({ tasks: z.int(), p50_ms: z.number(), p95_ms: z.number() })
      .nullable()
      .meta({
        description:
          'How long tasks of yours of this type waited that completed in the last 15 minutes: what this one may expect, if ' +
          'nothing changes. Null: none did',
      }),
  })
  .meta({ id: 'CheckedTask' });
export type CheckedTask = z.infer<typeof CheckedTask>;

/** One answer per item, in the order of the items. */
export const BatchAnswer = z
  .object({
    accepted: z.int(),
    refused: z.int(),
    items: z.array(z.union([AcceptedTask, Problem])),
  })
  .meta({ id: 'BatchAnswer' });
export type BatchAnswer = z.infer<typeof BatchAnswer>;

export const maxPage = 100;

/** Statuses with commas between them. */
const Statuses = z
  .string()
  .max(200)
  .transform((text, context): readonly TaskStatus[] => {
    const statuses = z.array(TaskStatus).safeParse([...new Set(text.split(','))]);
    if (statuses.success) return statuses.data;
    const message = `Must be of ${TaskStatus.options.join(', ')}; several have commas between them`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({ description: 'One, or several with commas between them: `failed,cancelled`' });

/** A label of tasks: a member of their metadata. */
export interface Label {
  readonly key: string;
  readonly value: string;
}

const labelOf = (text: string): Label => {
  const colon = text.indexOf(':');
  return { key: text.slice(0, colon), value: text.slice(colon + 1) };
};

const LabelText = plainText(300).regex(/^[^:]+:./s, 'Must be a key, a colon and a value: `customer:acme`');

export const maxLabelFilters = 8;

const Labels = z
  .union([LabelText, z.array(LabelText).max(maxLabelFilters)])
  .transform((texts): readonly Label[] => [texts].flat().map(labelOf))
  .meta({ description: 'A key and a value: `customer:acme`. Several parameters must all apply' });

/** What narrows a list of tasks. All that is given must apply. */
export const TaskQuery = z.strictObject({
  q: plainText(200)
    .trim()
    .min(1)
    .optional()
    .meta({ description: 'How an id, an operation, an error code or the value of a label begins' }),
  status: Statuses.optional(),
  task_type: TaskType.optional(),
  agent: AgentName.optional(),
  priority: Priority.optional(),
  operation: plainText(200).min(1).optional(),
  error_code: plainText(64).min(1).optional().meta({ description: 'Of tasks that have failed' }),
  parent_id: z.uuid().toLowerCase().optional().meta({ description: 'Steps of this task' }),
  submitted_by: plainText(255).min(1).optional().meta({ description: 'Id of an API key, or subject of a token' }),
  label: Labels.optional(),
  created_after: Instant.optional(),
  created_before: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type TaskQuery = z.infer<typeof TaskQuery>;
