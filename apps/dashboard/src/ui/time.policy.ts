// Times and lengths as people read them.

const units = [
  ['y', 31_536_000],
  ['mo', 2_592_000],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

const amount = (seconds: number): string => {
  for (const [unit, length] of units) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${Math.floor(seconds)} s`;
};

const daysUntil = 2 * 365;

/** What is to come is rounded and, up to two years, told in days: a key of 90 days ends in 90 days, not in 2 months. */
const until = (seconds: number): string => {
  const days = Math.round(seconds / 86_400);
  if (seconds / 86_400 > 0.99 && days <= daysUntil) return days === 1 ? '1 day' : `${days} days`;
  for (const [unit, length] of units) if (seconds / length > 0.99) return `${Math.round(seconds / length)} ${unit}`;
  return `${Math.ceil(seconds)} s`;
};

/** How long ago, or until when: `now`, `12 s ago`, `in 3 h`, `in 90 days`. @param at and @param now in milliseconds of the epoch */
export const relative = (at: number, now: number): string => {
  const seconds = (now - at) / 1_000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `${amount(seconds)} ago` : `in ${until(-seconds)}`;
};

/** Milliseconds after which `relative` says something else. */
export const changesAfter = (at: number, now: number): number => {
  const seconds = Math.abs(now - at) / 1_000;
  if (seconds < 60) return 1_000;
  return seconds < 3_600 ? 15_000 : 60_000;
};

/** A length of time: `0.4 ms`, `340 ms`, `2.1 s`, `3 min 4 s`, `2 h 5 min`, `3 d 4 h`; a dash when there is none. */
export const duration = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return pair(seconds, 60, 'min', 1, 's');
  return seconds < 86_400 ? pair(seconds, 3_600, 'h', 60, 'min') : pair(seconds, 86_400, 'd', 3_600, 'h');
};

const pair = (seconds: number, large: number, largeName: string, small: number, smallName: string): string => {
  const rest = Math.floor((seconds % large) / small);
  const whole = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
};

const moment = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** A point of a chart, in the time zone of this machine: `28 Nov, 14:05`. @param seconds of the epoch */
export const momentText = (seconds: number): string => moment.format(new Date(seconds * 1_000));
