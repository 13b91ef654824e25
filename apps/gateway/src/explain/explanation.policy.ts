// Why a task is where it is, in one sentence and as data: from the state of the task, what is paused, the broker, and the workers
// that are alive.
import {
  type CurrentWait,
  type HealthSnapshot,
  type KeyInUse,
  maxCountedAhead,
  type PauseRow,
  type Route,
  routeOf,
  type TaskDiagnosis,
} from '@pulser/context-bus';
import type { AgentName, Explanation } from '@pulser/contracts';
import type { BrokerState, Workforce } from '@pulser/messaging';

/** What a task depends on, at the time of the question. */
export interface ExplainContext {
  readonly broker: BrokerState;
  readonly pauses: readonly PauseRow[];
  /** Of the agent that takes the task. Undefined until this process can know. */
  readonly workforce: Workforce | undefined;
  /** Who owns the type and who may stand in; undefined when no agent has registered it. */
  readonly route: Route | undefined;
  readonly health: HealthSnapshot;
  /** Milliseconds since the last heartbeat of the worker that runs the task; undefined unless it is silent. */
  readonly silenceMs: number | undefined;
}

/** One sentence for people, and the same as data. */
type Reason = Pick<Explanation, 'reason' | 'sentence' | 'data'>;

const at = (time: Date | null): string => time?.toISOString() ?? 'never';

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1_000));

/** A length of time in the unit that gives two of it or more: `90 s`, `40 min`, `5 h`, `365 days`. */
const lengthOf = (wholeS: number): string => {
  if (wholeS < 120) return `${wholeS} s`;
  if (wholeS < 7_200) return `${Math.round(wholeS / 60)} min`;
  return wholeS < 172_800 ? `${Math.round(wholeS / 3_600)} h` : `${Math.round(wholeS / 86_400)} days`;
};

const until = ({ dueAt, now }: TaskDiagnosis): string =>
  `${at(dueAt)}, in ${lengthOf(seconds((dueAt ?? now).getTime() - now.getTime()))}`;

const counted = (count: number): string => (count >= maxCountedAhead ? `${count} or more` : String(count));

const plural = (count: number, noun: string): string => `${counted(count)} ${noun}${count === 1 ? '' : 's'}`;

const scheduled = (task: TaskDiagnosis): Reason => ({
  reason: 'scheduled',
  sentence: `It was submitted to start at ${until(task)}.`,
  data: { starts_at: at(task.dueAt) },
});

const backOff = (task: TaskDiagnosis): Reason => ({
  reason: 'back_off',
  sentence: `Attempt ${task.attempts} of ${task.maxAttempts} failed (${task.error?.code ?? 'unknown'}); the next one starts at ${until(task)}.`,
  data: {
    attempts: task.attempts,
    max_attempts: task.maxAttempts,
    error_code: task.error?.code ?? null,
    next_attempt_at: at(task.dueAt),
  },
});

/** What a suspended task waits for, in words. */
const awaited = ({ kind, name, title, children, open }: CurrentWait): string => {
  switch (kind) {
    case 'child':
      return 'for its child to end';
    case 'children':
      return `for ${open} of ${children} children to end`;
    case 'signal':
      return `for the signal ${name ?? ''}`;
    case 'time':
      return 'for a time';
    case 'run':
      return 'for the steps of its workflow';
    case 'approval':
      return `for the approval "${title ?? ''}" (${name ?? ''})`;
  }
};

const withoutPlace = ({ key, limit, held }: KeyInUse): Reason => ({
  reason: 'waiting',
  sentence: `It waits for a place under the concurrency key ${key}: ${held} of ${limit} are taken.`,
  data: { concurrency_key: key, concurrency_limit: limit, places_taken: held },
});

const waiting = (task: TaskDiagnosis): Reason => {
  const { waitsFor, placeUnder, dueAt } = task;
  if (placeUnder !== null) return withoutPlace(placeUnder);
  const data = { waits_until: at(dueAt) };
  if (waitsFor === null)
    return { reason: 'waiting', sentence: `It waits to be woken, and fails at ${until(task)} otherwise.`, data };
  const { key, kind, name, title, children, open, onLimit } = waitsFor;
  const limit =
    kind === 'approval'
      ? 'it counts as denied at'
      : onLimit === 'continue'
        ? 'otherwise it goes on at'
        : 'otherwise it fails at';
  const what =
    kind === 'time' ? `It waits until ${until(task)}` : `It waits ${awaited(waitsFor)}; ${limit} ${until(task)}`;
  const approval = kind === 'approval' ? { approval_id: name, approval_title: title } : { name };
  return {
    reason: 'waiting',
    sentence: `${what}.`,
    data: { ...data, key, kind, ...approval, children, open_children: open },
  };
};

const ended = (task: TaskDiagnosis): Reason => ({
  reason: 'ended',
  sentence: `It ended as ${task.status} at ${at(task.completedAt)}, ${task.attempts === 0 ? 'before its first attempt' : `after ${plural(task.attempts, 'attempt')}`}${task.error === null ? '' : ` (${task.error.code})`}.`,
  data: { completed_at: at(task.completedAt), attempts: task.attempts, error_code: task.error?.code ?? null },
});

const running = (task: TaskDiagnosis, { silenceMs, route }: ExplainContext): Reason => {
  const standsInFor = route === undefined || route.agent === task.agent ? undefined : route.agent;
  const data = {
    started_at: at(task.startedAt),
    attempt: task.attempts,
    lease_until: at(task.dueAt),
    ...(standsInFor !== undefined && { agent: task.agent, stands_in_for: standsInFor }),
  };
  const instead = standsInFor === undefined ? '' : `, in place of the agent ${standsInFor}`;
  return silenceMs === undefined
    ? {
        reason: 'running',
        sentence: `A worker of the agent ${task.agent} has been running it since ${at(task.startedAt)}${instead}.`,
        data,
      }
    : {
        reason: 'worker_silent',
        sentence: `The worker that runs it has said nothing for ${lengthOf(seconds(silenceMs))}; if its lease ends at ${until(task)}, the router gives the task to another worker.`,
        data: { ...data, silent_s: seconds(silenceMs) },
      };
};

const paused = (task: TaskDiagnosis, { pauses }: ExplainContext): Reason | undefined => {
  const pause = pauses.find(({ agent, taskType }) => agent === task.agent || taskType === task.taskType);
  if (pause === undefined) return undefined;
  const what = pause.agent === null ? `The task type ${task.taskType}` : `The agent ${task.agent}`;
  return {
    reason: 'paused',
    sentence: `${what} has been paused since ${at(pause.pausedAt)}${pause.reason === null ? '' : `: ${pause.reason}`}.`,
    data: { paused_since: at(pause.pausedAt), pause_reason: pause.reason, for_all_tenants: pause.forAllTenants },
  };
};

const withoutBroker = (_task: TaskDiagnosis, { broker }: ExplainContext): Reason | undefined =>
  broker === 'up'
    ? undefined
    : {
        reason: 'broker_unavailable',
        sentence: `The message broker is ${broker}, so it cannot be dispatched; it is kept and starts when the broker is back.`,
        data: { broker },
      };

const withoutWorker = (task: TaskDiagnosis, { workforce }: ExplainContext): Reason | undefined =>
  workforce?.workers === 0
    ? {
        reason: 'no_worker',
        sentence: `No worker of the agent ${task.agent} is running.`,
        data: { agent: task.agent },
      }
    : undefined;

/** The agent that would take the task now; undefined while the one takes it for which it waits. */
const standInFor = (task: TaskDiagnosis, { route, health }: ExplainContext): AgentName | undefined => {
  const taker = route && routeOf(route, task.taskId, health);
  return taker === task.agent ? undefined : taker;
};

const whyUnhealthy = (agent: AgentName, health: HealthSnapshot): string => {
  const { status = 'healthy', reasons = [] } = health.get(agent) ?? {};
  return `The agent ${agent} is ${status === 'healthy' ? 'coming back' : status}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`;
};

const agentsDown = (task: TaskDiagnosis, context: ExplainContext): Reason | undefined => {
  const { route, health } = context;
  if (route?.agent !== task.agent || health.get(task.agent)?.share !== 0) return undefined;
  if (standInFor(task, context) !== undefined) return undefined;
  const { backups } = route;
  const [others, back] =
    backups.length === 0
      ? ['it has no back-up', 'it is']
      : [`none of its back-ups (${backups.join(', ')}) can stand in for it`, 'one of them is'];
  return {
    reason: 'agents_down',
    sentence: `${whyUnhealthy(task.agent, health)}, and ${others}: the task waits until ${back} back.`,
    data: { agent: task.agent, backups: backups.join(', ') },
  };
};

/** A queued task that another agent takes: why, and then what holds it up there. */
const stoodIn = (task: TaskDiagnosis, standIn: AgentName, context: ExplainContext): Reason => {
  const { reason, sentence, data } = queuedFor({ ...task, agent: standIn }, context);
  return {
    reason,
    sentence: `${whyUnhealthy(task.agent, context.health)}, so the agent ${standIn} takes it. ${sentence}`,
    data: { ...data, agent: task.agent, stand_in: standIn },
  };
};

/** Which tasks are ahead; undefined when none is. */
const ahead = ({ aheadHigher, aheadSame }: TaskDiagnosis): string | undefined => {
  if (aheadHigher + aheadSame === 0) return undefined;
  if (aheadHigher === 0) return `behind ${plural(aheadSame, 'older task')} of yours of the same priority`;
  const higher = `behind ${plural(aheadHigher, 'task')} of yours of higher priority`;
  return aheadSame === 0 ? higher : `${higher} and ${counted(aheadSame)} older of the same`;
};

const behind = (task: TaskDiagnosis, { workforce }: ExplainContext): Reason | undefined => {
  const { aheadHigher, aheadSame, agent, priority, boosted } = task;
  const others = ahead(task);
  const full = workforce !== undefined && workforce.busy >= workforce.slots;
  if (others === undefined && !full) return undefined;
  const stands = others === undefined ? 'It waits for a free slot' : `It stands ${others}`;
  const slots = full ? `all slots of the agent ${agent} are taken` : undefined;
  return {
    reason: 'behind_others',
    sentence: `${[stands, slots].filter((part) => part !== undefined).join('; ')}.`,
    data: {
      ahead_higher_priority: aheadHigher,
      ahead_same_priority: aheadSame,
      priority,
      boosted,
      all_slots_taken: full,
    },
  };
};

const aboutToStart = (task: TaskDiagnosis): Reason => ({
  reason: 'about_to_start',
  sentence: `Nothing holds it up: it is dispatched to the agent ${task.agent}, again at ${until(task)} if need be.`,
  data: { agent: task.agent, next_look_at: at(task.dueAt) },
});

const queuedFor = (task: TaskDiagnosis, context: ExplainContext): Reason =>
  withoutWorker(task, context) ?? behind(task, context) ?? aboutToStart(task);

// The first reason that applies.
const queued = (task: TaskDiagnosis, context: ExplainContext): Reason => {
  const first = paused(task, context) ?? withoutBroker(task, context) ?? agentsDown(task, context);
  if (first !== undefined) return first;
  const standIn = standInFor(task, context);
  return standIn === undefined ? queuedFor(task, context) : stoodIn(task, standIn, context);
};

const reasons = {
  scheduled,
  queued,
  running,
  retrying: backOff,
  waiting,
  completed: ended,
  failed: ended,
  cancelled: ended,
} as const satisfies Record<TaskDiagnosis['status'], (task: TaskDiagnosis, context: ExplainContext) => Reason>;

/**
 * Why a task is where it is. Of other tenants it reveals nothing but that all slots are taken; of the installation neither
 * instances nor hosts, nor how many there are.
 */
export const explanationOf = (task: TaskDiagnosis, context: ExplainContext): Explanation => ({
  task_id: task.taskId,
  status: task.status,
  ...reasons[task.status](task, context),
});
