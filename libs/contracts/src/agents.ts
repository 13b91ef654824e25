import { agents, type RetryRow, type TaskTypeRow, usualRetry, usualTimeLimitMs } from '@pulser/roster';
import { z } from 'zod';

import { TaskErrorDescription, taskErrors } from './errors.js';
import { plainText } from './json.js';

/** Names of agents and task types: they become names of queues, labels of metrics and parts of paths. */
export const namePattern = /^[a-z][a-z0-9_]{0,39}$/;
const nameShape = 'A small letter, then up to 39 small letters, digits and underscores';

export const AgentName = z.string().regex(namePattern, nameShape);
export type AgentName = z.infer<typeof AgentName>;

export const TaskType = z
  .string()
  .regex(namePattern, nameShape)
  .meta({ description: 'What kind of work this is; decides which agent runs it', examples: ['analytics'] });
export type TaskType = z.infer<typeof TaskType>;

/** Most task types of an installation: each is a label of metrics. */
export const maxTaskTypes = 200;

/** The agents that come with Pulser and their task types. Others are admitted and register themselves. */
export const builtInAgents: readonly AgentName[] = agents.map(({ name }) => name);

const builtInTypes: ReadonlyMap<TaskType, TaskTypeRow & { readonly agent: AgentName }> = new Map(
  agents.flatMap(({ name: agent, taskTypes }) => taskTypes.map((type) => [type.name, { ...type, agent }] as const)),
);

export const builtInTaskTypes: readonly TaskType[] = [...builtInTypes.keys()];

/** The built-in agent that owns a type; undefined for a type from outside. */
export const builtInOwnerOf = (type: TaskType): AgentName | undefined => builtInTypes.get(type)?.agent;

const builtInBackups: ReadonlyMap<AgentName, readonly AgentName[]> = new Map(
  agents.map(({ name, backups }) => [name, backups]),
);

/** The agents that take over the types of a built-in agent while it fails; undefined for one from outside. */
export const builtInBackupsOf = (agent: AgentName): readonly AgentName[] | undefined => builtInBackups.get(agent);

export type RetryLimits = RetryRow;

/** How failed attempts of a type are repeated, unless its agent says otherwise. */
export const retryLimitsOf = (type: TaskType): RetryLimits => builtInTypes.get(type)?.retry ?? usualRetry;

/** Milliseconds that one attempt of a type may run, unless its agent says otherwise. */
export const timeLimitMsOf = (type: TaskType): number => builtInTypes.get(type)?.timeLimitMs ?? usualTimeLimitMs;

const maxSchemaBytes = 65_536;
const maxOperations = 500;
/** Error codes of one operation: each may become a label of metrics. */
const maxErrors = 50;

const errorsText =
  `Codes of its own with which it fails. Any operation may fail with one of Pulser's too: ` +
  `${Object.keys(taskErrors).join(', ')}. A payload that does not match the schema is refused with 422 invalid_payload ` +
  'when it is submitted, unless the schema cannot say what is wrong with it: then the task fails with that code.';

/** One thing an agent can do: its input as JSON Schema (draft 2020-12) and an example that runs as it is. */
export const OperationDescription = z.object({
  task_type: TaskType,
  operation: plainText(100).min(1),
  summary: plainText(500),
  input_schema: z
    .record(z.string(), z.unknown())
    .refine((schema) => JSON.stringify(schema).length <= maxSchemaBytes, `At most ${maxSchemaBytes} characters`),
  example: z.record(z.string(), z.unknown()),
  errors: z.array(TaskErrorDescription).max(maxErrors).optional().meta({ description: errorsText }),
});
export type OperationDescription = z.infer<typeof OperationDescription>;

const dayMs = 86_400_000;

/** What holds for all tasks of one type. */
export const TaskTypeDescription = z.object({
  task_type: TaskType,
  max_attempts: z.int().min(1).max(100).optional(),
  time_limit_ms: z.int().min(1_000).max(dayMs).optional(),
  /** Agents that take over while the owner fails, the first healthy one first. */
  backups: z.array(AgentName).max(10).optional(),
});
export type TaskTypeDescription = z.infer<typeof TaskTypeDescription>;

/** What an agent says of itself when it starts. A task type is served once an agent has registered it. */
export const AgentRegistration = z.object({
  agent: AgentName,
  /** Of the agent's own code. Workers of two versions may run side by side: each has its own registration. */
  version: plainText(100).min(1),
  task_types: z.array(TaskTypeDescription).min(1).max(maxTaskTypes),
  operations: z.array(OperationDescription).max(maxOperations),
});
export type AgentRegistration = z.infer<typeof AgentRegistration>;

/** How an agent is, by the judgement of `apps/health`. */
export const AgentStatus = z.enum(['healthy', 'degraded', 'unhealthy']);
export type AgentStatus = z.infer<typeof AgentStatus>;

/** Tenant of the tasks that Pulser submits itself, for instance canaries. No list, count, quota or price shows it. */
export const systemTenantId = '00000000-0000-8000-8000-000000000000';

/** The operation that every worker has beside those of its skills: it returns at once. */
export const canaryOperation = 'pulser.canary';
