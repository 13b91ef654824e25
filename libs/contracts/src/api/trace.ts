import { z } from 'zod';

export const spanKinds = ['server', 'client', 'producer', 'consumer', 'internal'] as const;
export const TaskSpanKind = z.enum(spanKinds);
export type TaskSpanKind = z.infer<typeof TaskSpanKind>;

/** A piece of the work on a task. */
export const TaskSpan = z
  .object({
    /** 16 hex digits, the same as in exported traces; of a derived one a name. */
    span_id: z.string(),
    /** A span of this list; null for the task itself. */
    parent_id: z.string().nullable(),
    name: z.string(),
    kind: TaskSpanKind,
    /** The service that did it: an agent or the gateway; null when it is derived. */
    service: z.string().nullable(),
    /** Number of the attempt that it belongs to; null: to none. */
    attempt: z.int().nullable(),
    at: z.iso.datetime(),
    /** Milliseconds; null: it has not ended. */
    duration_ms: z.number().nullable(),
    /** Code of the failure; null: it has not failed. */
    error: z.string().nullable(),
    /** Whether it follows from the row of the task, by the clock of the database, and was not stored by a service. */
    derived: z.boolean(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'TaskSpan' });
export type TaskSpan = z.infer<typeof TaskSpan>;

/** Where the time of a task went, as a list whose first span is the task. */
export const TaskTrace = z
  .object({
    task_id: z.uuid(),
    /** 32 hex digits, the same as in exported traces; null when nothing has made one. */
    trace_id: z.string().nullable(),
    /** Whether services have stored spans of it. */
    stored: z.boolean(),
    /** Whether there are more spans than are shown. */
    truncated: z.boolean(),
    spans: z.array(TaskSpan),
  })
  .meta({ id: 'TaskTrace' });
export type TaskTrace = z.infer<typeof TaskTrace>;
