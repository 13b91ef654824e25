// Hours of a day, in a time zone, in which messages wait.
import type { QuietHours, Severity } from '@pulser/contracts';

const dayMinutes = 1_440;

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

// Minutes since midnight there.
const minuteIn = (timeZone: string, at: Date): number => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return minutesOf(format.format(at));
};

/**
 * When quiet hours end, if it is within them and the message can wait.
 * On the two days a year on which clocks are moved it may be an hour off: then the message waits on, or comes early.
 * @returns undefined when the message is sent at once
 */
export const quietUntil = (quiet: QuietHours | null, severity: Severity, at: Date): Date | undefined => {
  if (quiet === null || severity === 'critical') return undefined;
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  const now = minuteIn(quiet.time_zone, at);
  const isQuiet = from < to ? now >= from && now < to : now >= from || now < to;
  if (!isQuiet) return undefined;
  const minutes = (to - now + dayMinutes) % dayMinutes;
  return new Date(Math.floor(at.getTime() / 60_000) * 60_000 + minutes * 60_000);
};
