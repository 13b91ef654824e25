// How many workers of an agent `npm run dev` keeps, from what the gateway says that it should have.

/** A lower wish is followed once no higher one was heard for so long: a pause between two bursts ends no worker. */
export const windowMs = 60_000;

/**
 * The highest wish of the last minute, within the bounds: workers are added at once and removed late, as by the stabilization
 * window of the horizontal pod autoscaler.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#stabilization-window
 * @param {{ at: number, workers: number }[]} wishes in any order; without one the count stays
 */
export function workerCount({ count, wishes, min, max, now }) {
  const recent = wishes.filter(({ at }) => now - at < windowMs).map(({ workers }) => workers);
  return recent.length === 0 ? count : Math.min(max, Math.max(min, ...recent));
}

const whole = /^\d{1,3}$/;

/** Bounds from `DEV_WORKERS`: `1-3`, or `2` for always two. @throws for anything else */
export function boundsIn(text = '1-3') {
  const parts = text.split('-');
  const [min, max = min] = parts.map(Number);
  if (parts.length <= 2 && parts.every((part) => whole.test(part)) && min >= 1 && min <= max) return { min, max };
  throw new Error(`DEV_WORKERS=${text}: how many workers each agent has at least and at most, like 1-3`);
}
