import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { TaskFailure } from '../errors.js';
import { Priority, TaskStatus } from '../tasks.js';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export const LogLevel = z.enum(logLevels);
export type LogLevel = z.infer<typeof LogLevel>;

const at = z.iso.datetime();

/** What happened to a task, as `GET /api/v1/tasks/:id/events` sends it; `type` is also the SSE event name. */
export const TaskEventView = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('status'), at, status: TaskStatus, attempt: z.int(), error: TaskFailure.optional() }),
    z.object({
      type: z.literal('progress'),
      at,
      attempt: z.int(),
      percent: z.number(),
      message: z.string().optional(),
    }),
    z.object({
      type: z.literal('log'),
      at,
      attempt: z.int(),
      level: LogLevel,
      message: z.string(),
      fields: z.record(z.string(), z.unknown()).optional(),
    }),
  ])
  .meta({ id: 'TaskEvent' });
export type TaskEventView = z.infer<typeof TaskEventView>;

/**
 * A task of the tenant has another state, as `GET /api/v1/events` sends it. A state may come twice, and late: a task that
 * has ended stays ended.
 */
export const TaskChange = z
  .object({
    task_id: z.uuid(),
    task_type: TaskType,
    /** Known when the task was submitted. */
    operation: z.string().optional(),
    agent: AgentName,
    status: TaskStatus,
    /** Known when the task was submitted. */
    priority: Priority.optional(),
    /** Attempts counted so far. */
    attempt: z.int(),
    /** When the gateway heard of it, by its clock. */
    at,
    /** Why the task or its attempt failed. */
    code: z.string().optional(),
  })
  .meta({ id: 'TaskChange' });
export type TaskChange = z.infer<typeof TaskChange>;

/** Several changes of one moment. What was left out, by state, is not sent later: the page reads its rows again. */
export const TaskChanges = z
  .object({ changes: z.array(TaskChange), left_out: z.partialRecord(TaskStatus, z.int()) })
  .meta({ id: 'TaskChanges' });
export type TaskChanges = z.infer<typeof TaskChanges>;

/** What a page may have to read again. */
export const watchedThings = ['tasks', 'dead-letters', 'pauses', 'agents', 'approvals', 'mcp'] as const;
export const WatchedThing = z.enum(watchedThings);
export type WatchedThing = z.infer<typeof WatchedThing>;

/** These things changed, or may have. */
export const StreamHint = z.object({ what: z.array(WatchedThing) }).meta({ id: 'StreamHint' });
export type StreamHint = z.infer<typeof StreamHint>;

/**
 * Changes were missed: the page reads everything again. `unknown_cursor`: the event is too old, or this gateway does not
 * know it; `gap`: the connection to the broker was lost for a while; `slow`: the client read too slowly.
 */
export const StreamReset = z.object({ reason: z.enum(['unknown_cursor', 'gap', 'slow']) }).meta({ id: 'StreamReset' });
export type StreamReset = z.infer<typeof StreamReset>;
