// The times that a page may look at, and the places of the tasks behind a figure.
import { openStatuses } from '../api/task-states.js';
import { stringifySearch } from '../app/search.policy.js';

export const ranges = ['1h', '24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];

export const usualRange: Range = '24h';

const hourMs = 3_600_000;
const lengths: Readonly<Record<Range, number>> = {
  '1h': hourMs,
  '24h': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};

export const rangeTexts: Readonly<Record<Range, string>> = {
  '1h': '1 h',
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
};

/** Whether the figures are drawn, or stand as numbers beside the live ones. */
export type Drawn = 'chart' | 'numbers';

// Numbers that stand beside live ones must agree with them; a bucket of a chart is wider than what comes meanwhile. All are read
// from rollups, of which a longer range has more.
const freshMs: Readonly<Record<Drawn, Readonly<Record<Range, number>>>> = {
  numbers: { '1h': 1_500, '24h': 1_500, '7d': 3_000, '30d': 5_000 },
  chart: { '1h': 5_000, '24h': 10_000, '7d': 30_000, '30d': 30_000 },
};

/** Milliseconds for which figures of a range are good enough while tasks come and end. */
export const freshFor = (drawn: Drawn, range: Range): number => freshMs[drawn][range];

/** Begin of a range that ends now (RFC 3339). @param now in milliseconds of the epoch */
export const beginOf = (range: Range, now: number): string => new Date(now - lengths[range]).toISOString();

/** How long a bucket is, in words: `minute`, `15 minutes`, `6 hours`. @param stepS in seconds */
export const stepText = (stepS: number): string => {
  const [length, unit] = stepS >= 86_400 ? [86_400, 'day'] : stepS >= 3_600 ? [3_600, 'hour'] : [60, 'minute'];
  const times = stepS / length;
  return times === 1 ? unit : `${times} ${unit}s`;
};

/** Every state of a task that has not ended, as the list of tasks takes them. */
export const anyOpen = openStatuses.join(',');

export interface TasksBehind {
  readonly agent?: string | undefined;
  readonly task_type?: string | undefined;
  readonly status?: string | undefined;
  /** Seconds of the epoch; without, of any time. */
  readonly fromS?: number | undefined;
  /** Exclusive. */
  readonly toS?: number | undefined;
}

const instant = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1_000).toISOString();

/** The list of these tasks. Times are those of their submission: the list has no others. */
export const tasksPlace = ({ fromS, toS, ...filters }: TasksBehind): string =>
  `/tasks${stringifySearch({ ...filters, created_after: instant(fromS), created_before: instant(toS) })}`;
