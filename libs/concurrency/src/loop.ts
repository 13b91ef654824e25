/** Runs a round again and again, never two at once; a failed round is reported and followed by the next. */
export class Loop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  /** @param everyMs milliseconds from the end of a round to the next */
  constructor(
    private readonly everyMs: number,
    private readonly round: () => Promise<void>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.turn();
    }, this.everyMs);
  }

  /** Resolves when the round in progress has ended; none follows. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async turn(): Promise<void> {
    try {
      await this.round();
    } catch (error) {
      this.onFailure(error);
    }
    if (!this.stopped) this.start();
  }
}
