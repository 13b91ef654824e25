/** Wakes one sleeper. A ring that comes while nobody sleeps is remembered for the next sleep. */
export class Wakeup {
  private rung = false;
  private wake: () => void = () => undefined;

  ring(): void {
    this.rung = true;
    this.wake();
  }

  /** Sleeps until the bell rings, or `limitMs` milliseconds. */
  async sleep(limitMs: number): Promise<void> {
    if (!this.rung) await this.rest(limitMs);
    this.rung = false;
  }

  private rest(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
