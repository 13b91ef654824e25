// What is written in the form, and the order that it makes. Texts stay as they are: the API says what is wrong with them.
import type { OverlapPolicy, ScheduleDetail, ScheduleWhen } from '@pulser/contracts';

export interface ScheduleForm {
  readonly name: string;
  readonly kind: ScheduleWhen['kind'];
  readonly expression: string;
  /** A number and a unit: 15m, 2h, 1d. */
  readonly every: string;
  /** Between commas, as the others are. */
  readonly times: string;
  readonly weekdays: string;
  readonly days: string;
  readonly months: string;
  readonly timeZone: string;
  readonly start: string;
  readonly end: string;
  /** Days, or first..last. */
  readonly exclude: string;
  readonly taskType: string;
  readonly priority: 'high' | 'medium' | 'low';
  readonly payload: string;
  readonly notify: string;
  readonly overlap: OverlapPolicy;
  readonly catchUp: string;
  readonly jitter: string;
  readonly pauseOnFailure: boolean;
}

export const emptyForm = (timeZone: string): ScheduleForm => ({
  name: '',
  kind: 'cron',
  expression: '30 6 * * mon-fri',
  every: '15m',
  times: '09:00',
  weekdays: '',
  days: '',
  months: '',
  timeZone,
  start: '',
  end: '',
  exclude: '',
  taskType: 'analytics',
  priority: 'medium',
  payload: '{\n  "operation": "telemetry_report"\n}',
  notify: '',
  overlap: 'skip',
  catchUp: '1h',
  jitter: '0s',
  pauseOnFailure: false,
});

const units = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of a text such as 90s, 15m, 2h or 1d; undefined: it is none. */
export const secondsOf = (text: string): number | undefined => {
  const [, number, unit = 's'] = /^\s*(\d{1,9})\s*([smhd])?\s*$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * units[unit as keyof typeof units];
};

/** The shortest text of so many seconds. */
export const spanOf = (seconds: number): string => {
  const [unit, size] = (Object.entries(units) as [string, number][]).findLast(([, one]) => seconds % one === 0) ?? [
    's',
    1,
  ];
  return seconds === 0 ? '0s' : `${seconds / size}${unit}`;
};

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const numberOrText = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

const optional = <T>(name: string, list: readonly T[]): Record<string, readonly T[]> =>
  list.length === 0 ? {} : { [name]: list };

const whenOf = (form: ScheduleForm): object => {
  switch (form.kind) {
    case 'cron':
      return { kind: 'cron', expression: form.expression.trim() };
    case 'interval':
      return { kind: 'interval', every_s: secondsOf(form.every) ?? form.every };
    case 'calendar':
      return {
        kind: 'calendar',
        times: listOf(form.times),
        ...optional('weekdays', listOf(form.weekdays.toLowerCase())),
        ...optional('days', listOf(form.days).map(numberOrText)),
        ...optional('months', listOf(form.months).map(numberOrText)),
      };
  }
};

const exclusions = (text: string): object[] =>
  listOf(text).map((part) => {
    const [from = '', to] = part.split('..');
    return to === undefined ? { from } : { from, to };
  });

/** Which times there are: what the preview asks for. */
export const timesOf = (form: ScheduleForm): object => ({
  when: whenOf(form),
  time_zone: form.timeZone.trim(),
  ...(form.start.trim() !== '' && { start: form.start.trim() }),
  ...(form.end.trim() !== '' && { end: form.end.trim() }),
  exclude: exclusions(form.exclude),
});

/** What is written as it is sent, with what of the schedule the form does not show. @throws SyntaxError for a payload that is no JSON */
export const orderOf = (form: ScheduleForm, shown?: ScheduleDetail): object => ({
  ...timesOf(form),
  ...(shown !== undefined && { missing: shown.missing, repeated: shown.repeated }),
  overlap: form.overlap,
  catch_up_s: secondsOf(form.catchUp) ?? form.catchUp,
  jitter_s: secondsOf(form.jitter) ?? form.jitter,
  pause_on_failure: form.pauseOnFailure,
  task: {
    ...(shown?.task.deadline_s !== undefined && { deadline_s: shown.task.deadline_s }),
    ...(shown?.task.metadata !== undefined && { metadata: shown.task.metadata }),
    ...(shown?.task.concurrency !== undefined && { concurrency: shown.task.concurrency }),
    ...(shown?.task.unique !== undefined && { unique: shown.task.unique }),
    task_type: form.taskType.trim(),
    priority: form.priority,
    payload: JSON.parse(form.payload) as unknown,
    ...optional('notify', listOf(form.notify)),
  },
});

/** A schedule as the form shows it. */
export const formOf = (shown: ScheduleDetail): ScheduleForm => {
  const { when, task } = shown;
  const calendar = when.kind === 'calendar' ? when : undefined;
  const usual = emptyForm(shown.time_zone);
  const text = (list: readonly (number | string)[] | undefined): string => list?.join(', ') ?? '';
  return {
    ...usual,
    name: shown.name,
    kind: when.kind,
    expression: when.kind === 'cron' ? when.expression : usual.expression,
    every: when.kind === 'interval' ? spanOf(when.every_s) : usual.every,
    times: calendar === undefined ? usual.times : text(calendar.times),
    weekdays: text(calendar?.weekdays),
    days: text(calendar?.days),
    months: text(calendar?.months),
    start: shown.start ?? '',
    end: shown.end ?? '',
    exclude: text(shown.exclude.map(({ from, to }) => (to === undefined ? from : `${from}..${to}`))),
    taskType: task.task_type,
    priority: task.priority,
    payload: JSON.stringify(task.payload, undefined, 2),
    notify: text(task.notify),
    overlap: shown.overlap,
    catchUp: spanOf(shown.catch_up_s),
    jitter: spanOf(shown.jitter_s),
    pauseOnFailure: shown.pause_on_failure,
  };
};
