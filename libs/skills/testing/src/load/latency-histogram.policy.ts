// Latencies, counted in bins that are 1 % wide: so many requests as one likes take the same memory.
import type { Percentiles } from './load-contract.js';

const width = 1.01;
/** Milliseconds below which all are the same. */
const least = 0.001;

const rounded = (ms: number): number => Number(ms.toPrecision(4));

export class LatencyHistogram {
  private readonly bins = new Map<number, number>();
  private count = 0;
  private sum = 0;
  private min = Infinity;
  private max = 0;

  /** @param ms 0 or more */
  add(ms: number): void {
    const bin = ms <= least ? 0 : Math.ceil(Math.log(ms / least) / Math.log(width));
    this.bins.set(bin, (this.bins.get(bin) ?? 0) + 1);
    this.count += 1;
    this.sum += ms;
    this.min = Math.min(this.min, ms);
    this.max = Math.max(this.max, ms);
  }

  get total(): number {
    return this.count;
  }

  /**
   * The least value that this share of all are not above (nearest rank), at most 1 % too high; 0 of none.
   * @param share from 0 to 1
   */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (const [bin, count] of [...this.bins].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return Math.min(this.max, Math.max(this.min, least * width ** bin));
    }
    return 0;
  }

  /** Null of none. */
  percentiles(): Percentiles | null {
    if (this.count === 0) return null;
    const at = (share: number): number => rounded(this.quantile(share));
    const [p50, p75, p90, p95, p99] = [at(0.5), at(0.75), at(0.9), at(0.95), at(0.99)];
    return {
      min: rounded(this.min),
      p50,
      p75,
      p90,
      p95,
      p99,
      p99_9: at(0.999),
      max: rounded(this.max),
      mean: rounded(this.sum / this.count),
    };
  }
}
