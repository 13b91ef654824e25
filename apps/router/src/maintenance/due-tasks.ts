import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Swept, TaskSweep } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { RouterMeter } from '../reporting/router-metrics.js';
import { RouterEnv } from '../router.env.js';
import { Rounds } from '../rounds.js';
import { eventsOf, type SweptEvents } from './swept-events.policy.js';

/** Tasks per statement. */
const batch = 500;

/** Moves on every task whose `due_at` or deadline has passed, and publishes what became of it. */
@Injectable()
export class DueTasks implements OnApplicationBootstrap {
  constructor(
    private readonly tasks: TaskSweep,
    private readonly dispatcher: Dispatcher,
    private readonly publisher: Publisher,
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
  }

  private async all(sweep: () => Promise<Swept[]>, reason: 'due' | 'worker_lost' | 'overdue'): Promise<void> {
    let due: Swept[];
    do {
      const swept = await sweep();
      // Descendants that were cancelled with their task come on top of the limit.
      due = swept.filter(({ status }) => status !== 'cancelled');
      this.meter.swept(reason, due.length);
      if (reason !== 'due') this.publish(eventsOf(swept));
    } while (due.length === batch);
  }

  private publish(events: SweptEvents): void {
    for (const key of ['task.failed', 'task.retrying', 'task.cancelled'] as const) {
      if (events[key].length === 0) continue;
      // The rows are written: a reader that misses the message reads them.
      this.publisher.publish(key, events[key]).catch(() => undefined);
    }
  }
}
