import { z } from 'zod';

import { AgentName, AgentStatus, TaskType } from '../agents.js';
import { LogLevel, WatchedThing } from '../api/events.js';
import { AgentScaling } from '../api/scaling.js';
import { Priority, SubmitTask } from '../tasks.js';
import {
  McpHeartbeat,
  McpServerChanged,
  ToolCallCancelled,
  ToolCallOrder,
  ToolRead,
  ToolReview,
} from './tool-calls.js';

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
  toolCalls: 'mcp.tool-call',
  agent: (agent: AgentName): `agent.${AgentName}` => `agent.${agent}`,
} as const;

export const maxPriority = 9;

/** Schema version of the messages this build writes. Readers accept it, the one before and the next. */
export const messageVersion = 1;

/** AMQP headers of every message. Names are lower case; values are strings unless said otherwise. */
export const header = {
  version: 'pulser-version',
  /** API key of the producer of a `task.submit`, as after `Authorization: Bearer`. */
  apiKey: 'pulser-api-key',
  /** Tenant for which the producer means to submit; refused when the key belongs to another. */
  tenant: 'pulser-tenant',
  /** W3C trace context. */
  traceparent: 'traceparent',
  /** Why a message is in `dead-letters`. */
  deadReason: 'pulser-dead-reason',
  deadDetail: 'pulser-dead-detail',
  /** Routing key that it came with: in `dead-letters` its routing key is the queue it was in. */
  deadRoutingKey: 'pulser-dead-routing-key',
  /** Random id of this rejection: a redelivery has the same. */
  deadId: 'pulser-dead-id',
} as const;

// Longer ones are not ours, and would only fill the authenticator's memory.
const maxKeyLength = 200;

export const SubmitHeaders = z.looseObject({
  [header.apiKey]: z
    .string()
    .max(maxKeyLength)
    .meta({ description: 'API key of the producer, as after `Authorization: Bearer`' }),
  [header.tenant]: z.uuid().optional().meta({
    description:
      'Tenant for which the producer means to submit; the message is refused when the key belongs to another',
  }),
  [header.traceparent]: z.string().optional().meta({ description: 'W3C trace context of the producer' }),
});
export type SubmitHeaders = z.infer<typeof SubmitHeaders>;

const TaskRef = { task_id: z.uuid(), tenant_id: z.uuid(), task_type: TaskType };

const Payload = z.record(z.string(), z.unknown());

/**
 * The row was just inserted, has no deadline and may have more than one attempt: all that a worker must know to run a
 * repeatable operation of it before it is claimed. Only from whoever inserted the row, never for a row that was read.
 */
const Fresh = z.literal(true).optional();

/** A row that exists and may start. The message carries a small payload, so that the worker need not read it. */
export const SubmittedTask = z.object({
  ...TaskRef,
  priority: Priority,
  fresh: Fresh,
  /** Concurrency key of the tenant: not this row is to be looked at, but those that wait for a place under the key. */
  gate: z.string().optional(),
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
  fresh: Fresh,
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

/** `status`: of a task that does not wait for a back-off, because a router rescued it. */
export const TaskFailures = z.array(
  z.object({ ...TaskEventFields, code: z.string(), status: z.literal('queued').optional() }),
);
export type TaskFailures = z.infer<typeof TaskFailures>;

/**
 * Tasks that wait for their start: submitted, promoted or given back. New and promoted ones are published only while their
 * tenant has an event stream open.
 */
export const TasksQueued = z.array(
  z.object({
    ...TaskEventFields,
    status: z.enum(['scheduled', 'queued']),
    priority: Priority.optional(),
    operation: z.string().optional(),
  }),
);
export type TasksQueued = z.infer<typeof TasksQueued>;

/** Tasks that have a parent and ended, or that now wait: a run of a workflow that they belong to may go on. */
export const StepsEnded = z.array(
  z.object({
    tenant_id: z.uuid(),
    task_id: z.uuid(),
    run_id: z.uuid().optional().meta({ description: 'The parent, or the task that waits' }),
  }),
);
export type StepsEnded = z.infer<typeof StepsEnded>;

/** How many more tasks of a tenant wait for their start than `task.queued` has named: an event stream shows no more of a moment. */
export const TasksUnlisted = z.array(
  z.object({ tenant_id: z.uuid(), status: z.enum(['scheduled', 'queued']), tasks: z.int().positive() }),
);
export type TasksUnlisted = z.infer<typeof TasksUnlisted>;

/** Sent by every worker process about once a second. Totals count since the start of the process. */
export const AgentHeartbeat = z.object({
  agent: AgentName,
  instance: z.string(),
  /** Of the machine or container. Workers of 0.1 do not say it, nor their version. */
  host: z.string().optional(),
  version: z.string().optional(),
  slots: z.int(),
  running: z.int(),
  finished_total: z.int(),
  failed_total: z.int(),
  /** Megabytes (10^6) of the process that are in memory. Workers before 0.3 say none of the following. */
  memory_mb: z.int().optional(),
  /** Longest delay of the event loop since the last heartbeat, milliseconds. */
  lag_ms: z.int().optional(),
  /** The last one of a planned stop. */
  leaving: z.literal(true).optional(),
  at: z.iso.datetime(),
});
export type AgentHeartbeat = z.infer<typeof AgentHeartbeat>;

/**
 * The status of an agent, or what is done about it, has changed. Published after its row in `agent_status` is committed,
 * which is the truth: the message makes readers read it at once.
 */
export const AgentHealthChanged = z.object({
  agent: AgentName,
  status: AgentStatus,
  /** In words; none while it is healthy. */
  reasons: z.array(z.string()),
  /** Percent of its new tasks that go to it. */
  share: z.int().min(0).max(100),
  /** Takes the rest of its tasks; null: nobody does. */
  stand_in: AgentName.nullable(),
  /** Of the leader that decided it: a message with an older one than another is late. */
  epoch: z.int(),
  at: z.iso.datetime(),
});
export type AgentHealthChanged = z.infer<typeof AgentHealthChanged>;

/**
 * What a gateway has dispatched by itself since its last report, and what it would dispatch: it asks the routers for credit
 * with it. Every router hears it.
 */
export const DispatchReported = z.object({
  gateway: z.string(),
  /** Types of which tasks came in since the last report. */
  wanted: z.array(TaskType),
  sent: z.array(z.object({ agent: AgentName, priority: Priority, tasks: z.int(), messages: z.int() })),
  /** Tasks that it has dispatched since its start, by agent. */
  totals: z.array(z.object({ agent: AgentName, tasks: z.int() })),
});
export type DispatchReported = z.infer<typeof DispatchReported>;

/**
 * Which tasks gateways may dispatch by themselves for the next second. A grant is a limit to the total of the gateway, as
 * in QUIC's flow control (RFC 9000, 4.1): one that comes late or twice does no harm.
 */
export const DispatchGranted = z.object({
  router: z.string(),
  grants: z.array(
    z.object({
      gateway: z.string(),
      agent: AgentName,
      task_types: z.array(TaskType),
      /** Tasks of this priority may be sent while the total for the agent stays within this. */
      until: z.record(Priority, z.int()),
      tasks_per_message: z.int(),
    }),
  ),
});
export type DispatchGranted = z.infer<typeof DispatchGranted>;

/** Which tenants have an event stream open at a gateway, once a second while any has. */
export const StreamsReported = z.object({
  gateway: z.string(),
  /** Missing: all of them, because they are too many to be named. */
  tenants: z.array(z.uuid()).optional(),
});
export type StreamsReported = z.infer<typeof StreamsReported>;

/** What a tenant sees has changed, or without one what all tenants see; published only while they have event streams open. */
export const TenantChanged = z.object({ tenant_id: z.uuid().optional(), what: z.array(WatchedThing) });
export type TenantChanged = z.infer<typeof TenantChanged>;

/** How many workers each agent should have; from every router, every 5 s. */
export const ScalingMeasured = z.array(AgentScaling);
export type ScalingMeasured = z.infer<typeof ScalingMeasured>;

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
  'task.queued': { exchange: exchange.events, body: TasksQueued },
  'tasks.unlisted': { exchange: exchange.events, body: TasksUnlisted },
  'task.started': { exchange: exchange.events, body: TaskEvents },
  'task.progress': { exchange: exchange.events, body: TaskProgressed },
  'task.retrying': { exchange: exchange.events, body: TaskFailures },
  'task.completed': { exchange: exchange.events, body: TaskEvents },
  'task.failed': { exchange: exchange.events, body: TaskFailures },
  'task.cancelled': { exchange: exchange.events, body: TaskEvents },
  'steps.ended': { exchange: exchange.events, body: StepsEnded },
  'agent.heartbeat': { exchange: exchange.events, body: AgentHeartbeat },
  'agent.health-changed': { exchange: exchange.events, body: AgentHealthChanged },
  'dispatch.reported': { exchange: exchange.events, body: DispatchReported },
  'dispatch.granted': { exchange: exchange.events, body: DispatchGranted },
  'streams.reported': { exchange: exchange.events, body: StreamsReported },
  'tenant.changed': { exchange: exchange.events, body: TenantChanged },
  'scaling.measured': { exchange: exchange.events, body: ScalingMeasured },
  'dead-letters.threshold-exceeded': { exchange: exchange.events, body: DeadLettersThresholdExceeded },
  'tool.call': { exchange: exchange.rpc, body: ToolCallOrder },
  'tools.read': { exchange: exchange.rpc, body: ToolRead },
  'tools.review': { exchange: exchange.rpc, body: ToolReview },
  'tool.cancelled': { exchange: exchange.events, body: ToolCallCancelled },
  'mcp.heartbeat': { exchange: exchange.events, body: McpHeartbeat },
  'mcp.server-changed': { exchange: exchange.events, body: McpServerChanged },
} as const;

export type MessageMap = typeof messages;
export type MessageKey = keyof MessageMap;
export type MessageBody<K extends MessageKey> = z.infer<MessageMap[K]['body']>;
/** What a producer may write: defaults are still missing. */
export type MessageInput<K extends MessageKey> = z.input<MessageMap[K]['body']>;
