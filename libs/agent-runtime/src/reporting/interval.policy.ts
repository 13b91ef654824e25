import type { Outcome } from './outcome.js';

/** What one tenant's attempts came to in one interval. */
export interface Interval {
  readonly ended: Record<Outcome, number>;
  attempts: number;
  runSeconds: number;
  maxSeconds: number;
  waitSeconds: number;
}

export interface Reading {
  readonly metric_name: string;
  readonly metric_value: number;
  readonly unit: string;
}

export const newInterval = (): Interval => ({
  ended: { completed: 0, failed: 0, retried: 0, lost: 0, released: 0 },
  attempts: 0,
  runSeconds: 0,
  maxSeconds: 0,
  waitSeconds: 0,
});

export const addAttempt = (interval: Interval, outcome: Outcome, seconds: number, waitSeconds: number): void => {
  interval.ended[outcome] += 1;
  interval.attempts += 1;
  interval.runSeconds += seconds;
  interval.maxSeconds = Math.max(interval.maxSeconds, seconds);
  interval.waitSeconds += waitSeconds;
};

/** One reading a metric; counts of outcomes that did not happen are left out. */
export const readings = (interval: Interval): Reading[] => [
  ...Object.entries(interval.ended)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => ({ metric_name: `attempts_${outcome}`, metric_value: count, unit: '1' })),
  { metric_name: 'attempt_duration_mean', metric_value: interval.runSeconds / interval.attempts, unit: 's' },
  { metric_name: 'attempt_duration_max', metric_value: interval.maxSeconds, unit: 's' },
  { metric_name: 'queue_wait_mean', metric_value: interval.waitSeconds / interval.attempts, unit: 's' },
];
