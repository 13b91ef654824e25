// Durations as counts in logarithmic buckets (DDSketch, Masson et al. 2019).

/** Every quantile is within this part of the exact one. */
export const relativeError = 0.01;

/** How much larger the upper end of a bucket is than that of the one before. */
const growth = (1 + relativeError) / (1 - relativeError);
const logOfGrowth = Math.log(growth);

/** Durations below this count as this, in ms: clocks do not measure them. */
export const smallestMs = 0.01;

/** Counts of durations by bucket, in the order of buckets; each bucket once, each count above 0. */
export interface Sketch {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
}

export const emptySketch: Sketch = { buckets: [], counts: [] };

/** The bucket of a duration in ms. @throws RangeError for what is not a finite number */
export const bucketOf = (ms: number): number => {
  if (!Number.isFinite(ms)) throw new RangeError(`A duration must be a finite number of ms, not ${ms}`);
  return Math.ceil(Math.log(Math.max(ms, smallestMs)) / logOfGrowth);
};

/**
 * The sum of the natural logarithms of durations in ms. Each counts as the upper end of its bucket, which is less than 0.0201
 * above it.
 * @param bucketSum the sum of their buckets
 */
export const logSumOf = (bucketSum: number): number => bucketSum * logOfGrowth;

/** The duration in ms that a bucket stands for: no duration in it is further away than the relative error. */
export const valueOf = (bucket: number): number => (2 * growth ** bucket) / (growth + 1);

const inOrder = (counts: ReadonlyMap<number, number>): Sketch => {
  const buckets = [...counts.keys()].sort((a, b) => a - b);
  return { buckets, counts: buckets.map((bucket) => counts.get(bucket) ?? 0) };
};

/** The sketch of some durations in ms. @throws RangeError for what is not a finite number */
export const sketchOf = (durations: Iterable<number>): Sketch => {
  const counts = new Map<number, number>();
  for (const ms of durations) {
    const bucket = bucketOf(ms);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return inOrder(counts);
};

/** The sketch of all durations that are in any of these: exactly the one that counting them together would make. */
export const merge = (sketches: Iterable<Sketch>): Sketch => {
  const sums = new Map<number, number>();
  for (const { buckets, counts } of sketches)
    for (const [n, bucket] of buckets.entries()) sums.set(bucket, (sums.get(bucket) ?? 0) + (counts[n] ?? 0));
  return inOrder(sums);
};

/** How many durations a sketch counts. */
export const countOf = ({ counts }: Sketch): number => counts.reduce((sum, count) => sum + count, 0);

/**
 * A quantile in ms, within {@link relativeError} of the exact one: the duration with the 0-based rank `q * (count - 1)`,
 * rounded down, in ascending order (the lower quantile of the paper).
 * @param q from 0 (the shortest) to 1 (the longest)
 * @returns null for an empty sketch @throws RangeError for another q
 */
export const quantile = (sketch: Sketch, q: number): number | null => {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is between 0 and 1, not ${q}`);
  const rank = Math.floor(q * (countOf(sketch) - 1));
  let seen = 0;
  for (const [n, bucket] of sketch.buckets.entries()) {
    seen += sketch.counts[n] ?? 0;
    if (seen > rank) return valueOf(bucket);
  }
  return null;
};

const lowest = bucketOf(smallestMs);

/** The sum of many sketches, of which only quantiles are wanted: some ten times as fast as {@link merge}. */
export class SketchSum {
  /** By the number of the bucket, counted from the lowest. */
  private readonly counts: number[] = [];
  private total = 0;

  /** Adds sketches, one after the other in two lists: a bucket may come again, and in any order. */
  add(buckets: readonly number[], counts: readonly number[]): void {
    for (let n = 0; n < buckets.length; n += 1) {
      const [place, count] = [(buckets[n] ?? lowest) - lowest, counts[n] ?? 0];
      this.counts[place] = (this.counts[place] ?? 0) + count;
      this.total += count;
    }
  }

  addAll(other: SketchSum): void {
    other.counts.forEach((count, place) => {
      this.counts[place] = (this.counts[place] ?? 0) + count;
    });
    this.total += other.total;
  }

  /** How many durations it counts. */
  get count(): number {
    return this.total;
  }

  /** As {@link quantile} of the merged sketches. */
  quantile(q: number): number | null {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is between 0 and 1, not ${q}`);
    const rank = Math.floor(q * (this.total - 1));
    let seen = 0;
    for (let place = 0; place < this.counts.length; place += 1) {
      seen += this.counts[place] ?? 0;
      if (seen > rank) return valueOf(place + lowest);
    }
    return null;
  }
}
