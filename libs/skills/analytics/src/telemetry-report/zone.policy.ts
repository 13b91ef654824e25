// Times as a reader's clock shows them. One offset holds for a whole report, so that its axes have no hour twice.

export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** How a report writes times. */
export interface Zone {
  /** Such as `UTC` or `Europe/Berlin, UTC+01:00`. */
  readonly label: string;
  readonly offsetMs: number;
}

export const utc: Zone = { label: 'UTC', offsetMs: 0 };

const minuteMs = 60_000;

const offsetText = (minutes: number): string => {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
};

/** Minutes east of UTC. */
const offsetOf = (timeZone: string, atMs: number): number => {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(atMs);
  const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

/** @param endMs the end of the time of the report, whose offset holds for all of it */
export const zoneAt = (timeZone: string, endMs: number): Zone => {
  const minutes = offsetOf(timeZone, endMs);
  if (timeZone === 'UTC') return utc;
  return { label: `${timeZone}, ${offsetText(minutes)}`, offsetMs: minutes * minuteMs };
};

/** Whether clocks were changed between these times. */
export const changesOffset = (timeZone: string, fromMs: number, toMs: number): boolean =>
  offsetOf(timeZone, fromMs) !== offsetOf(timeZone, toMs);

/** A time on the clocks of a zone, ISO 8601 without an offset, to the second. */
export const onClock = (ms: number, { offsetMs }: Zone): string => new Date(ms + offsetMs).toISOString().slice(0, 19);

/** The same for readers, to the minute. */
export const timeText = (ms: number, zone: Zone): string => onClock(ms, zone).slice(0, 16).replace('T', ' ');
