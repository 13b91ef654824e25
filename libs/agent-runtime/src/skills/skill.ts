import type { RetryLimits, TaskType } from '@pulser/contracts';
import type { z } from 'zod';

import type { SkillErrors } from './skill-errors.js';
import type { TaskContext } from './task-context.js';
import type { ApprovalTerms } from './task-waits.js';

export { TaskError } from '@pulser/contracts';
export { notApproved } from './approval-gate.js';
export { type DeclaredCode, SkillErrors, skillErrors } from './skill-errors.js';
export type {
  ApprovalOutcome,
  AttemptFacts,
  ChildEnd,
  ChildOrder,
  DataFile,
  DatasetDraft,
  DatasetFacts,
  Effect,
  FinishedTask,
  FinishedTaskPage,
  FinishedTaskQuery,
  Json,
  MemoryHit,
  MemoryToKeep,
  RunOrder,
  RunRefusal,
  TakenSignal,
  TaskContext,
  TelemetryAnswers,
  TelemetryQuestion,
  TelemetryView,
} from './task-context.js';
export type { CallsApproval, CallsToApprove, ToolAnswer } from './task-tools.js';
export type { ApprovalRequest, ApprovalTerms, WaitFor, WaitOutcome } from './task-waits.js';

/** One thing an agent can do. The payload of a task names it in `operation`. */
export interface Operation<Input extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly summary: string;
  /** Schema of the payload, `operation` included. */
  readonly input: Input;
  /** A payload that runs as it is; shown by the API. */
  readonly example: z.input<Input>;
  /** The codes of its own with which it fails; shown by the API. */
  readonly errors?: SkillErrors;
  /**
   * Runs in the worker's own thread: faster to start, and only for a handler that awaits (I/O, child processes) and never
   * computes for long, because it holds up everything else there. It cannot be cut off: one that ignores the abort keeps
   * running beside what takes its slot after the grace. Without it the handler has a thread of its own, which is ended
   * 2 s after an abort that it ignores.
   */
  readonly inline?: boolean;
  /**
   * The handler changes nothing outside, but by `once`: then its short attempts run without a claim, which is cheaper. It
   * may run twice after a crash, but ends once.
   */
  readonly repeatable?: boolean;
  /** The handler may ask for secrets of the tenant that the payload names. */
  readonly secrets?: boolean;
  /**
   * Persons who had no part in the task approve its very payload before the handler runs, also where a model calls it as a
   * tool. For what changes something outside that nobody can undo.
   */
  readonly approval?: OperationApproval<Input>;
  /** A model that answers a question calls it only where the task of the question names it. */
  readonly mustBeNamed?: boolean;
  /** It makes the whole task something else, so that a model that answers a question cannot call it. */
  readonly takesOver?: boolean;
  handle(input: z.output<Input>, context: TaskContext): Promise<unknown>;
}

/** What an operation asks for before its handler runs. */
export interface OperationApproval<Input extends z.ZodType = z.ZodType> extends ApprovalTerms {
  /** One line of what is to be done, of 200 characters at most. (A method: an operation of any input is an operation.) */
  title(input: z.output<Input>): string;
  /** Whether this one needs it; without, each does. */
  when?(input: z.output<Input>): boolean;
}

/** What a model is told that answers for the agent of a skill, beside what every agent is told. */
export interface SkillInstructions {
  /** Raised with every change of the text. */
  readonly version: number;
  readonly text: string;
}

/** What a skill may set for its task type instead of the built-in limits. */
export interface SkillLimits {
  /** Back-off between attempts, and how many there are at most: never more than the task was submitted with. */
  readonly retry?: RetryLimits;
  /** Seconds that one attempt may run. */
  readonly timeLimitS?: number;
  /** For `ask`. */
  readonly instructions?: SkillInstructions;
}

/** What an agent can do with tasks of one type. */
export interface Skill extends SkillLimits {
  readonly taskType: TaskType;
  /** URL of the module that exports this skill: threads import it. */
  readonly module: string;
  readonly operations: readonly Operation[];
}

/** Ties the type of `handle`'s input to the schema. */
export const operation = <Input extends z.ZodType>(definition: Operation<Input>): Operation<Input> => definition;

/** @param module `import.meta.url` of the module that exports the skill */
export const skill = (
  taskType: TaskType,
  module: string,
  operations: readonly Operation[],
  limits: SkillLimits = {},
): Skill => ({ taskType, module, operations, ...limits });
