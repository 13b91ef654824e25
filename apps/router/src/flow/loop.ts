import type { Logger } from '@pulser/service-kit';

/** Runs a round again and again, never two at once; a failed round is told and followed by the next. */
export class Loop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly everyMs: number,
    private readonly round: () => Promise<void>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.turn();
    }, this.everyMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async turn(): Promise<void> {
    try {
      await this.round();
    } catch (error) {
      this.logger.warn({ err: error }, 'a round failed; the next one tries again');
    }
    if (!this.stopped) this.start();
  }
}
