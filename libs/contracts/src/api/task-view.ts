import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';
import { TaskType } from '../agents/task-type.js';
import { TaskFailure } from '../errors/task-failure.js';
import { Priority } from '../tasks/priority.js';
import { TaskStatus } from '../tasks/task-status.js';

const Instant = z.iso.datetime().nullable();

export const TaskLinks = z.object({ self: z.string(), events: z.string() });

export const ArtifactView = z
  .object({ name: z.string(), media_type: z.string(), bytes: z.int(), href: z.string() })
  .meta({ id: 'Artifact' });
export type ArtifactView = z.infer<typeof ArtifactView>;

export const TaskTimings = z.object({
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  run_at: Instant,
  deadline_at: Instant,
  started_at: Instant,
  completed_at: Instant,
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
    error: TaskFailure.nullable(),
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
