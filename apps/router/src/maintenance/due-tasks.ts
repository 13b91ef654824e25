// Tasks whose time has come: started, rescued from a worker that is gone, or failed because they are overdue, and what the
// router publishes of that.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Swept, TaskSweep } from '@pulser/context-bus';
import type { MessageInput, SubmittedTask, TaskStatus } from '@pulser/contracts';
import { Publisher, StreamedTenants } from '@pulser/messaging';
import { Rounds } from '@pulser/service-kit';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { KeyPlaces } from '../dispatch/key-places.js';
import { RouterMeter } from '../reporting/router-metrics.js';
import { RouterEnv } from '../router.env.js';

/** The events, by routing key; those of a key travel as one message. */
export interface SweptEvents {
  readonly 'task.failed': MessageInput<'task.failed'>;
  readonly 'task.retrying': MessageInput<'task.retrying'>;
  readonly 'task.cancelled': MessageInput<'task.cancelled'>;
}

const eventOf = ({ task_id, tenant_id, task_type, agent, attempt }: Swept) => ({
  task_id,
  tenant_id,
  task_type,
  agent,
  attempt,
});

/**
 * Tasks that have attempts left are queued again, the others have failed; `cancelled` are the descendants of a task that
 * failed, which end with it.
 */
export const eventsOf = (swept: readonly Swept[]): SweptEvents => {
  const of = (status: TaskStatus) => swept.filter((task) => task.status === status);
  const withCode = (task: Swept) => ({ ...eventOf(task), code: task.code ?? 'unexplained' });
  return {
    'task.failed': of('failed').map(withCode),
    'task.retrying': of('queued').map((task) => ({ ...withCode(task), status: 'queued' as const })),
    'task.cancelled': of('cancelled').map(eventOf),
  };
};

/** Tasks per statement. */
const batch = 500;

/** Moves on every task whose `due_at` or deadline has passed, and publishes what became of it. */
@Injectable()
export class DueTasks implements OnApplicationBootstrap {
  constructor(
    private readonly tasks: TaskSweep,
    private readonly dispatcher: Dispatcher,
    private readonly places: KeyPlaces,
    private readonly publisher: Publisher,
    private readonly streamed: StreamedTenants,
    private readonly meter: RouterMeter,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
  ) {}

  onApplicationBootstrap(): void {
    const { SWEEP_MS, PRIORITY_AGING_S } = this.env;
    this.rounds.every(SWEEP_MS, async () => {
      await this.sweep();
      await this.dispatcher.revisitBacklog(PRIORITY_AGING_S);
    });
  }

  /** @throws DatabaseUnavailable */
  private async sweep(): Promise<void> {
    await this.all(() => this.tasks.promoteScheduled(batch), 'due');
    await this.all(() => this.tasks.rescueStuck(batch), 'worker_lost');
    await this.all(() => this.tasks.failOverdue(batch), 'overdue');
    await this.closeFamilies();
    await this.wake(() => this.tasks.wakeDue(batch));
    await this.wake(() => this.tasks.wakeMissed(batch));
    this.meter.swept('place', await this.places.sweep());
  }

  private async closeFamilies(): Promise<void> {
    let swept: Swept[];
    do {
      swept = await this.tasks.closeFamilies(batch);
      this.publish(eventsOf(swept));
    } while (swept.length === batch);
  }

  private async wake(sweep: () => Promise<SubmittedTask[]>): Promise<void> {
    let woken: SubmittedTask[];
    do {
      woken = await sweep();
      this.meter.swept('woken', woken.length);
      if (woken.length > 0) await this.dispatcher.offer(woken);
    } while (woken.length === batch);
  }

  private async all(sweep: () => Promise<Swept[]>, reason: 'due' | 'worker_lost' | 'overdue'): Promise<void> {
    let due: Swept[];
    do {
      const swept = await sweep();
      // Descendants that were cancelled with their task come on top of the limit.
      due = swept.filter(({ status }) => status !== 'cancelled');
      this.meter.swept(reason, due.length);
      if (reason !== 'due') this.publish(eventsOf(swept));
      else this.publishPromoted(swept);
    } while (due.length === batch);
  }

  private publishPromoted(swept: readonly Swept[]): void {
    const watched = swept.filter(({ tenant_id }) => this.streamed.has(tenant_id));
    this.streamed.publishQueued(watched.map((task) => ({ ...eventOf(task), status: 'queued' })));
  }

  private publish(events: SweptEvents): void {
    for (const key of ['task.failed', 'task.retrying', 'task.cancelled'] as const) {
      if (events[key].length === 0) continue;
      // The rows are written: a reader that misses the message reads them.
      this.publisher.publish(key, events[key]).catch(() => undefined);
    }
  }
}
