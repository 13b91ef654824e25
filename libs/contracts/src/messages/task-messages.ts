import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';
import { TaskType } from '../agents/task-type.js';
import { LogLevel } from '../api/task-event.js';
import { Priority } from '../tasks/priority.js';

const TaskRef = { task_id: z.uuid(), tenant_id: z.uuid(), task_type: TaskType };

const Payload = z.record(z.string(), z.unknown());

/** A row that exists and may start. The payload rides along when it is small, so that nobody reads it again. */
export const SubmittedTask = z.object({
  ...TaskRef,
  priority: Priority,
  payload: Payload.optional(),
  traceparent: z.string().optional(),
});
export type SubmittedTask = z.infer<typeof SubmittedTask>;

/** All rows of one coalesced insert. */
export const TasksSubmitted = z.array(SubmittedTask);
export type TasksSubmitted = z.infer<typeof TasksSubmitted>;

/** "Look at this row now". */
export const TaskNudge = z.object({
  ...TaskRef,
  /** Random id of this very message: only a redelivery of the message that made the claim may take the claim over. */
  nudge: z.int(),
  payload: Payload.optional(),
  traceparent: z.string().optional(),
});
export type TaskNudge = z.infer<typeof TaskNudge>;

/** To the workers of one agent: some rows of one priority, to be looked at by one worker. */
export const TaskNudges = z.array(TaskNudge).min(1);
export type TaskNudges = z.infer<typeof TaskNudges>;

const TaskFact = { ...TaskRef, agent: AgentName, attempt: z.int() };

/** Facts travel as arrays: all of one coalesced statement in one message. */
export const TaskFacts = z.array(z.object(TaskFact));
export type TaskFacts = z.infer<typeof TaskFacts>;

export const TaskProgressed = z.array(
  z.object({
    ...TaskFact,
    percent: z.number().optional(),
    level: LogLevel.optional(),
    message: z.string().optional(),
  }),
);
export type TaskProgressed = z.infer<typeof TaskProgressed>;

export const TaskFailures = z.array(z.object({ ...TaskFact, code: z.string() }));
export type TaskFailures = z.infer<typeof TaskFailures>;
