// What a step makes of an item: the template of its payload and keys, and the task that is to be submitted.
import { ConcurrencyKey, type Priority, UniqueKey, type WorkflowStep } from '@pulser/contracts';

/** An item of a step that is to become a task. */
export interface Draft extends Filled {
  readonly step: string;
  readonly index: number;
  readonly taskType: string;
  readonly priority: Priority;
  readonly deadlineS: number | undefined;
  readonly maxAttempts: number | undefined;
}

/** The template of a step with its expressions evaluated. */
export interface Filled {
  readonly payload: Record<string, unknown>;
  readonly concurrency: ConcurrencyKey | undefined;
  readonly unique: UniqueKey | undefined;
}

export type FilledIn =
  | { readonly ok: true; readonly value: Filled }
  | { readonly ok: false; readonly code: string; readonly detail: string };

const payloadOf = (step: WorkflowStep): unknown => {
  if ('payload' in step) return step.payload;
  if ('approval' in step) return { operation: 'approve', step: step.name, ...step.approval };
  return 'workflow' in step ? { operation: 'run', workflow: step.workflow, inputs: step.inputs } : {};
};

/** What is filled in for each item. */
export const templateOf = (step: WorkflowStep): object => {
  const { concurrency, unique } = 'wait' in step || 'approval' in step ? {} : step;
  return { payload: payloadOf(step), ...(concurrency && { concurrency }), ...(unique && { unique }) };
};

/** Keys are as free as their expressions: they are looked at when they are filled in. */
export const filled = (value: unknown): FilledIn => {
  const { payload, concurrency, unique } = value as { payload: Record<string, unknown> } & Record<string, unknown>;
  const [limited, single] = [ConcurrencyKey.optional().safeParse(concurrency), UniqueKey.optional().safeParse(unique)];
  if (!limited.success) return badKey('concurrency');
  if (!single.success) return badKey('unique');
  return { ok: true, value: { payload, concurrency: limited.data, unique: single.data } };
};

const badKey = (name: 'concurrency' | 'unique'): FilledIn => ({
  ok: false,
  code: 'invalid_key',
  detail: `${name}: what its expression gives is no text of 1 to 200 characters`,
});

/** @param priority of the run */
export const draftOf = (
  step: WorkflowStep,
  index: number,
  { payload, concurrency, unique }: Filled,
  priority: Priority,
): Draft => {
  const taskType = 'task_type' in step ? step.task_type : 'orchestration';
  const { priority: own, deadline_s: deadlineS, retry } = 'wait' in step || 'approval' in step ? {} : step;
  const task = { taskType, payload, concurrency, unique, priority: own ?? priority };
  return { step: step.name, index, ...task, deadlineS, maxAttempts: retry?.max_attempts };
};
