// What is promised of work that waits, repeats, asks and thinks: pure functions over the facts of a run.
import { answerMicros } from '../load/asks.js';
import { indexBy, type Promised, type Violation } from './violations.policy.js';
import type { ScheduleFact } from './waiting-facts.js';

const everyRunEnded: Promised = ({ waiting: { runs } }) =>
  runs
    .filter(({ hasEnded, openSteps, notices }) => !hasEnded || openSteps + notices > 0)
    .map(({ taskId, hasEnded, openSteps, notices }) => ({
      kind: 'lost',
      what: `a run ${hasEnded ? 'that has ended' : 'without an end'}, with ${openSteps} open steps and ${notices} notices`,
      taskId,
    }));

const noStrangers: Promised = ({ waiting: { runs } }) =>
  runs
    .filter(({ strangers }) => strangers > 0)
    .map(({ taskId, strangers }) => ({
      kind: 'doubled',
      what: `${strangers} tasks of a run that are no item of its steps`,
      taskId,
    }));

/** Of a run that completed every step was one task, which had its effect once. */
const everyStepOnce: Promised = ({ submitted, tasks, effects }) => {
  const [tasksOf, effectsOf] = [indexBy(tasks, ({ ref }) => ref), indexBy(effects, ({ ref }) => ref)];
  return submitted.flatMap((order) => {
    const [run] = tasksOf.get(order.ref) ?? [];
    return (order.effects ?? []).flatMap((ref): Violation[] => {
      const [taskCount, effectCount] = [tasksOf.get(ref)?.length ?? 0, effectsOf.get(ref)?.length ?? 0];
      const isDoubled = taskCount > 1 || effectCount > 1;
      const isLost = run?.status === 'completed' && (taskCount < 1 || effectCount < 1);
      if (!isDoubled && !isLost) return [];
      const what = `the step ${ref} of a run: ${taskCount} tasks, ${effectCount} effects`;
      return [{ kind: isDoubled ? 'doubled' : 'lost', what, ref: order.ref, taskId: run?.taskId }];
    });
  });
};

/** A time is fired late by so much at most before its schedule counts as stuck, in milliseconds. */
const graceMs = 5_000;

const missedTimes = ({ name, everyMs, madeAt, pausedAt, fires }: ScheduleFact): Violation[] => {
  const times = fires.map(({ nominalAt }) => nominalAt);
  const known = new Set(times);
  const first = Math.ceil(madeAt / everyMs) * everyMs;
  const last = (pausedAt ?? Infinity) - graceMs;
  const missed: Violation[] = [];
  // The time in which it was written may be either.
  for (let at = first + everyMs; at <= Math.min(last, Math.max(...times, last)); at += everyMs)
    if (!known.has(at)) missed.push({ kind: 'lost', what: `${name} has not fired at ${new Date(at).toISOString()}` });
  return missed;
};

const skippedTimes = ({ name, fires }: ScheduleFact): Violation[] =>
  fires
    .filter(({ state, reason }) => state === 'pending' || (state === 'skipped' && reason !== 'paused'))
    .map(({ nominalAt, state, reason }) => ({
      kind: 'lost',
      what: `${name} ${state} ${new Date(nominalAt).toISOString()} (${reason ?? 'no reason'})`,
    }));

const firedOnce = ({ name, fires, taskIds }: ScheduleFact): Violation[] => {
  const own = fires.flatMap(({ taskId }) => taskId ?? []);
  const [known, ofFires] = [new Set(taskIds), new Set(own)];
  const doubled = taskIds.filter((taskId) => !ofFires.has(taskId));
  const lost = own.filter((taskId) => !known.has(taskId));
  return [
    ...doubled.map((taskId): Violation => ({ kind: 'doubled', what: `a task of ${name} that no time has`, taskId })),
    ...lost.map((taskId): Violation => ({ kind: 'lost', what: `a time of ${name} whose task is gone`, taskId })),
    ...(ofFires.size < own.length ? [{ kind: 'wrong', what: `two times of ${name} have one task` } as const] : []),
  ];
};

const everyTimeFiredOnce: Promised = ({ waiting: { schedules } }) =>
  schedules.flatMap((schedule): Violation[] => [
    ...(schedule.pausedAt === null || schedule.pausedBy !== null
      ? [{ kind: 'wrong', what: `${schedule.name} rests because of ${schedule.pausedBy ?? 'nothing'}` } as const]
      : missedTimes(schedule)),
    ...skippedTimes(schedule),
    ...firedOnce(schedule),
  ]);

const everyApprovalOnce: Promised = ({ waiting: { approvals } }) =>
  approvals.flatMap(({ taskId, status, taskStatus, decisions, resumes, isUsed }): Violation[] => {
    if (status === 'withdrawn') return [];
    const isOnce = (status === 'approved' || status === 'denied') && decisions === 1 && resumes <= 1;
    const hasEnded = taskStatus === 'completed' ? status === 'approved' && isUsed : taskStatus !== 'waiting';
    if (isOnce && hasEnded) return [];
    const what = `an approval is ${status} by ${decisions} decisions, woke its task ${resumes} times; the task is ${taskStatus}`;
    return [{ kind: decisions > 1 || resumes > 1 ? 'doubled' : 'lost', what, taskId }];
  });

/** Each task that was doomed fired the hook of its tenant once. */
const everyFailureHeard: Promised = ({ tasks, waiting: { hookEvents } }) => {
  const byRef = indexBy(tasks, ({ ref }) => ref);
  const wrong = tasks
    .filter(({ operation, status }) => operation === 'doomed' && status === 'failed')
    .filter(({ taskId }) => byRef.get(taskId)?.length !== 1)
    .map(({ taskId, ref }): Violation => {
      const count = byRef.get(taskId)?.length ?? 0;
      return { kind: count === 0 ? 'lost' : 'doubled', what: `its failure fired a hook ${count} times`, taskId, ref };
    });
  const left: Violation[] = hookEvents > 0 ? [{ kind: 'lost', what: `${hookEvents} events fired no hook` }] : [];
  return [...wrong, ...left];
};

/** The ledger has every request that the server got, and charges at least what it costs. */
const ledgerEqualsServer: Promised = ({ submitted, tasks, asked, waiting: { spend } }) => {
  const tasksOf = indexBy(tasks, ({ ref }) => ref);
  const served = new Map(asked.map((fact) => [fact.ref, fact]));
  const entered = new Map(spend.map((fact) => [fact.rootId, fact]));
  return submitted
    .filter(({ expect }) => expect === 'asked')
    .flatMap(({ ref }): Violation[] => {
      const [task] = tasksOf.get(ref) ?? [];
      const { requests = 0, answered = 0 } = served.get(ref) ?? {};
      const { calls = 0, arrived = 0, micros = 0 } = entered.get(task?.taskId ?? '') ?? {};
      if (arrived <= requests && requests <= calls && micros >= answered * answerMicros) return [];
      const what = `${requests} requests at the model, ${answered} answered; the ledger has ${calls}, ${arrived} of them arrived, for ${micros} micro-dollars`;
      return [{ kind: requests > calls ? 'doubled' : 'wrong', what, ref, taskId: task?.taskId }];
    });
};

const noBudgetExceeded: Promised = ({ waiting: { budgets } }) =>
  budgets
    .filter(({ isExceeded, isReserved }) => isExceeded || isReserved)
    .map(({ scope, key, isExceeded, calls, maxCalls }) => ({
      kind: 'wrong',
      what: `the budget of ${scope} ${key} ${isExceeded ? 'is exceeded' : 'has reservations left'} (${calls} of ${maxCalls} requests)`,
    }));

/** Only a tenant without money left is refused for that. */
const refusedWithReason: Promised = ({ tasks, waiting: { budgets } }) => {
  const poor = new Set(
    budgets.flatMap(({ tenantId, scope, calls, maxCalls }) => (scope === 'day' && calls >= maxCalls ? [tenantId] : [])),
  );
  return tasks
    .filter(({ errorCode, tenantId }) => errorCode === 'budget_spent' && !poor.has(tenantId))
    .map(({ taskId, ref }) => ({ kind: 'wrong', what: 'refused although there was money left', taskId, ref }));
};

/** The promises of work that waits. */
export const waitingPromises = {
  'every run of a workflow ended, and left nothing to notice': everyRunEnded,
  'every task of a run is an item of one of its steps': noStrangers,
  'every step of a run was one task, with its effect once': everyStepOnce,
  'every time of a schedule fired exactly once': everyTimeFiredOnce,
  'every approval was decided once, and resumed its task once': everyApprovalOnce,
  'every failure fired its hook once': everyFailureHeard,
  'the ledger has every request to a model': ledgerEqualsServer,
  'no budget for models is exceeded, and nothing stays reserved': noBudgetExceeded,
  'only who has nothing left is refused for its budget': refusedWithReason,
} as const satisfies Record<string, Promised>;
