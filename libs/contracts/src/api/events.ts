import { z } from 'zod';

import { TaskFailure } from '../errors.js';
import { TaskStatus } from '../tasks.js';

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
