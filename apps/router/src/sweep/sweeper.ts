import { Injectable } from '@nestjs/common';
import type { TaskErrorCode } from '@pulser/contracts';
import { type Swept, TaskSweep } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';

import { RouterMeter } from '../reporting/router-meter.js';

/** Rows moved by one statement. */
const batch = 500;

/** Moves on the rows whose time has come, and tells everybody. */
@Injectable()
export class Sweeper {
  constructor(
    private readonly rows: TaskSweep,
    private readonly publisher: Publisher,
    private readonly meter: RouterMeter,
  ) {}

  /** @throws DatabaseUnavailable */
  async sweep(): Promise<void> {
    await this.all(() => this.rows.promoteScheduled(batch));
    await this.all(() => this.rows.rescueStuck(batch), 'worker_lost');
    await this.all(() => this.rows.failOverdue(batch), 'deadline_exceeded');
  }

  private async all(move: () => Promise<Swept[]>, code?: TaskErrorCode): Promise<void> {
    let moved: Swept[];
    do {
      moved = await move();
      this.meter.swept(code ?? 'due', moved.length);
      if (code !== undefined) this.tell(moved, code);
    } while (moved.length === batch);
  }

  private tell(moved: readonly Swept[], code: TaskErrorCode): void {
    this.publish(
      'task.failed',
      moved.filter(({ status }) => status === 'failed'),
      code,
    );
    this.publish(
      'task.retrying',
      moved.filter(({ status }) => status === 'queued'),
      code,
    );
  }

  // The rows are written: whoever misses the message reads them.
  private publish(key: 'task.failed' | 'task.retrying', moved: readonly Swept[], code: TaskErrorCode): void {
    if (moved.length === 0) return;
    const facts = moved.map(({ task_id, tenant_id, task_type, agent, attempt }) => ({
      task_id,
      tenant_id,
      task_type,
      agent,
      attempt,
      code,
    }));
    this.publisher.publish(key, facts).catch(() => undefined);
  }
}
