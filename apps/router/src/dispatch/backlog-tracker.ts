import type { Watermark } from '@pulser/context-bus';

const earlier = (a: Watermark, b: Watermark): Watermark => {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
};

/** What a lane knows of the rows that wait for it in the database, and of those whose dispatch it dropped itself. */
export class BacklogTracker {
  private dropped: Watermark;
  private known = false;

  /** While rows wait, newer ones must not overtake them. */
  get exists(): boolean {
    return this.known;
  }

  private get hasDropped(): boolean {
    return this.dropped !== undefined;
  }

  /** Rows may be waiting. */
  suspect(): void {
    this.known = true;
  }

  drop(taskId: string): void {
    this.known = true;
    this.dropped = earlier(this.dropped, taskId);
  }

  /**
   * Takes rows from the backlog; what is dropped meanwhile is remembered.
   * @param take gets the watermark and returns the rows taken, and whether there are more
   */
  async work<T extends { readonly more: boolean }>(take: (dropped: Watermark) => Promise<T>): Promise<T> {
    const before = this.dropped;
    this.dropped = undefined;
    try {
      const taken = await take(before);
      if (taken.more) this.dropped = earlier(before, this.dropped);
      else this.known = this.hasDropped;
      return taken;
    } catch (error) {
      this.dropped = earlier(before, this.dropped);
      throw error;
    }
  }
}
