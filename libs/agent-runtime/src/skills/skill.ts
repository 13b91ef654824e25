import type { TaskType } from '@pulser/contracts';
import type { z } from 'zod';

import type { TaskContext } from './task-context.js';

/** One thing an agent can do. The payload of a task names it in `operation`. */
export interface Operation<Input extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly summary: string;
  /** Schema of the payload, `operation` included. */
  readonly input: Input;
  /** A payload that runs as it is; shown by the API. */
  readonly example: z.input<Input>;
  handle(input: z.output<Input>, context: TaskContext): Promise<unknown>;
}

/** What an agent can do with tasks of one type. */
export interface Skill {
  readonly taskType: TaskType;
  readonly operations: readonly Operation[];
}

/** Ties the type of `handle`'s input to the schema. */
export const operation = <Input extends z.ZodType>(definition: Operation<Input>): Operation<Input> => definition;

export const skill = (taskType: TaskType, operations: readonly Operation[]): Skill => ({ taskType, operations });
