// From a message about a task to the requests of this process that wait for it: event streams, and the long polls of
// GET /tasks/:id?wait=, with their query and what answers them.
import { setTimeout as pause } from 'node:timers/promises';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { TaskReads } from '@pulser/context-bus';
import { OnDemand } from '@pulser/messaging';
import { Metrics, whenClosed } from '@pulser/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

export type TaskListener = (event: { readonly ended: boolean }) => void;

/** Calls the listeners of a task when something happened to it. */
@Injectable()
export class TaskNotifier {
  private readonly byTask = new Map<string, Set<TaskListener>>();
  /** The subscription to changes of state: open while there is a listener, or an event stream of a tenant. */
  readonly changes = new OnDemand();
  /** The subscription to progress and log lines, of which there may be many: open while there is a listener to them. */
  readonly lines = new OnDemand();

  /**
   * Changes of state only. Resolves when events reach the listener: the first one after some silence waits for the broker to bind the queue. What
   * happened before that is in the row, so read it afterwards.
   * @returns what ends the subscription
   */
  async subscribe(taskId: string, listener: TaskListener): Promise<() => void> {
    const listeners = this.byTask.get(taskId) ?? new Set();
    this.byTask.set(taskId, listeners.add(listener));
    await this.changes.acquire();
    return () => {
      if (!listeners.delete(listener)) return;
      if (listeners.size === 0) this.byTask.delete(taskId);
      this.changes.release();
    };
  }

  /** As `subscribe`, with progress and log lines. */
  async subscribeToAll(taskId: string, listener: TaskListener): Promise<() => void> {
    const [unsubscribe] = await Promise.all([this.subscribe(taskId, listener), this.lines.acquire()]);
    return () => {
      unsubscribe();
      this.lines.release();
    };
  }

  notify(taskId: string, ended: boolean): void {
    for (const listener of this.byTask.get(taskId) ?? []) listener({ ended });
  }
}

/** Wakes one sleeper. A wake-up that comes while it is awake is kept for its next sleep. */
export class Wakeup {
  private pending = false;
  private interrupt: () => void = () => undefined;

  wake(): void {
    this.pending = true;
    this.interrupt();
  }

  /** Sleeps until `wake`, or for `limitMs` milliseconds. */
  async sleep(limitMs: number): Promise<void> {
    if (!this.pending) await this.interruptible(limitMs);
    this.pending = false;
  }

  private interruptible(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const maxWaitS = 60;

/** Query of a single task: how long the answer may wait for its end. */
export const WaitQuery = z.strictObject({
  wait: z
    .string()
    .regex(/^\d{1,2}s?$/, `Seconds, from 1s to ${maxWaitS}s`)
    .transform((text) => Number.parseInt(text, 10))
    .refine((seconds) => seconds >= 1 && seconds <= maxWaitS, `Seconds, from 1s to ${maxWaitS}s`)
    .optional()
    .meta({ description: `Answer when the task has ended, or after so many seconds: 1s to ${maxWaitS}s` }),
});
export type WaitQuery = z.infer<typeof WaitQuery>;

// A constant, because the default reason of an abort costs a stack trace.
const closed = 'The connection is closed';

/** Aborted when either side closes the connection of a request before the answer is complete. */
export const clientGone = ({ raw }: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  const abortUnanswered = (): void => {
    if (!raw.writableFinished) controller.abort(closed);
  };
  if (raw.closed) abortUnanswered();
  whenClosed(raw, abortUnanswered);
  return controller.signal;
};

/** One request that waits for the end of one task. */
export class LongPoll {
  private readonly wakeup = new Wakeup();

  constructor(
    readonly tenantId: string,
    readonly taskId: string,
    /** To be called when the request is answered. */
    readonly close: () => void,
  ) {}

  wake(): void {
    this.wakeup.wake();
  }

  /** Resolves when the task has ended, the client is gone, the service stops, or after `limitMs` milliseconds. */
  async wait(limitMs: number, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return;
    gone.addEventListener(
      'abort',
      () => {
        this.wake();
      },
      { once: true },
    );
    await this.wakeup.sleep(limitMs);
  }
}

const readEveryMs = 1_000;

/**
 * All requests that wait for the end of a task. Events wake them; because an event may be lost, one read per tenant and
 * second finds the tasks that have ended.
 */
@Injectable()
export class LongPolls implements OnModuleDestroy {
  private readonly polls = new Set<LongPoll>();
  private readonly waiters;
  private reading = false;
  private closing = false;

  constructor(
    private readonly notifier: TaskNotifier,
    private readonly reads: TaskReads,
    metrics: Metrics,
  ) {
    this.waiters = metrics.gauge({
      name: 'pulser_task_waiters',
      help: 'Requests that wait for the end of a task',
    });
  }

  /** To be called before the task is read, so that its end cannot fall between the read and the wait. */
  async open(tenantId: string, taskId: string): Promise<LongPoll> {
    const poll = new LongPoll(tenantId, taskId, () => {
      unsubscribe();
      this.forget(poll);
    });
    const unsubscribe = await this.notifier.subscribe(taskId, ({ ended }) => {
      if (ended) poll.wake();
    });
    this.remember(poll);
    return poll;
  }

  onModuleDestroy(): void {
    this.closing = true;
    for (const poll of this.polls) poll.wake();
  }

  private remember(poll: LongPoll): void {
    this.polls.add(poll);
    this.waiters.set(this.polls.size);
    if (this.closing) poll.wake();
    if (!this.reading) void this.readWhileOpen();
  }

  private forget(poll: LongPoll): void {
    this.polls.delete(poll);
    this.waiters.set(this.polls.size);
  }

  private async readWhileOpen(): Promise<void> {
    this.reading = true;
    while (this.polls.size > 0) {
      await pause(readEveryMs, undefined, { ref: false });
      const byTenant = Map.groupBy(this.polls, ({ tenantId }) => tenantId);
      await Promise.all([...byTenant].map(([tenantId, polls]) => this.wakeEnded(tenantId, polls)));
    }
    this.reading = false;
  }

  private async wakeEnded(tenantId: string, polls: readonly LongPoll[]): Promise<void> {
    const taskIds = polls.map(({ taskId }) => taskId);
    // An outage of the database is answered by the read that follows each wait; until then the next round may succeed.
    const ended = new Set<string>(await this.reads.ended(tenantId, taskIds).catch(() => []));
    for (const poll of polls) if (ended.has(poll.taskId)) poll.wake();
  }
}
