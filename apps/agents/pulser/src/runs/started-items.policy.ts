// Items that have become tasks, or never will: what that makes of their steps.
import type { StepChange, TaskChange } from '@pulser/context-bus';

const isNextRun = (indices: readonly number[], from: number): boolean =>
  [...indices].sort((a, b) => a - b).every((index, n) => index === from + n);

/** The items that are still to be started, where they are not the last ones. */
const missingAfter = ({ missing, started, total }: StepChange, gone: readonly number[]): readonly number[] | null => {
  if (missing === null && isNextRun(gone, started)) return null;
  const left = missing ?? Array.from({ length: (total ?? 0) - started }, (_, n) => started + n);
  const taken = new Set(gone);
  return left.filter((index) => !taken.has(index));
};

/** A step of which some items were started or refused. */
export const withStarted = (step: StepChange, tasks: readonly TaskChange[]): StepChange => {
  const own = tasks.filter((task) => task.step === step.name);
  if (own.length === 0) return step;
  const failed = own.filter(({ status }) => status === 'failed');
  const completed = own.filter(({ status }) => status === 'completed');
  return {
    ...step,
    started: step.started + own.length,
    failed: step.failed + failed.length,
    completed: step.completed + completed.length,
    missing: missingAfter(
      step,
      own.map(({ index }) => index),
    ),
    code: step.code ?? failed[0]?.code ?? null,
  };
};
