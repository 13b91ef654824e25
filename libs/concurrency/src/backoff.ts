export interface BackoffLimits {
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
}

const usual: BackoffLimits = { baseMs: 100, factor: 2, capMs: 5_000 };

/**
 * Exponential back-off with full jitter, in milliseconds: anything up to a bound that grows with each attempt, so that
 * many who lost the same thing do not come back together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt number of the attempt that failed, from 1
 * @param random in [0, 1)
 */
export const fullJitter = (attempt: number, limits: Partial<BackoffLimits> = {}, random = Math.random()): number => {
  const { baseMs, factor, capMs } = { ...usual, ...limits };
  return random * Math.min(capMs, baseMs * factor ** (attempt - 1));
};
