const baseMs = 100;
const capMs = 5_000;

/**
 * How long to wait before the n-th new attempt (from 1), in milliseconds: anything up to an exponentially growing bound,
 * so that many who lost the same thing do not come back together. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const fullJitter = (attempt: number, random = Math.random()): number =>
  random * Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
