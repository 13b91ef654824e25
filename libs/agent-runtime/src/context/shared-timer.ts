// One timer for the time limits of all attempts of a process: most attempts end long before theirs, so a timer for each
// would be made and cleared for nothing.

/** What has to be stopped at some time. */
export interface Timed {
  /** When, by `performance.now()`; read anew at every tick. */
  readonly overAt: number;
  /** Called once, at the first tick after that. Must not throw. */
  timeUp(): void;
}

/** Milliseconds by which a time limit may be kept too late. */
export const tickMs = 50;

/** Ends what is over, tick by tick. It ticks only while it watches something, and keeps the process alive as long. */
export class SharedTimer {
  private readonly watched = new Set<Timed>();
  private interval: NodeJS.Timeout | undefined;

  get ticking(): boolean {
    return this.interval !== undefined;
  }

  watch(timed: Timed): void {
    this.watched.add(timed);
    this.interval ??= setInterval(() => {
      this.tick(performance.now());
    }, tickMs);
  }

  forget(timed: Timed): void {
    this.watched.delete(timed);
  }

  /** @param now by `performance.now()` */
  tick(now: number): void {
    for (const timed of this.watched) {
      if (timed.overAt > now) continue;
      this.watched.delete(timed);
      timed.timeUp();
    }
    // Not as soon as the last one is forgotten: the next one comes in a moment.
    if (this.watched.size === 0) this.stop();
  }

  private stop(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }
}

/** Of this process: its agents have nothing of their own in it. */
export const sharedTimer = new SharedTimer();
