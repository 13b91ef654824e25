import { TaskError, type TaskType } from '@pulser/contracts';

import type { Operation, Skill } from '../../skills/skill.js';

const isSkill = (value: unknown): value is Skill =>
  typeof value === 'object' && value !== null && 'taskType' in value && 'operations' in value;

const loaded = async (module: string): Promise<object> => {
  try {
    return (await import(module)) as object;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new TaskError('handler_crashed', `The module of the skill cannot be loaded in a thread: ${text}`);
  }
};

/** The operations of the skill that a module exports. The module is loaded once a thread. */
export const operationsIn = async (module: string, taskType: TaskType): Promise<ReadonlyMap<string, Operation>> => {
  const skills = Object.values(await loaded(module)).filter(isSkill);
  const operations = skills.find((skill) => skill.taskType === taskType)?.operations ?? [];
  return new Map(operations.map((operation) => [operation.name, operation]));
};
