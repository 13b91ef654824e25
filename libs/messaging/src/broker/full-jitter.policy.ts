const baseMs = 100;
const usualCapMs = 5_000;

export interface Jitter {
  readonly capMs?: number;
  /** In [0, 1). */
  readonly random?: number;
}

/**
 * How long to wait before the n-th new attempt (from 1), in milliseconds: anything up to an exponentially growing bound,
 * so that many who lost the same thing do not come back together. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const fullJitter = (attempt: number, { capMs = usualCapMs, random = Math.random() }: Jitter = {}): number =>
  random * Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
