import type { AgentName, AgentRegistration, TaskType } from '@pulser/contracts';
import { z } from 'zod';

import type { Operation, Skill } from '../skills/skill.js';
import { type TaskLimits, taskLimits } from './task-limits.js';

export interface AgentDescription {
  readonly name: AgentName;
  readonly skills: readonly Skill[];
  /** PORT of its process when the variable is not set. */
  readonly defaultPort: number;
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

  operationsOf(taskType: TaskType): ReadonlyMap<string, Operation> {
    return this.operations.get(taskType) ?? new Map<string, Operation>();
  }

  /** URL of the module that exports the skill. @throws TypeError when there is none of this type */
  moduleOf(taskType: TaskType): string {
    const module = this.modules.get(taskType);
    if (module === undefined) throw new TypeError(`The agent has no skill for ${taskType}`);
    return module;
  }

  limitsOf(taskType: TaskType): TaskLimits {
    return this.limits.get(taskType) ?? taskLimits(taskType);
  }

  /** Skills with operations that run in threads. */
  get threaded(): Skill[] {
    return this.description.skills.filter(({ operations }) => operations.some(({ inline }) => inline !== true));
  }

  /** What the agent registers: its operations, as the API shows them. */
  get registration(): AgentRegistration {
    return {
      agent: this.name,
      task_types: this.taskTypes,
      operations: this.description.skills.flatMap(({ taskType, operations }) =>
        operations.map(({ name, summary, input, example }) => ({
          task_type: taskType,
          operation: name,
          summary,
          input_schema: z.toJSONSchema(input, { io: 'input' }),
          example: example as Record<string, unknown>,
        })),
      ),
    };
  }
}

const indexed = <Key, Value>(entries: readonly (readonly [Key, Value])[]): ReadonlyMap<Key, Value> => {
  const map = new Map(entries);
  if (map.size < entries.length) throw new TypeError('A task type or an operation is there twice');
  return map;
};
