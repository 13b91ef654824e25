// One attempt of a task on this worker: its time limit, what takes it away, and the signal that stops its handler.
import type { Claim } from '@pulser/context-bus';
import { type TaskDispatch, TaskError, type TaskErrorCode, type TaskType } from '@pulser/contracts';

import type { AttemptFacts } from '../skills/task-context.js';
import type { PendingWait } from '../skills/waiting.js';
import { AttemptLines } from './attempt-lines.js';
import { sharedTimer, type Timed } from './shared-timer.js';

export interface TimeLimit {
  /** Milliseconds from now. */
  readonly inMs: number;
  readonly code: Extract<TaskErrorCode, 'time_limit_exceeded' | 'deadline_exceeded'>;
}

/**
 * How long an attempt may run: as long as its type, or until the task's own deadline when that comes first. Both are
 * durations, not times: this machine's clock may be wrong.
 */
export const timeLimitOf = (byTypeMs: number, deadlineInMs: number | null): TimeLimit =>
  deadlineInMs !== null && deadlineInMs < byTypeMs
    ? { inMs: Math.max(0, deadlineInMs), code: 'deadline_exceeded' }
    : { inMs: byTypeMs, code: 'time_limit_exceeded' };

const texts = {
  time_limit_exceeded: 'The attempt ran longer than tasks of its type may',
  deadline_exceeded: 'The task had not ended by its deadline',
} as const satisfies Record<TimeLimit['code'], string>;

export const outOfTime = ({ code }: TimeLimit): TaskError => new TaskError(code, texts[code]);

/** Another worker has the lease now, or the task was cancelled: nothing of this attempt is wanted any more. */
export class LeaseLost extends Error {
  constructor() {
    super('The task was taken away from this worker');
    this.name = 'LeaseLost';
  }
}

/** The worker shuts down: the task is given back. */
export class WorkerStopping extends Error {
  constructor() {
    super('The worker is shutting down');
    this.name = 'WorkerStopping';
  }
}

/**
 * One attempt of a task on this worker: its claim, and the signal that stops its handler. An attempt that waits for a
 * thread holds its lease already, but only the task's own deadline can end it; its type's time limit counts from `start`.
 */
export class Attempt implements AttemptFacts, Timed {
  /** When it got its slot, by `performance.now()`. */
  readonly since = performance.now();
  private startedAt: number | undefined;
  private handledAt: number | undefined;
  private limit: TimeLimit;
  private endsAt: number;
  overAt = Infinity;
  private readonly controller = new AbortController();
  private onAbort: ((reason: Error) => void) | undefined;
  private pending: PendingWait | undefined;
  /** Of all its hosts: one that calls operations as tools has several. */
  readonly lines = new AttemptLines();

  /** @param timeLimitMs milliseconds that the handler may run */
  constructor(
    private currentClaim: Claim,
    readonly dispatch: TaskDispatch,
    private readonly timeLimitMs: number,
  ) {
    this.limit = timeLimitOf(timeLimitMs, null);
    this.endsAt = Date.now() + timeLimitMs;
    const { deadlineInMs } = currentClaim;
    if (deadlineInMs !== null) this.abortAfter(timeLimitOf(Infinity, deadlineInMs));
  }

  get claim(): Claim {
    return this.currentClaim;
  }

  /** The claim that a write in the attempt's name carries. */
  claimed(): Promise<Claim> {
    return Promise.resolve(this.claim);
  }

  get taskId(): string {
    return this.claim.taskId;
  }

  get tenantId(): string {
    return this.claim.tenantId;
  }

  get taskType(): TaskType {
    return this.dispatch.task_type;
  }

  get attempt(): number {
    return this.claim.attempt;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** By this machine's clock; final when the handler has started. */
  get deadline(): Date {
    return new Date(this.endsAt);
  }

  get payload(): Readonly<Record<string, unknown>> {
    return this.dispatch.payload ?? this.claim.payload ?? {};
  }

  /** How long ago it got its slot, in milliseconds. */
  get ageMs(): number {
    return performance.now() - this.since;
  }

  /** From the time the task could start until its handler did, in milliseconds. */
  get waitedMs(): number {
    return this.claim.waitedMs + (this.startedAt ?? performance.now()) - this.since;
  }

  /** Of the task, as its row has it; null: no row was read or written yet. */
  get priority(): Claim['priority'] {
    return this.claim.priority;
  }

  /** By `performance.now()`: when its handler started and ended; undefined when it did not. */
  get handlerTimes(): { readonly from: number | undefined; readonly to: number | undefined } {
    return { from: this.startedAt, to: this.handledAt };
  }

  /** How long its handler has run, in seconds. */
  get runSeconds(): number {
    return this.startedAt === undefined ? 0 : (performance.now() - this.startedAt) / 1_000;
  }

  /** @param claim its `waitedMs` ends where this attempt began */
  protected adopt(claim: Claim): void {
    this.currentClaim = claim;
  }

  /** Its handler starts now. */
  start(): void {
    this.startedAt = performance.now();
    if (this.signal.aborted) return;
    const { deadlineInMs } = this.claim;
    const leftMs = deadlineInMs === null ? null : deadlineInMs - (this.startedAt - this.since);
    this.abortAfter(timeLimitOf(this.timeLimitMs, leftMs));
  }

  abort(reason: Error): void {
    this.controller.abort(reason);
    this.onAbort?.(this.signal.reason as Error);
  }

  /** Another worker has the task: it is aborted. @returns the reason, to be thrown */
  lose(): LeaseLost {
    const reason = new LeaseLost();
    this.abort(reason);
    return reason;
  }

  /** Settles as `work` does, or rejects with the reason as soon as the attempt is aborted. To be called once. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // No listener on the signal: nearly every attempt ends without an abort.
      this.onAbort = reject;
      if (this.signal.aborted) reject(this.signal.reason as Error);
      work.then(resolve, reject);
    });
  }

  /** Its handler waits for something: however it ends, the task is suspended. The first wait counts. */
  suspendFor(wait: PendingWait): void {
    this.pending ??= wait;
  }

  /** What it is to be suspended for; undefined: it goes on, or was aborted. */
  get pendingWait(): PendingWait | undefined {
    return this.signal.aborted ? undefined : this.pending;
  }

  /** Its handler has ended, or is not waited for any more. */
  handled(): void {
    this.handledAt = performance.now();
  }

  /** Its time limit no longer counts. */
  end(): void {
    sharedTimer.forget(this);
  }

  timeUp(): void {
    this.abort(outOfTime(this.limit));
  }

  private abortAfter(limit: TimeLimit): void {
    this.limit = limit;
    this.endsAt = Date.now() + limit.inMs;
    this.overAt = performance.now() + limit.inMs;
    if (limit.inMs > 0) sharedTimer.watch(this);
    else this.timeUp();
  }
}
