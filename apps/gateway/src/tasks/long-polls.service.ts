import { setTimeout as pause } from 'node:timers/promises';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { TaskReads } from '@pulser/context-bus';

import { Wakeup } from '../events/wakeup.js';
import { TaskNotifier } from '../events/task-notifier.js';
import { GatewayMetrics } from '../gateway.metrics.js';
import { TaskWait } from './task-wait.js';

const lookEveryMs = 1_000;

/**
 * Requests that wait for the end of a task. Events wake them; because an event may be lost, one read a tenant and second
 * looks after all of them.
 */
@Injectable()
export class LongPolls implements OnModuleDestroy {
  private readonly waits = new Set<TaskWait>();
  private looking = false;
  private closing = false;

  constructor(
    private readonly signals: TaskNotifier,
    private readonly reads: TaskReads,
    private readonly metrics: GatewayMetrics,
  ) {}

  /** To be called before the task is read, so that its end cannot fall between the read and the wait. */
  begin(tenantId: string, taskId: string): TaskWait {
    const bell = new Wakeup();
    const unsubscribe = this.signals.subscribe(taskId, ({ ended }) => {
      if (ended) bell.ring();
    });
    const wait = new TaskWait(tenantId, taskId, bell, () => {
      unsubscribe();
      this.forget(wait);
    });
    this.remember(wait);
    return wait;
  }

  onModuleDestroy(): void {
    this.closing = true;
    for (const wait of this.waits) wait.ring();
  }

  private remember(wait: TaskWait): void {
    this.waits.add(wait);
    this.metrics.waiters.set(this.waits.size);
    if (this.closing) wait.ring();
    if (!this.looking) void this.look();
  }

  private forget(wait: TaskWait): void {
    this.waits.delete(wait);
    this.metrics.waiters.set(this.waits.size);
  }

  private async look(): Promise<void> {
    this.looking = true;
    while (this.waits.size > 0) {
      await pause(lookEveryMs, undefined, { ref: false });
      const byTenant = Map.groupBy(this.waits, ({ tenantId }) => tenantId);
      await Promise.all([...byTenant].map(([tenantId, waits]) => this.wakeEnded(tenantId, waits)));
    }
    this.looking = false;
  }

  private async wakeEnded(tenantId: string, waits: readonly TaskWait[]): Promise<void> {
    // A database that is away is told by the read that ends each wait; the next look may find it back.
    const ended = await this.reads
      .ended(
        tenantId,
        waits.map(({ taskId }) => taskId),
      )
      .catch(() => []);
    const found = new Set<string>(ended);
    for (const wait of waits) if (found.has(wait.taskId)) wait.ring();
  }
}
