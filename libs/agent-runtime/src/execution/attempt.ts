import type { TaskDispatch } from '@pulser/contracts';
import type { Claim } from '@pulser/context-bus';

import { outOfTime, type TimeLimit, timeLimitOf } from './time-limit.policy.js';

/** The lease went to somebody else, or the task was cancelled: nothing of this attempt is wanted any more. */
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

/** One attempt of a task on this worker, with its time limit. */
export class Attempt {
  /** When it must have ended, by this machine's clock. */
  readonly deadline: Date;
  private readonly limit: TimeLimit;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(
    readonly claim: Claim,
    readonly dispatch: TaskDispatch,
  ) {
    this.limit = timeLimitOf(dispatch.task_type, claim.deadlineInMs);
    this.deadline = new Date(Date.now() + this.limit.inMs);
    this.timer = setTimeout(() => {
      this.controller.abort(outOfTime(this.limit));
    }, this.limit.inMs);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get payload(): Readonly<Record<string, unknown>> {
    return this.dispatch.payload ?? this.claim.payload ?? {};
  }

  abort(reason: Error): void {
    this.controller.abort(reason);
  }

  /** Settles as `work` does, or rejects with the reason as soon as the attempt is aborted. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      aborted.reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    try {
      return await Promise.race([work, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Its time limit no longer counts. */
  end(): void {
    clearTimeout(this.timer);
  }
}
