// An agent's name and skills, and the limits of its task types: the built-in tables, unless a skill brings its own.
import { createHash } from 'node:crypto';

import {
  type AgentName,
  type AgentRegistration,
  builtInBackupsOf,
  builtInOwnerOf,
  type RetryLimits,
  retryLimitsOf,
  type TaskType,
  type TaskTypeDescription,
  timeLimitMsOf,
} from '@pulser/contracts';
import { z } from 'zod';

import { AskOrder, askExample, askOperation, askSummary } from '../skills/ask-order.js';
import type { Operation, Skill, SkillInstructions, SkillLimits } from '../skills/skill.js';

/** The limits that a worker keeps for tasks of one type. */
export interface TaskLimits {
  readonly retry: RetryLimits;
  /** Milliseconds that one attempt may run. */
  readonly timeLimitMs: number;
  /** Attempts that the skill allows; a task may allow fewer. */
  readonly maxAttempts: number;
}

export const taskLimits = (taskType: string, { retry, timeLimitS }: SkillLimits = {}): TaskLimits => ({
  retry: retry ?? retryLimitsOf(taskType),
  timeLimitMs: timeLimitS === undefined ? timeLimitMsOf(taskType) : timeLimitS * 1_000,
  // The built-in number is in the task's row already.
  maxAttempts: retry === undefined ? Infinity : retry.maxRetries + 1,
});

export interface AgentDescription {
  readonly name: AgentName;
  readonly skills: readonly Skill[];
  /** PORT of its process when the variable is not set. */
  readonly defaultPort: number;
  /** Of its code, for agents whose versions run side by side; by default a digest of what it registers. */
  readonly version?: string;
  /** Agents that take over its task types while it fails, the first healthy one first; those of the roster without. */
  readonly backups?: readonly AgentName[];
}

/** An agent's name and skills, indexed. */
export class AgentProfile {
  readonly name: AgentName;
  private readonly modules: ReadonlyMap<TaskType, string>;
  private readonly operations: ReadonlyMap<TaskType, ReadonlyMap<string, Operation>>;
  private readonly limits: ReadonlyMap<TaskType, TaskLimits>;

  /** @throws TypeError when a task type or an operation is there twice */
  constructor(private readonly description: AgentDescription) {
    this.name = description.name;
    this.modules = new Map(description.skills.map(({ taskType, module }) => [taskType, module]));
    this.operations = indexed(
      description.skills.map((skill) => [skill.taskType, indexed(skill.operations.map((one) => [one.name, one]))]),
    );
    this.limits = new Map(description.skills.map((skill) => [skill.taskType, taskLimits(skill.taskType, skill)]));
  }

  get taskTypes(): TaskType[] {
    return [...this.operations.keys()];
  }

  /** Whether `ask` is the built-in one: a skill may have an operation of that name itself. */
  hasAsk(taskType: TaskType): boolean {
    return !this.operationsOf(taskType).has(askOperation);
  }

  /** Operations that a model may call: those of the skill, which `ask` is none of, unless they take the task over. */
  toolsOf(taskType: TaskType): readonly Operation[] {
    return [...this.operationsOf(taskType).values()].filter(({ takesOver }) => takesOver !== true);
  }

  operationsOf(taskType: TaskType): ReadonlyMap<string, Operation> {
    return this.operations.get(taskType) ?? new Map<string, Operation>();
  }

  /** URL of the module that exports the skill. @throws TypeError when there is none of this type */
  moduleOf(taskType: TaskType): string {
    const module = this.modules.get(taskType);
    if (module === undefined) throw new TypeError(`The agent has no skill for ${taskType}`);
    return module;
  }

  /** What a model is told beside what every agent is told. */
  instructionsOf(taskType: TaskType): SkillInstructions | undefined {
    return this.description.skills.find((skill) => skill.taskType === taskType)?.instructions;
  }

  limitsOf(taskType: TaskType): TaskLimits {
    return this.limits.get(taskType) ?? taskLimits(taskType);
  }

  /** Skills with operations that run in threads. */
  get threaded(): Skill[] {
    return this.description.skills.filter(({ operations }) => operations.some(({ inline }) => inline !== true));
  }

  /** What the agent registers: its task types with their limits, and its operations, as the API shows them. */
  get registration(): AgentRegistration {
    const { version } = this.description;
    const described = {
      task_types: this.taskTypes.map((task_type) => this.describe(task_type)),
      operations: this.description.skills.flatMap(({ taskType, operations }) => [
        ...operations.map(({ name, summary, input, example, errors }) => ({
          task_type: taskType,
          operation: name,
          summary,
          input_schema: z.toJSONSchema(input, { io: 'input' }),
          example: example as Record<string, unknown>,
          ...(errors !== undefined && { errors: [...errors.described] }),
        })),
        ...(this.hasAsk(taskType) ? [{ ...asked, task_type: taskType }] : []),
      ]),
    };
    return { agent: this.name, version: version ?? digestOf(described), ...described };
  }

  private describe(task_type: TaskType): TaskTypeDescription {
    const { retry, timeLimitMs } = this.limitsOf(task_type);
    const backups = this.backupsOf(task_type);
    return {
      task_type,
      max_attempts: retry.maxRetries + 1,
      time_limit_ms: timeLimitMs,
      ...(backups !== undefined && { backups: [...backups] }),
    };
  }

  /** Those of a built-in agent stand in the roster, and are for what it owns: others it backs up itself. */
  private backupsOf(taskType: TaskType): readonly AgentName[] | undefined {
    const { backups } = this.description;
    return backups ?? (builtInOwnerOf(taskType) === this.name ? builtInBackupsOf(this.name) : undefined);
  }
}

/** The operation that every skill has beside its own. */
const asked = {
  operation: askOperation,
  summary: askSummary,
  input_schema: z.toJSONSchema(AskOrder, { io: 'input' }),
  example: askExample as Record<string, unknown>,
};

/** Names code that says the same of itself alike, so that equal workers share a registration. */
const digestOf = (described: object): string =>
  createHash('sha256').update(JSON.stringify(described)).digest('hex').slice(0, 16);

const indexed = <Key, Value>(entries: readonly (readonly [Key, Value])[]): ReadonlyMap<Key, Value> => {
  const map = new Map(entries);
  if (map.size < entries.length) throw new TypeError('A task type or an operation is there twice');
  return map;
};
