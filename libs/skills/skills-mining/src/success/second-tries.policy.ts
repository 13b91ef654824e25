// What failures became: attempts that the platform repeated by itself, and second tries by the same submitter, which may
// have changed something.
import type { FinishedTask } from '@pulser/agent-runtime/skill';

import { fieldsOf, groupBy, judged, succeeded, taskName } from '../history/history.js';
import { adjusted, falseReports, fisher, proportion, type Proportion } from '../statistics/proportions.policy.js';

/** Attempts that failed with a code and were repeated: the payload was the same. */
export interface RepeatedAttempts {
  readonly task: string;
  readonly error_code: string;
  /** Tasks that were completed after such a failure, of all that were tried again. */
  readonly completed: Proportion;
}

/** A field whose change goes with success after a failure. */
export interface Cure {
  readonly task: string;
  readonly field: string;
  readonly error_codes: readonly string[];
  readonly changed: Proportion;
  readonly unchanged: Proportion;
  /** Changes with success, the most frequent first, as `from -> to`. */
  readonly changes: readonly { readonly change: string; readonly times: number }[];
  readonly adjusted_p: number;
  /** Failed task and second try, in pairs, of those with the change that were completed. */
  readonly taskIds: readonly string[];
}

export interface MinedSecondTries {
  /** Failed tasks that were followed by a second try. */
  readonly pairs: number;
  readonly tests: number;
  readonly found: readonly Cure[];
}

export const repeatedAttempts = (tasks: readonly FinishedTask[]): RepeatedAttempts[] => {
  const repeated = judged(tasks).flatMap((task) =>
    [...new Set(task.earlierErrors)].map((code) => ({ task, name: taskName(task), code })),
  );
  return [...groupBy(repeated, ({ name, code }) => `${name} ${code}`).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const completed = proportion(group.filter(({ task }) => succeeded(task)).length, group.length);
    return [{ task: first.name, error_code: first.code, completed }];
  });
};

interface SecondTry {
  readonly first: FinishedTask;
  readonly second: FinishedTask;
  readonly changed: ReadonlySet<string>;
}

const maxFields = 64;
const minChanged = 3;
const maxChangesTold = 5;

/** Of the fields of both, so many must be the same, or it is another task and no second try. */
const sameShare = 0.5;

/**
 * Pairs of a failed task and the next one of its kind, of the same submitter or parent, or its replay; for each field that
 * was changed in some and not in others, Fisher's exact test of change against success.
 * @param tasks oldest first
 */
export const mineSecondTries = (
  tasks: readonly FinishedTask[],
  { minEvidence, pauseMs }: { readonly minEvidence: number; readonly pauseMs: number },
): MinedSecondTries => {
  const pairs = secondTries(judged(tasks), pauseMs);
  const tested = [...groupBy(pairs, ({ first }) => taskName(first))]
    .filter(([, ofKind]) => ofKind.length >= minEvidence)
    .flatMap(([task, ofKind]) => changesOf(ofKind).map((change) => ({ task, ...change })));
  const corrected = adjusted(
    tested.map(({ p }) => p),
    tested.length,
  );
  const found = tested.flatMap((change, index) => {
    const adjustedP = corrected[index] ?? 1;
    return adjustedP <= falseReports && share(change.with).rate > share(change.without).rate
      ? [cureOf(change, adjustedP)]
      : [];
  });
  return { pairs: pairs.length, tests: tested.length, found };
};

const secondTries = (tasks: readonly FinishedTask[], pauseMs: number): SecondTry[] => {
  const families = groupBy(tasks, (task) => `${taskName(task)} ${task.parentId ?? ''} ${task.submitter ?? ''}`);
  const inFamilies = [...families.values()].flatMap((family) =>
    family.flatMap((first, index) => {
      const second = family[index + 1];
      const isLater = second !== undefined && Date.parse(second.createdAt) - Date.parse(first.finishedAt) <= pauseMs;
      return isLater ? pairOf(first, second) : [];
    }),
  );
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const replays = tasks.flatMap((second) => {
    const first = second.replayOf === null ? undefined : byId.get(second.replayOf);
    return first === undefined ? [] : pairOf(first, second);
  });
  // A replay may also be the next of its family.
  return [...new Map([...inFamilies, ...replays].map((pair) => [pair.second.taskId, pair])).values()];
};

const pairOf = (first: FinishedTask, second: FinishedTask): SecondTry[] => {
  if (succeeded(first)) return [];
  const [before, after] = [withPriority(first), withPriority(second)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changed = new Set(paths.filter((path) => before.get(path) !== after.get(path)));
  return paths.length - changed.size >= sameShare * paths.length ? [{ first, second, changed }] : [];
};

const withPriority = (task: FinishedTask): ReadonlyMap<string, string> =>
  new Map([...fieldsOf(task), ['(priority)', task.priority]]);

interface Change {
  readonly field: string;
  readonly with: readonly SecondTry[];
  readonly without: readonly SecondTry[];
  readonly p: number;
}

const isCompleted = ({ second }: SecondTry): boolean => succeeded(second);

const changesOf = (pairs: readonly SecondTry[]): Change[] => {
  const fields = [...new Set(pairs.flatMap(({ changed }) => [...changed]))].slice(0, maxFields);
  return fields.flatMap((field) => {
    const having = pairs.filter(({ changed }) => changed.has(field));
    const others = pairs.filter(({ changed }) => !changed.has(field));
    if (having.length < minChanged || others.length < minChanged) return [];
    const [successes, otherSuccesses] = [having.filter(isCompleted).length, others.filter(isCompleted).length];
    const p = fisher({
      withSuccesses: successes,
      withFailures: having.length - successes,
      withoutSuccesses: otherSuccesses,
      withoutFailures: others.length - otherSuccesses,
    });
    return [{ field, with: having, without: others, p }];
  });
};

const share = (pairs: readonly SecondTry[]): Proportion => proportion(pairs.filter(isCompleted).length, pairs.length);

const cureOf = (change: Change & { readonly task: string }, adjustedP: number): Cure => {
  const cured = change.with.filter(isCompleted);
  const changes = groupBy(cured, ({ first, second }) => {
    const [from, to] = [withPriority(first), withPriority(second)].map((fields) => fields.get(change.field));
    return `${from ?? '(absent)'} -> ${to ?? '(absent)'}`;
  });
  return {
    task: change.task,
    field: change.field,
    error_codes: [...new Set(change.with.flatMap(({ first }) => first.errorCode ?? []))].sort(),
    changed: share(change.with),
    unchanged: share(change.without),
    changes: [...changes]
      .map(([text, pairs]) => ({ change: text, times: pairs.length }))
      .sort((a, b) => b.times - a.times)
      .slice(0, maxChangesTold),
    adjusted_p: Number(adjustedP.toPrecision(3)),
    taskIds: cured.flatMap(({ first, second }) => [first.taskId, second.taskId]),
  };
};
