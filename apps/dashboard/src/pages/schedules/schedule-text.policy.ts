// A schedule in words, for lists and heads.
import type { FireView, ScheduleView, SchedulePause, SkipReason } from '@pulser/contracts';

import { counted } from '../../ui/numbers.policy.js';

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const;

const every = (seconds: number): string => {
  const [size, unit] = units.find(([one]) => seconds % one === 0) ?? [1, 'second'];
  return seconds === size ? `every ${unit}` : `every ${counted(seconds / size, unit)}`;
};

const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Days in a row as a range: "Mon to Fri". */
const weekdaysText = (days: readonly string[] | undefined): string[] => {
  if (days === undefined) return [];
  const at = week.flatMap((day, index) => (days.includes(day) ? [index] : []));
  const [first = 0] = at;
  const isRange = at.length > 2 && at.every((index, n) => index === first + n);
  const names = at.map((index) => capital(week[index] ?? ''));
  return [isRange ? `${names.at(0) ?? ''} to ${names.at(-1) ?? ''}` : names.join(', ')];
};

const joined = (parts: readonly (number | string)[] | undefined, before: string): string[] =>
  parts === undefined ? [] : [`${before}${parts.join(', ')}`];

/** When it fires. */
export const whenText = ({ when, time_zone }: Pick<ScheduleView, 'when' | 'time_zone'>): string => {
  switch (when.kind) {
    case 'cron':
      return `${when.expression}, ${time_zone}`;
    case 'interval':
      return every(when.every_s);
    case 'calendar': {
      const days = [...weekdaysText(when.weekdays), ...joined(when.days, 'day '), ...joined(when.months, 'month ')];
      const times = `at ${when.times.join(', ')}, ${time_zone}`;
      return days.length === 0 ? `daily ${times}` : `${days.join('; ')} ${times}`;
    }
  }
};

const pauseTexts: Readonly<Record<SchedulePause['kind'], string>> = {
  user: 'Paused',
  rights: 'Its author may not submit it any more',
  failure: 'A task of it failed',
  error: 'It cannot be fired',
};

/** Why it rests. */
export const pauseText = ({ kind, note, by }: SchedulePause): string =>
  [`${pauseTexts[kind]}${by === null ? '' : ` by ${by}`}`, ...(note === null ? [] : [note])].join(': ');

export const skipTexts: Readonly<Record<SkipReason, string>> = {
  missed: 'Missed: nothing ran at the time',
  paused: 'The schedule was paused',
  overlap: 'An earlier task had not ended',
  buffer_full: 'Too many waited already',
  queue_full: 'Too many tasks of the tenant waited',
  daily_quota_spent: 'The quota of the day was spent',
  invalid_payload: 'The payload does not fit its operation',
  unknown_destination: 'A destination does not exist, or is not confirmed',
  task_type_not_served: 'No agent serves the task type',
  rights: 'Its author may not submit it any more',
  unique: 'An earlier task with its unique key stands for it',
};

/** Why there was no task, or what else there is to say of a fire. */
export const fireText = ({ reason, detail, times, origin, by }: FireView): string => {
  const asked =
    origin === 'time' ? [] : [`${origin === 'trigger' ? 'Triggered' : 'Backfill'}${by === null ? '' : ` by ${by}`}`];
  const skipped =
    reason === null ? [] : [skipTexts[reason], ...(times > 1 ? [`${counted(times, 'time')} in a row`] : [])];
  return [...asked, ...skipped, ...(detail === null ? [] : [detail])].join('. ');
};

/** An instant as the clocks of a zone show it. */
export const inZone = (at: string, timeZone: string): string => {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
    }).format(new Date(at));
  } catch {
    // A zone that this browser does not know.
    return at;
  }
};
