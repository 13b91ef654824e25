// What is read of the database for every call, cached for a moment. While the database is away, what was read last counts for a
// while: nobody can change it meanwhile.
import { BriefCache } from '@pulser/concurrency';
import { DatabaseUnavailable } from '@pulser/database';

/** Milliseconds for which it counts while the database is away. */
const countsMs = 60_000;
const maxKnown = 10_000;

export class LastKnown<Value> {
  private readonly brief: BriefCache<Value>;
  private readonly known = new Map<string, { readonly value: Value; readonly until: number }>();

  /** @param keepMs milliseconds for which it is not read again */
  constructor(keepMs: number) {
    this.brief = new BriefCache(keepMs);
  }

  /** @throws DatabaseUnavailable when nothing is known; what else `lookUp` throws */
  async get(key: string, lookUp: () => Promise<Value>): Promise<Value> {
    try {
      return await this.brief.get(key, async () => {
        const value = await lookUp();
        this.note(key, value);
        return value;
      });
    } catch (error) {
      const last = this.known.get(key);
      if (!(error instanceof DatabaseUnavailable) || last === undefined || last.until < performance.now()) throw error;
      return last.value;
    }
  }

  private note(key: string, value: Value): void {
    if (this.known.size >= maxKnown) this.known.clear();
    this.known.set(key, { value, until: performance.now() + countsMs });
  }
}
