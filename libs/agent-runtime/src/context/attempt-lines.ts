import { maxEventsPerAttempt } from '@pulser/context-bus';

/** Lines and progress of one attempt, numbered in the order in which they came. */
export class AttemptLines {
  private place = 0;
  // Most attempts say nothing.
  private pending: Set<Promise<void>> | undefined;

  /** @param keep writes a line under its number; never rejects. One line too many is dropped. */
  add(keep: (place: number) => Promise<void>): void {
    if (this.place >= maxEventsPerAttempt) return;
    this.place += 1;
    const kept = keep(this.place);
    const pending = (this.pending ??= new Set());
    pending.add(kept);
    void kept.then(() => pending.delete(kept));
  }

  /** Resolves when every line so far is kept or lost. */
  async flushed(): Promise<void> {
    while (this.pending !== undefined && this.pending.size > 0) await Promise.all(this.pending);
  }
}
