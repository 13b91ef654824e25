interface Cached<Value> {
  readonly until: number;
  readonly value: Promise<Value>;
}

/**
 * Caches what was looked up for a moment, counted from before the look-up, so that no answer is older than that. Calls during
 * a look-up share it. A look-up that fails is not kept.
 */
export class BriefCache<Value> {
  private readonly cached = new Map<string, Cached<Value>>();

  /** @param keepMs milliseconds @param max entries, after which all are forgotten */
  constructor(
    private readonly keepMs: number,
    private readonly max = 10_000,
  ) {}

  /** @throws what `lookUp` throws */
  get(key: string, lookUp: () => Promise<Value>): Promise<Value> {
    const found = this.cached.get(key);
    if (found !== undefined && found.until > performance.now()) return found.value;
    if (this.cached.size >= this.max) this.cached.clear();
    const entry = { until: performance.now() + this.keepMs, value: lookUp() };
    this.cached.set(key, entry);
    entry.value.catch(() => {
      if (this.cached.get(key) === entry) this.cached.delete(key);
    });
    return entry.value;
  }

  forget(key: string): void {
    this.cached.delete(key);
  }
}
