// The wall times of a schedule: cron expressions, and calendars as such. The library reads them as times of UTC, whose clocks
// never change; what the clocks of a zone make of them is decided in occurrences.policy.ts.
import type { ScheduleWhen } from '@pulser/contracts';
import { Cron } from 'croner';

/** Wall times that a schedule wants. */
export interface Pattern {
  /** The first wall time after another one; undefined: there is none. */
  readonly after: (wall: number) => number | undefined;
  /** Whether the hours are named: otherwise real time counts, and a time that the clocks show twice is twice there. */
  readonly fixedHour: boolean;
}

type Clocked = Exclude<ScheduleWhen, { kind: 'interval' }>;

// What croner knows beyond the five fields of everybody (W, +, ?, nicknames, dates) is left out.
const fields = /^[\d*,/\-]+ [\d*,/\-]+ [\d*,/\-L]+ [\dA-Z*,/\-]+ [\dA-Z*,/\-#]+$/;

/** Why an expression is refused; undefined: it is not. */
export const cronFault = (expression: string): string | undefined => {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 5)
    return `It has ${parts.length} fields instead of five: minute, hour, day of the month, month, day of the week`;
  if (!fields.test(parts.join(' ').toUpperCase()))
    return 'It has a character that no cron expression of five fields has';
  try {
    cronOf(expression, false);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'It cannot be read';
  }
};

const cronOf = (expression: string, domAndDow: boolean): Cron =>
  new Cron(expression.trim(), { mode: '5-part', timezone: 'UTC', domAndDow, paused: true });

const everyHour = (field: string): boolean => field.startsWith('*') || field === '0-23';

const expressionsOf = (when: Clocked): readonly string[] => {
  if (when.kind === 'cron') return [when.expression];
  const { times, weekdays = ['*'], days = ['*'], months = ['*'] } = when;
  const dates = [days.map((day) => (day === 'last' ? 'L' : day)), months, weekdays].map((field) => field.join(','));
  return times.map((time) => {
    const [hour = '', minute = ''] = time.split(':');
    return `${Number(minute)} ${Number(hour)} ${dates.join(' ')}`;
  });
};

/** @throws Error for an expression that has a fault */
export const patternOf = (when: Clocked): Pattern => {
  const expressions = expressionsOf(when);
  const crons = expressions.map((expression) => cronOf(expression, when.kind === 'calendar'));
  return {
    fixedHour: !expressions.some((expression) => everyHour(expression.trim().split(/\s+/)[1] ?? '*')),
    after: (wall) => {
      const found = crons.flatMap((cron) => cron.nextRun(new Date(wall))?.getTime() ?? []);
      return found.length === 0 ? undefined : Math.min(...found);
    },
  };
};
