import { ApprovalSweep } from '@pulser/context-bus';

import type { Worker } from './worker.js';

/** Does what a router does with rows that are queued. */
export class Router {
  private readonly sent = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  constructor(private readonly worker: Worker) {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, 20);
  }

  /** Waits for what is under way: its database is closed next. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    await this.worker.sweep.wakeDue(100);
    await new ApprovalSweep(this.worker.database).expire(100);
    const rows = await this.worker.server.query<{ task_id: string; epoch: number }>(
      `select task_id, epoch from task_queue where status = 'queued'`,
    );
    const unsent = rows.filter(({ task_id, epoch }) => this.sent.get(task_id) !== epoch);
    for (const { task_id, epoch } of unsent) this.sent.set(task_id, epoch);
    if (unsent.length > 0) await this.worker.dispatch(...unsent.map(({ task_id }) => task_id));
  }
}
