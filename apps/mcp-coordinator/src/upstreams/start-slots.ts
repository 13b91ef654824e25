// How many servers start at a time: each takes a processor for half a second.

/** A slow start gives its slot to others after so long, and goes on without one. Milliseconds. */
const heldMs = 3_000;

export class StartSlots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Starts the work when a slot is free. Resolves with what it gives, as soon as it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    const release = this.releaseOnce();
    const timer = setTimeout(release, heldMs);
    return work().finally(() => {
      clearTimeout(timer);
      release();
    });
  }

  private releaseOnce(): () => void {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    };
  }
}
