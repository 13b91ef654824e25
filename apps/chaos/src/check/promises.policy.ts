// The promises of Pulser as pure functions over the facts of a run.
import type { CallFact, Facts, SubmittedFact, TaskFact } from './facts.js';
import { toolPromises } from './tool-promises.policy.js';
import { indexBy, type Promised, type Violation } from './violations.policy.js';
import { waitingPromises } from './waiting-promises.policy.js';

/** A router looks at a row at most so long after its due time, in milliseconds. */
const sweepGraceMs = 15_000;

const hasEnded = ({ completedAt }: TaskFact): boolean => completedAt !== null;

/** Faults used up its attempts: an end that is promised too. */
const isUsedUp = ({ status, attempts, maxAttempts, errorCode }: TaskFact): boolean =>
  status === 'failed' && attempts === maxAttempts && errorCode !== 'deadline_exceeded';

// With the process: the number of an attempt that was given back at a shutdown, uncounted, is used again.
const attemptOf = ({ taskId, attempt, pid }: CallFact): string => `${taskId}/${attempt}/${pid}`;

const everyTaskEnded: Promised = ({ submitted, tasks }) => {
  const byRef = indexBy(tasks, ({ ref }) => ref);
  const lost = submitted
    .filter(({ ref, accepted }) => accepted && !byRef.has(ref))
    .map(({ ref, taskIds }): Violation => ({ kind: 'lost', what: 'accepted, and no row', ref, taskId: taskIds[0] }));
  const open = tasks
    .filter((task) => !hasEnded(task))
    .map(({ ref, taskId, status }): Violation => ({ kind: 'lost', what: `still ${status}`, ref, taskId }));
  return [...lost, ...open];
};

const wantedStatus = {
  effect: ['completed'],
  run: ['completed'],
  answer: ['completed'],
  asked: ['completed'],
  none: ['failed'],
  cancelled: ['cancelled'],
} as const satisfies Record<Exclude<SubmittedFact['expect'], 'either'>, readonly TaskFact['status'][]>;

/** Ends that are promised too: the faults used up its attempts, or those of a step, or there was no money left. */
const isExcused = (task: TaskFact, expect: SubmittedFact['expect'], usedUp: ReadonlySet<string>): boolean =>
  isUsedUp(task) ||
  (task.errorCode === 'step_failed' && usedUp.has(task.taskId)) ||
  (expect === 'asked' && task.errorCode === 'budget_spent');

const endedAsWanted: Promised = ({ submitted, tasks }) => {
  const wanted = new Map(submitted.map((one) => [one.ref, one.expect]));
  const usedUp = new Set(tasks.flatMap((task) => (isUsedUp(task) ? (task.rootId ?? []) : [])));
  return tasks.filter(hasEnded).flatMap((task): Violation[] => {
    const expect = wanted.get(task.ref ?? '') ?? 'either';
    if (expect === 'either' || isExcused(task, expect, usedUp)) return [];
    const statuses: readonly TaskFact['status'][] = wantedStatus[expect];
    if (statuses.includes(task.status)) return [];
    const what = `${task.status} (${task.errorCode ?? 'no error'}), but ${expect} was wanted`;
    return [{ kind: statuses.includes('completed') ? 'lost' : 'wrong', what, ref: task.ref, taskId: task.taskId }];
  });
};

/** What completes without an effect. */
const withoutEffect: ReadonlySet<string | undefined> = new Set(['run', 'answer', 'asked']);

const everyEffectOnce: Promised = ({ submitted, tasks, effects }) => {
  const wanted = new Map(submitted.map((one) => [one.ref, one.expect]));
  const byRef = indexBy(effects, ({ ref }) => ref);
  const missing = tasks
    .filter(
      // Tasks of Pulser's agents that came of others have no reference.
      ({ status, ref }) =>
        status === 'completed' && ref !== null && !withoutEffect.has(wanted.get(ref)) && !byRef.has(ref),
    )
    .map(({ ref, taskId }): Violation => ({ kind: 'lost', what: 'completed without its effect', ref, taskId }));
  const tooMany = [...byRef].flatMap(([ref, all]): Violation[] => {
    const most = ['run', 'answer', 'asked', 'none', 'cancelled'].includes(wanted.get(ref) ?? '') ? 0 : 1;
    const [one] = all;
    if (all.length <= most) return [];
    return [{ kind: 'doubled', what: `${all.length} effects, at most ${most} wanted`, ref, taskId: one?.taskId }];
  });
  return [...missing, ...tooMany];
};

const everyRepeatableRan: Promised = ({ submitted, tasks, calls }) => {
  const repeatable = new Set(submitted.flatMap(({ ref, expect }) => (expect === 'run' ? [ref] : [])));
  const ran = new Set(calls.map(({ taskId }) => taskId));
  return tasks
    .filter(({ ref, taskId, status }) => status === 'completed' && repeatable.has(ref ?? '') && !ran.has(taskId))
    .map(({ ref, taskId }) => ({ kind: 'lost', what: 'completed without having run', ref, taskId }));
};

const valueAt = (value: unknown, [step, ...rest]: readonly string[]): unknown =>
  step === undefined
    ? value
    : valueAt(typeof value === 'object' && value !== null ? Reflect.get(value, step) : value, rest);

const everyAnswerRight: Promised = ({ submitted, tasks }) => {
  const answers = new Map(submitted.flatMap(({ ref, answer }) => (answer === undefined ? [] : [[ref, answer]])));
  return tasks.flatMap(({ status, ref, taskId, result }): Violation[] => {
    const answer = answers.get(ref ?? '');
    if (status !== 'completed' || answer === undefined) return [];
    const given = JSON.stringify(valueAt(result, answer.at));
    const what = `${given} at ${answer.at.join('/')} of its result instead of ${JSON.stringify(answer.is)}`;
    return given === JSON.stringify(answer.is) ? [] : [{ kind: 'wrong', what, ref, taskId }];
  });
};

// A worker that was frozen between the ledger and the call makes the call when it thaws: only the call's idempotency key
// makes that harmless. An attempt that began after the effect was in the ledger must not call.
const noCallAfterTheLedger: Promised = ({ calls, ledger }) => {
  const finished = new Map(ledger.map(({ taskId, finishedAt }) => [taskId, finishedAt]));
  const begun = new Map(calls.flatMap((call) => (call.phase === 'begin' ? [[attemptOf(call), call.at]] : [])));
  return calls
    .filter(
      (call) => call.phase !== 'begin' && (begun.get(attemptOf(call)) ?? 0) > (finished.get(call.taskId) ?? Infinity),
    )
    .map(({ ref, taskId }) => ({
      kind: 'doubled',
      what: 'called although the ledger had its effect',
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
    .map(({ ref, taskId }) => ({ kind: 'lost', what: 'its lease ran out unnoticed', ref, taskId }));

const everyRowHasItsTime: Promised = ({ tasks }) =>
  tasks
    .filter((task) => !hasEnded(task) && task.dueAt === null)
    .map(({ ref, taskId }) => ({ kind: 'lost', what: 'not ended, and without a due time', ref, taskId }));

const oneDeadLetterPerFailure: Promised = ({ tasks, deadTasks }) => {
  const deadLetters = indexBy(deadTasks, (taskId) => taskId);
  const failed = new Map(tasks.filter(({ status }) => status === 'failed').map((task) => [task.taskId, task]));
  const without = [...failed.values()]
    .filter(({ taskId }) => deadLetters.get(taskId)?.length !== 1)
    .map(({ ref, taskId }): Violation => ({
      kind: 'wrong',
      what: 'failed without exactly one dead letter',
      ref,
      taskId,
    }));
  const beside = [...deadLetters.keys()]
    .filter((taskId) => !failed.has(taskId))
    .map((taskId): Violation => ({ kind: 'wrong', what: 'a dead letter of a task that has not failed', taskId }));
  return [...without, ...beside];
};

/** Orders of a kind that are several tasks, by the ids that were answered and by the rows. */
const severalTasks = ({ submitted, tasks }: Facts, keyed: boolean): SubmittedFact[] => {
  const byRef = indexBy(tasks, ({ ref }) => ref);
  return submitted
    .filter((order) => order.keyed === keyed)
    .filter(({ ref, taskIds }) => new Set([...taskIds, ...(byRef.get(ref) ?? []).map((row) => row.taskId)]).size > 1);
};

const oneKeyOneTask: Promised = (facts) =>
  severalTasks(facts, true).map(({ ref, taskIds }) => ({
    kind: 'doubled',
    what: 'one idempotency key, several tasks',
    ref,
    taskId: taskIds[0],
  }));

const keylessOnce: Promised = (facts) =>
  severalTasks(facts, false).map(({ ref, taskIds, accepted }) => ({
    kind: 'doubled',
    what: `one submission without a key${accepted ? '' : ', whose answer was lost'}: several tasks`,
    ref,
    taskId: taskIds[0],
  }));

const nothingLeftUnacknowledged: Promised = ({ queues }) =>
  queues
    .filter(({ unacknowledged }) => unacknowledged > 0)
    .map(({ name, unacknowledged }) => ({
      kind: 'wrong',
      what: `${unacknowledged} unacknowledged messages in ${name}`,
    }));

// Routers fold every second, and nothing has changed since the queues came to rest.
const countsEqualRows: Promised = ({ kept: { differences, unfolded } }) => [
  ...differences.map((what): Violation => ({ kind: 'wrong', what })),
  ...(unfolded > 0 ? [{ kind: 'wrong', what: `${unfolded} deltas are not folded` } as const] : []),
];

// One that was frozen, and wakes when another one leads, has an older epoch.
const oneHealthServiceLeads: Promised = ({ health }) =>
  health
    .filter(({ epoch }, n) => epoch < (health[n - 1]?.epoch ?? 0))
    .map(({ agent, status, epoch }) => ({
      kind: 'wrong',
      what: `${agent} was called ${status} by the leader of epoch ${epoch} after a later one had begun`,
    }));

/** What Pulser promises: each a function from the facts to the ways in which it was broken. */
export const promises = {
  'every accepted task has a row that ended': everyTaskEnded,
  'every task ended as it had to': endedAsWanted,
  'every task had its effect exactly once, and only those that must have one': everyEffectOnce,
  'every repeatable task that completed has run': everyRepeatableRan,
  'every task of an agent that comes with Pulser has the right answer': everyAnswerRight,
  'no effect was called for again once the ledger had it': noCallAfterTheLedger,
  'no task was tried more often than allowed': attemptsWithinLimit,
  'no lease ran out unnoticed': noOverdueLease,
  'every row that has not ended has its time': everyRowHasItsTime,
  'every failed task, and no other, has one dead letter': oneDeadLetterPerFailure,
  'one idempotency key is one task': oneKeyOneTask,
  'one submission without a key is one task, or none when its answer was lost': keylessOnce,
  'no message stays unacknowledged': nothingLeftUnacknowledged,
  'the counters equal the rows, and are folded': countsEqualRows,
  'one health service acts at a time': oneHealthServiceLeads,
  ...waitingPromises,
  ...toolPromises,
} as const satisfies Record<string, Promised>;

export type PromiseName = keyof typeof promises;

export interface Judged {
  readonly promise: PromiseName;
  readonly violations: readonly Violation[];
}

/** Checks every promise. */
export const judge = (facts: Facts): Judged[] =>
  (Object.keys(promises) as PromiseName[]).map((promise) => ({ promise, violations: promises[promise](facts) }));
