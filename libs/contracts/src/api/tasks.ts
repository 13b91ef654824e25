import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { Problem, TaskFailure } from '../errors.js';
import { Instant } from '../instant.js';
import { plainText } from '../json.js';
import { Priority, TaskStatus } from '../tasks.js';

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
  })
  .meta({ id: 'TaskPage' });
export type TaskPage = z.infer<typeof TaskPage>;

/** Answer to a submission: the row is durably committed. */
export const AcceptedTask = z
  .object({ task_id: z.uuid(), status: TaskStatus, links: TaskLinks })
  .meta({ id: 'AcceptedTask' });
export type AcceptedTask = z.infer<typeof AcceptedTask>;

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

export const TaskQuery = z.strictObject({
  status: TaskStatus.optional(),
  task_type: TaskType.optional(),
  agent: AgentName.optional(),
  created_after: Instant.optional(),
  created_before: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
});
export type TaskQuery = z.infer<typeof TaskQuery>;
