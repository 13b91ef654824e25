import type { CallFact, Facts, TaskFact } from './facts.js';
import { indexBy } from './index-by.js';
import type { Violation } from './violation.js';

/** Milliseconds after its time within which a row is looked at by somebody, at the latest. */
const sweepGraceMs = 15_000;

const hasEnded = ({ completedAt }: TaskFact): boolean => completedAt !== null;

/** Faults killed it as often as it may be tried: an end that is promised too. */
const isUsedUp = ({ status, attempts, maxAttempts, errorCode }: TaskFact): boolean =>
  status === 'failed' && attempts === maxAttempts && errorCode !== 'deadline_exceeded';

const attemptOf = ({ taskId, attempt }: CallFact): string => `${taskId}/${attempt}`;

type Promised = (facts: Facts) => Violation[];

const everyTaskEnded: Promised = ({ accepted, tasks }) => {
  const byRef = indexBy(tasks, ({ ref }) => ref);
  const lost = accepted
    .filter(({ ref }) => !byRef.has(ref))
    .map(({ ref, taskIds }): Violation => ({ kind: 'lost', what: 'accepted, and no row', ref, taskId: taskIds[0] }));
  const open = tasks
    .filter((task) => !hasEnded(task))
    .map(({ ref, taskId, status }): Violation => ({ kind: 'lost', what: `still ${status}`, ref, taskId }));
  return [...lost, ...open];
};

const endedAsWanted: Promised = ({ accepted, tasks }) => {
  const wantedStatus = { effect: ['completed'], none: ['failed'], cancelled: ['cancelled'], either: [] as string[] };
  const wanted = new Map(accepted.map((one) => [one.ref, one.expect]));
  return tasks.filter(hasEnded).flatMap((task): Violation[] => {
    const expect = wanted.get(task.ref ?? '') ?? 'either';
    if (expect === 'either' || wantedStatus[expect].includes(task.status) || isUsedUp(task)) return [];
    const what = `${task.status} (${task.errorCode ?? 'no error'}), but ${expect} was wanted`;
    return [{ kind: expect === 'effect' ? 'lost' : 'wrong', what, ref: task.ref, taskId: task.taskId }];
  });
};

const everyEffectOnce: Promised = ({ accepted, tasks, effects }) => {
  const wanted = new Map(accepted.map((one) => [one.ref, one.expect]));
  const byRef = indexBy(effects, ({ ref }) => ref);
  const missing = tasks
    .filter(({ status, ref }) => status === 'completed' && !byRef.has(ref ?? ''))
    .map(({ ref, taskId }): Violation => ({ kind: 'lost', what: 'completed without its effect', ref, taskId }));
  const tooMany = [...byRef].flatMap(([ref, all]): Violation[] => {
    const most = ['none', 'cancelled'].includes(wanted.get(ref) ?? '') ? 0 : 1;
    const [one] = all;
    if (all.length <= most) return [];
    return [{ kind: 'doubled', what: `${all.length} effects, at most ${most} wanted`, ref, taskId: one?.taskId }];
  });
  return [...missing, ...tooMany];
};

// A worker that was frozen between the ledger and the call makes it when it thaws: only the idempotency key can make that
// harmless. What must not be is an attempt that began after the effect was in the ledger, and calls all the same.
const noCallAfterTheLedger: Promised = ({ calls, ledger }) => {
  const finished = new Map(ledger.map(({ taskId, finishedAt }) => [taskId, finishedAt]));
  const begun = new Map(calls.flatMap((call) => (call.phase === 'begin' ? [[attemptOf(call), call.at]] : [])));
  return calls
    .filter(
      (call) => call.phase !== 'begin' && (begun.get(attemptOf(call)) ?? 0) > (finished.get(call.taskId) ?? Infinity),
    )
    .map(({ ref, taskId }) => ({
      kind: 'doubled',
      what: 'its effect was called for after the ledger had it',
      ref,
      taskId,
    }));
};

const attemptsWithinLimit: Promised = ({ tasks }) =>
  tasks
    .filter(({ attempts, maxAttempts }) => attempts > maxAttempts)
    .map(({ ref, taskId, attempts, maxAttempts }) => ({
      kind: 'wrong',
      what: `${attempts} attempts, ${maxAttempts} allowed`,
      ref,
      taskId,
    }));

const noOverdueLease: Promised = ({ at, tasks }) =>
  tasks
    .filter(({ status, dueAt }) => status === 'running' && dueAt !== null && dueAt < at - sweepGraceMs)
    .map(({ ref, taskId }) => ({ kind: 'lost', what: 'its lease ran out and nobody looked', ref, taskId }));

const everyRowHasItsTime: Promised = ({ tasks }) =>
  tasks
    .filter((task) => !hasEnded(task) && task.dueAt === null)
    .map(({ ref, taskId }) => ({ kind: 'lost', what: 'not ended, and nobody will look at it', ref, taskId }));

const everyFailureHasItsLetter: Promised = ({ tasks, deadTasks }) => {
  const letters = indexBy(deadTasks, (taskId) => taskId);
  const failed = new Map(tasks.filter(({ status }) => status === 'failed').map((task) => [task.taskId, task]));
  const without = [...failed.values()]
    .filter(({ taskId }) => letters.get(taskId)?.length !== 1)
    .map(({ ref, taskId }): Violation => ({
      kind: 'wrong',
      what: 'failed without exactly one dead letter',
      ref,
      taskId,
    }));
  const beside = [...letters.keys()]
    .filter((taskId) => !failed.has(taskId))
    .map((taskId): Violation => ({ kind: 'wrong', what: 'a dead letter of a task that has not failed', taskId }));
  return [...without, ...beside];
};

const oneKeyOneTask: Promised = ({ accepted, tasks }) => {
  const byRef = indexBy(tasks, ({ ref }) => ref);
  return accepted
    .filter(({ ref, taskIds }) => new Set([...taskIds, ...(byRef.get(ref) ?? []).map((row) => row.taskId)]).size > 1)
    .map(({ ref, taskIds }) => ({
      kind: 'doubled',
      what: 'one idempotency key, several tasks',
      ref,
      taskId: taskIds[0],
    }));
};

const nothingLeftUnacknowledged: Promised = ({ queues }) =>
  queues
    .filter(({ unacknowledged }) => unacknowledged > 0)
    .map(({ name, unacknowledged }) => ({
      kind: 'wrong',
      what: `${unacknowledged} unacknowledged messages in ${name}`,
    }));

/** What Pulser promises, each as the ways in which it was broken. */
export const promises = {
  'every accepted task has a row that ended': everyTaskEnded,
  'every task ended as it had to': endedAsWanted,
  'every task had its effect exactly once, and only those that must have one': everyEffectOnce,
  'no effect was asked for again once the ledger had it': noCallAfterTheLedger,
  'no task was tried more often than allowed': attemptsWithinLimit,
  'no lease ran out unseen': noOverdueLease,
  'no row waits without a time at which somebody looks': everyRowHasItsTime,
  'every failed task has one dead letter, and nobody else': everyFailureHasItsLetter,
  'one idempotency key is one task': oneKeyOneTask,
  'no message stays unacknowledged': nothingLeftUnacknowledged,
} as const satisfies Record<string, Promised>;

export type PromiseName = keyof typeof promises;
