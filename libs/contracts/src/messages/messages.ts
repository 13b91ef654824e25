import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { LogLevel } from '../api/events.js';
import { Priority, SubmitTask } from '../tasks.js';

/** Every name on the broker is built here. */
export const exchange = {
  tasks: { name: 'pulser.tasks', kind: 'topic' },
  // Of kind topic, although its keys are plain names: on other kinds RabbitMQ cannot grant a worker its own key alone.
  agents: { name: 'pulser.agents', kind: 'topic' },
  events: { name: 'pulser.events', kind: 'topic' },
  rpc: { name: 'pulser.rpc', kind: 'direct' },
  dead: { name: 'pulser.dead', kind: 'topic' },
} as const;
export type Exchange = (typeof exchange)[keyof typeof exchange];
export type ExchangeName = Exchange['name'];

export const queue = {
  routerTasks: 'router.tasks',
  deadLetters: 'dead-letters',
  agent: (agent: AgentName): `agent.${AgentName}` => `agent.${agent}`,
} as const;

export const maxPriority = 9;

const TaskRef = { task_id: z.uuid(), tenant_id: z.uuid(), task_type: TaskType };

const Payload = z.record(z.string(), z.unknown());

/** A row that exists and may start. The message carries a small payload, so that the worker need not read it. */
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

/** A row to look at now. */
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

/** Sent by every worker process about once a second. Totals count since the start of the process. */
export const AgentHeartbeat = z.object({
  agent: AgentName,
  instance: z.string(),
  slots: z.int(),
  running: z.int(),
  finished_total: z.int(),
  failed_total: z.int(),
  at: z.iso.datetime(),
});
export type AgentHeartbeat = z.infer<typeof AgentHeartbeat>;

/** Unusually many tasks of one type failed for good; published once per window. */
export const DeadLettersThresholdExceeded = z.object({
  task_type: TaskType,
  agent: AgentName,
  /** New dead letters within the window. */
  count: z.int(),
  window_s: z.int(),
  /** Of the group with the most of them. */
  top_fingerprint: z.string(),
});
export type DeadLettersThresholdExceeded = z.infer<typeof DeadLettersThresholdExceeded>;

/** A routing key, the exchange it is published to and the schema of its body. Dispatches use the agent's name as key. */
export const messages = {
  'task.submit': { exchange: exchange.tasks, body: SubmitTask },
  'tasks.submitted': { exchange: exchange.tasks, body: TasksSubmitted },
  'task.dispatch': { exchange: exchange.agents, body: TaskDispatches },
  'task.started': { exchange: exchange.events, body: TaskEvents },
  'task.progress': { exchange: exchange.events, body: TaskProgressed },
  'task.retrying': { exchange: exchange.events, body: TaskFailures },
  'task.completed': { exchange: exchange.events, body: TaskEvents },
  'task.failed': { exchange: exchange.events, body: TaskFailures },
  'task.cancelled': { exchange: exchange.events, body: TaskEvents },
  'agent.heartbeat': { exchange: exchange.events, body: AgentHeartbeat },
  'dead-letters.threshold-exceeded': { exchange: exchange.events, body: DeadLettersThresholdExceeded },
} as const;

export type MessageMap = typeof messages;
export type MessageKey = keyof MessageMap;
export type MessageBody<K extends MessageKey> = z.infer<MessageMap[K]['body']>;
/** What a producer may write: defaults are still missing. */
export type MessageInput<K extends MessageKey> = z.input<MessageMap[K]['body']>;
