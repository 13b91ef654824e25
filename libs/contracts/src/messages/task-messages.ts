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
export const TaskDispatch = z.object({
  ...TaskRef,
  /** Random id of this very message: only a redelivery of the message that made the claim may take the claim over. */
  dispatch_id: z.int().optional(),
  /** The name of `dispatch_id` until 0.2: written for workers of the version before, read from routers of it. */
  nudge: z.int().optional(),
  payload: Payload.optional(),
  traceparent: z.string().optional(),
});
export type TaskDispatch = z.infer<typeof TaskDispatch>;

/** @returns undefined when the message names no dispatch, so that it can take nothing over */
export const dispatchIdOf = ({ dispatch_id, nudge }: TaskDispatch): number | undefined => dispatch_id ?? nudge;

/** To the workers of one agent: some rows of one priority, to be looked at by one worker. */
export const TaskDispatches = z.array(TaskDispatch).min(1);
export type TaskDispatches = z.infer<typeof TaskDispatches>;

const TaskEventFields = { ...TaskRef, agent: AgentName, attempt: z.int() };

/** Facts travel as arrays: all of one coalesced statement in one message. */
export const TaskEvents = z.array(z.object(TaskEventFields));
export type TaskEvents = z.infer<typeof TaskEvents>;

export const TaskProgressed = z.array(
  z.object({
    ...TaskEventFields,
    percent: z.number().optional(),
    level: LogLevel.optional(),
    message: z.string().optional(),
  }),
);
export type TaskProgressed = z.infer<typeof TaskProgressed>;

export const TaskFailures = z.array(z.object({ ...TaskEventFields, code: z.string() }));
export type TaskFailures = z.infer<typeof TaskFailures>;
