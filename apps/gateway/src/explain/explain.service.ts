// What `explain` knows: the state of a task, what is paused, and which workers are alive by the heartbeats that this process
// receives.
import { Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { maxCountedAhead, type PauseRow, Pauses, type TaskDiagnosis, TaskDiagnostics } from '@pulser/context-bus';
import type { AgentHeartbeat, AgentName, Explanation } from '@pulser/contracts';
import { Broker, type BrokerState, MessageConsumer, OnMessage } from '@pulser/messaging';

import { notFound } from '../rest/parameters.js';

/** The workers of an agent together. */
export interface Workforce {
  readonly workers: number;
  readonly slots: number;
  readonly busy: number;
}

/** What a task depends on, at the time of the question. */
export interface ExplainContext {
  readonly broker: BrokerState;
  readonly pauses: readonly PauseRow[];
  /** Undefined until this process can know. */
  readonly workforce: Workforce | undefined;
  /** Milliseconds since the last heartbeat of the worker that runs the task; undefined unless it is silent. */
  readonly silenceMs: number | undefined;
}

/** One sentence for people, and the same as data. */
type Reason = Pick<Explanation, 'reason' | 'sentence' | 'data'>;

const at = (time: Date | null): string => time?.toISOString() ?? 'never';

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1_000));

const until = ({ dueAt, now }: TaskDiagnosis): string =>
  `${at(dueAt)}, in ${seconds((dueAt ?? now).getTime() - now.getTime())} s`;

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

const waiting = (task: TaskDiagnosis): Reason => ({
  reason: 'waiting',
  sentence: `It waits for others and fails if they have not ended by ${until(task)}.`,
  data: { waits_until: at(task.dueAt) },
});

const ended = (task: TaskDiagnosis): Reason => ({
  reason: 'ended',
  sentence: `It ended as ${task.status} at ${at(task.completedAt)}, ${task.attempts === 0 ? 'before its first attempt' : `after ${plural(task.attempts, 'attempt')}`}${task.error === null ? '' : ` (${task.error.code})`}.`,
  data: { completed_at: at(task.completedAt), attempts: task.attempts, error_code: task.error?.code ?? null },
});

const running = (task: TaskDiagnosis, { silenceMs }: ExplainContext): Reason => {
  const data = {
    worker: task.worker,
    started_at: at(task.startedAt),
    attempt: task.attempts,
    lease_until: at(task.dueAt),
  };
  return silenceMs === undefined
    ? {
        reason: 'running',
        sentence: `The worker ${task.worker} has been running it since ${at(task.startedAt)}.`,
        data,
      }
    : {
        reason: 'worker_silent',
        sentence: `The worker ${task.worker} that runs it has said nothing for ${seconds(silenceMs)} s; if its lease ends at ${until(task)}, the router gives the task to another worker.`,
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
        data: { agent: task.agent, workers: 0 },
      }
    : undefined;

const takenSlots = (agent: AgentName, slots: number): string =>
  slots === 1 ? `the only slot of the agent ${agent} is taken` : `all ${slots} slots of the agent ${agent} are taken`;

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
  const slots = full ? takenSlots(agent, workforce.slots) : undefined;
  return {
    reason: 'behind_others',
    sentence: `${[stands, slots].filter((part) => part !== undefined).join('; ')}.`,
    data: {
      ahead_higher_priority: aheadHigher,
      ahead_same_priority: aheadSame,
      priority,
      boosted,
      slots: workforce?.slots ?? null,
      busy_slots: workforce?.busy ?? null,
    },
  };
};

const aboutToStart = (task: TaskDiagnosis): Reason => ({
  reason: 'about_to_start',
  sentence: `Nothing holds it up: it is dispatched to the agent ${task.agent}, again at ${until(task)} if need be.`,
  data: { agent: task.agent, next_look_at: at(task.dueAt) },
});

// The first reason that applies.
const queued = (task: TaskDiagnosis, context: ExplainContext): Reason =>
  paused(task, context) ??
  withoutBroker(task, context) ??
  withoutWorker(task, context) ??
  behind(task, context) ??
  aboutToStart(task);

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

/** Why a task is where it is. Of other tenants it reveals nothing but that slots are taken. */
export const explanationOf = (task: TaskDiagnosis, context: ExplainContext): Explanation => ({
  task_id: task.taskId,
  status: task.status,
  ...reasons[task.status](task, context),
});

/** Workers send a heartbeat per second; after this long without one a worker counts as silent. Milliseconds. */
const silentAfterMs = 5_000;

/** Silent workers are kept this long, so that `explain` can report for how long they have been silent. Milliseconds. */
const forgottenAfterMs = 100 * silentAfterMs;

@Injectable()
export class LiveWorkers {
  private readonly latest = new Map<string, AgentHeartbeat & { readonly receivedAt: number }>();
  private readonly since = performance.now();

  receive(heartbeat: AgentHeartbeat): void {
    const now = performance.now();
    this.latest.set(heartbeat.instance, { ...heartbeat, receivedAt: now });
    for (const [instance, { receivedAt }] of this.latest) {
      if (now - receivedAt > forgottenAfterMs) this.latest.delete(instance);
    }
  }

  /** Undefined until this process has listened long enough to have a heartbeat of every live worker. */
  workforceOf(agent: AgentName): Workforce | undefined {
    if (performance.now() - this.since < silentAfterMs) return undefined;
    const alive = [...this.latest.values()].filter((one) => one.agent === agent && !isSilent(one.receivedAt));
    return {
      workers: alive.length,
      slots: alive.reduce((sum, { slots }) => sum + slots, 0),
      busy: alive.reduce((sum, { running }) => sum + running, 0),
    };
  }

  /** Milliseconds since the last heartbeat of a silent worker; undefined when it is not silent, or unknown. */
  silenceOf(instance: string): number | undefined {
    const one = this.latest.get(instance);
    if (one === undefined || !isSilent(one.receivedAt)) return undefined;
    return performance.now() - one.receivedAt;
  }
}

const isSilent = (receivedAt: number): boolean => performance.now() - receivedAt > silentAfterMs;

@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(private readonly workers: LiveWorkers) {}

  @OnMessage('agent.heartbeat')
  receive(@Payload() heartbeat: AgentHeartbeat): void {
    this.workers.receive(heartbeat);
  }
}

/** Gathers the state of a task and of what it depends on, and explains why the task is where it is. */
@Injectable()
export class Explanations {
  constructor(
    private readonly diagnostics: TaskDiagnostics,
    private readonly pauses: Pauses,
    private readonly workers: LiveWorkers,
    private readonly broker: Broker,
  ) {}

  /** @throws HttpError `not_found` */
  async explain(tenantId: string, taskId: string): Promise<Explanation> {
    const diagnosis = await this.diagnostics.of(tenantId, taskId);
    if (diagnosis === undefined) throw notFound('task');
    return explanationOf(diagnosis, {
      broker: this.broker.state,
      pauses: diagnosis.status === 'queued' ? await this.pauses.list(tenantId) : [],
      workforce: this.workers.workforceOf(diagnosis.agent),
      silenceMs: diagnosis.worker === null ? undefined : this.workers.silenceOf(diagnosis.worker),
    });
  }
}
