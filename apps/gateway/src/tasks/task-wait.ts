import type { Wakeup } from '../events/wakeup.js';

/** One request that waits for the end of one task. */
export class TaskWait {
  constructor(
    readonly tenantId: string,
    readonly taskId: string,
    private readonly bell: Wakeup,
    /** To be called when the request is answered. */
    readonly leave: () => void,
  ) {}

  ring(): void {
    this.bell.ring();
  }

  /** Resolves when the task has ended, the client is gone, the service stops, or after `limitMs` milliseconds. */
  async over(limitMs: number, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return;
    gone.addEventListener(
      'abort',
      () => {
        this.ring();
      },
      { once: true },
    );
    await this.bell.sleep(limitMs);
  }
}
