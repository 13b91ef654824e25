// Schedules: tasks that are submitted at times to come. Which times these are is decided by `libs/schedules`.
import { z } from 'zod';

import { TaskType } from '../agents.js';
import { Notify } from '../destination-name.js';
import { Instant } from '../instant.js';
import { plainText, storableText } from '../json.js';
import { boundedObject, ConcurrencyKey, Priority, UniqueKey } from '../tasks.js';
import { isTimeZone } from '../time-zone.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';

const nameText = 'A small letter, then small letters, digits and hyphens, 63 at most';

export const ScheduleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, nameText)
  .meta({ description: nameText, examples: ['nightly-report'] });
export type ScheduleName = z.infer<typeof ScheduleName>;

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const Weekday = z.string().regex(/^(?:mon|tue|wed|thu|fri|sat|sun)(?:#[1-5])?$/, {
  error: `One of ${weekdays.join(', ')}; with #1 to #5 the first to fifth of the month`,
});

const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'A time of day such as 09:30');

const minIntervalS = 10;
const aYearS = 366 * 86_400;

export const ScheduleWhen = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('cron'),
      expression: plainText(200).meta({
        description:
          'Minute, hour, day of the month, month, day of the week. Of the two days one is enough when both are given',
      }),
    })
    .meta({ example: { kind: 'cron', expression: '30 6 * * mon-fri' } }),
  z
    .strictObject({
      kind: z.literal('interval'),
      every_s: z
        .int()
        .min(minIntervalS)
        .max(aYearS)
        .meta({ description: 'Real seconds, counted from `start`, or else from 1970: no clock change moves them' }),
    })
    .meta({ example: { kind: 'interval', every_s: 900 } }),
  z
    .strictObject({
      kind: z.literal('calendar'),
      times: z.array(Clock).min(1).max(24),
      weekdays: z.array(Weekday).min(1).max(35).optional(),
      days: z
        .array(z.union([z.int().min(1).max(31), z.literal('last')]))
        .min(1)
        .max(32)
        .optional()
        .meta({ description: 'Of the month' }),
      months: z.array(z.int().min(1).max(12)).min(1).max(12).optional(),
    })
    .meta({
      description: 'Days on which all that is given holds, at each of the times',
      example: { kind: 'calendar', times: ['09:00'], weekdays: ['mon#1'] },
    }),
]);
export type ScheduleWhen = z.infer<typeof ScheduleWhen>;

/** Days of the zone, without a time. */
const Exclusion = z
  .strictObject({
    from: z.iso.date(),
    to: z.iso.date().optional().meta({ description: 'The last day; from alone without' }),
  })
  .refine(({ from, to }) => to === undefined || from <= to, 'It ends before it begins');

/** Which times a schedule has. */
const times = {
  when: ScheduleWhen,
  time_zone: plainText(60)
    .refine(isTimeZone, 'A time zone such as Europe/Berlin or UTC')
    .default('UTC')
    .meta({ description: 'IANA name' }),
  start: Instant.optional().meta({ description: 'No time before it' }),
  end: Instant.optional().meta({ description: 'No time at or after it' }),
  exclude: z.array(Exclusion).max(100).default([]).meta({ description: 'Days of the zone without any time' }),
  missing: z.enum(['shift', 'skip']).default('shift').meta({
    description: 'A time that the clocks leave out: the first moment after the gap, or no fire. Only for a fixed hour',
  }),
  repeated: z.enum(['first', 'last']).default('first').meta({
    description: 'A time that the clocks show twice: which of the two. Only for a fixed hour; others fire at both',
  }),
};

export const ScheduleTimes = z.strictObject(times).meta({
  id: 'ScheduleTimes',
  example: { when: { kind: 'cron', expression: '30 6 * * mon-fri' }, time_zone: 'Europe/Berlin' },
});
export type ScheduleTimes = z.infer<typeof ScheduleTimes>;

export const overlapPolicies = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const;
export const OverlapPolicy = z.enum(overlapPolicies).meta({
  description:
    'What to do when an earlier task of the schedule has not ended: no task, one or all of them later (100 wait at most), ' +
    'cancel the earlier ones, or none of that',
});
export type OverlapPolicy = z.infer<typeof OverlapPolicy>;

/** What is submitted at each time. */
export const ScheduledTask = z
  .strictObject({
    task_type: TaskType,
    priority: Priority.default('medium'),
    payload: boundedObject('Input of the agent: an `operation` and its arguments'),
    deadline_s: z.int().min(1).max(aYearS).optional(),
    concurrency: ConcurrencyKey.optional(),
    unique: UniqueKey.optional(),
    metadata: boundedObject('Kept with each task').optional(),
    notify: Notify.optional(),
  })
  .meta({ id: 'ScheduledTask' });
export type ScheduledTask = z.infer<typeof ScheduledTask>;

const rules = {
  overlap: OverlapPolicy.default('skip'),
  catch_up_s: z
    .int()
    .min(1)
    .max(aYearS)
    .default(3_600)
    .meta({ description: 'A time that was missed by more seconds, because nothing ran, is skipped' }),
  jitter_s: z
    .int()
    .min(0)
    .max(3_600)
    .default(0)
    .meta({ description: 'Each time is late by a part of so many seconds that its schedule and time decide' }),
  pause_on_failure: z.boolean().default(false).meta({ description: 'Pause when a task of it has failed for good' }),
};

export const ScheduleOrder = z.strictObject({ ...times, ...rules, task: ScheduledTask }).meta({
  id: 'ScheduleOrder',
  example: {
    when: { kind: 'cron', expression: '30 6 * * mon-fri' },
    time_zone: 'Europe/Berlin',
    task: { task_type: 'analytics', payload: { operation: 'query' } },
  },
});
export type ScheduleOrder = z.infer<typeof ScheduleOrder>;

/** Why a schedule rests. */
export const pauseKinds = ['user', 'rights', 'failure', 'error'] as const;
export const PauseKind = z.enum(pauseKinds);
export type PauseKind = z.infer<typeof PauseKind>;

const NullableTime = z.iso.datetime().nullable();

export const SchedulePause = z
  .object({
    kind: PauseKind.meta({
      description:
        'By a caller; because its author may not submit it any more; because a task failed; because it cannot fire',
    }),
    note: z.string().nullable(),
    by: z.string().nullable().meta({ description: 'Who paused it; null: Pulser' }),
    at: z.iso.datetime(),
  })
  .meta({ id: 'SchedulePause' });
export type SchedulePause = z.infer<typeof SchedulePause>;

export const fireStates = ['pending', 'started', 'completed', 'failed', 'cancelled', 'skipped'] as const;
export const FireState = z.enum(fireStates);
export type FireState = z.infer<typeof FireState>;

export const fireOrigins = ['time', 'trigger', 'backfill'] as const;
export const FireOrigin = z.enum(fireOrigins);
export type FireOrigin = z.infer<typeof FireOrigin>;

export const skipReasons = [
  'missed',
  'paused',
  'overlap',
  'buffer_full',
  'queue_full',
  'daily_quota_spent',
  'invalid_payload',
  'task_type_not_served',
  'unknown_destination',
  'rights',
  'unique',
] as const;
export const SkipReason = z.enum(skipReasons).meta({
  description:
    'Nothing ran at the time and it lies beyond the catch-up window; the schedule was paused; an earlier task had not ' +
    'ended; too many waited for that; the submission was refused; its author may not submit it any more; or an earlier task ' +
    'with its unique key stands for it',
});
export type SkipReason = z.infer<typeof SkipReason>;

export const FireView = z
  .object({
    nominal_at: z.iso.datetime().meta({ description: 'The time, before jitter; of one schedule none is there twice' }),
    origin: FireOrigin,
    state: FireState,
    reason: SkipReason.nullable().meta({ description: 'Why it was skipped' }),
    detail: z.string().nullable(),
    times: z.int().meta({ description: 'Skipped times in a row that this entry stands for; 1 for any other' }),
    last_nominal_at: NullableTime.meta({ description: 'The last of them' }),
    task_id: z.uuid().nullable(),
    fired_at: NullableTime,
    ended_at: NullableTime,
    by: z.string().nullable().meta({ description: 'Who asked for it: of a trigger or a backfill' }),
  })
  .meta({ id: 'ScheduleFire' });
export type FireView = z.infer<typeof FireView>;

export const ScheduleView = z
  .object({
    name: ScheduleName,
    revision: z.int().meta({ description: 'Counts changes of what is scheduled' }),
    ...ScheduleOrder.shape,
    start: z.string().nullable(),
    end: z.string().nullable(),
    author: z
      .string()
      .meta({ description: 'Who wrote it last: id of an API key, or subject of a token. Its rights count' }),
    created_at: z.iso.datetime(),
    changed_at: z.iso.datetime(),
    next_at: NullableTime.meta({ description: 'The next time, before jitter; null: paused, or there is none' }),
    paused: SchedulePause.nullable(),
    last: FireView.nullable().meta({ description: 'The last fire that was no skip' }),
    pending: z.int().meta({ description: 'Fires that wait for an earlier task to end' }),
    running: z.int().meta({ description: 'Tasks of it that have not ended' }),
    skipped: z.record(z.string(), z.int()).meta({ description: 'Skipped times since it was made, by reason' }),
  })
  .meta({ id: 'Schedule' });
export type ScheduleView = z.infer<typeof ScheduleView>;

export const ScheduleDetail = ScheduleView.extend({
  author_name: z.string().nullable().meta({
    description: 'Name of that key, or the subject itself; null: a key that is not known any more',
  }),
  next: z
    .array(z.iso.datetime())
    .meta({ description: 'The next ten times, before jitter; also of one that is paused' }),
}).meta({ id: 'ScheduleDetail' });
export type ScheduleDetail = z.infer<typeof ScheduleDetail>;

export const ScheduleList = z.object({ schedules: z.array(ScheduleView) }).meta({ id: 'ScheduleList' });
export type ScheduleList = z.infer<typeof ScheduleList>;

export const FireQuery = z.strictObject({
  state: FireState.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type FireQuery = z.infer<typeof FireQuery>;

export const FirePage = z
  .object({
    fires: z.array(FireView),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'ScheduleFirePage' });
export type FirePage = z.infer<typeof FirePage>;

export const SchedulePreview = z
  .object({ next: z.array(z.iso.datetime()).meta({ description: 'The next ten times from now' }) })
  .meta({ id: 'SchedulePreview' });
export type SchedulePreview = z.infer<typeof SchedulePreview>;

export const SchedulePauseOrder = z
  .strictObject({ note: storableText(500).optional() })
  .meta({ id: 'SchedulePauseOrder', example: { note: 'Until the data is repaired' } });
export type SchedulePauseOrder = z.infer<typeof SchedulePauseOrder>;

export const TriggerOrder = z
  .strictObject({
    overlap: OverlapPolicy.optional().meta({ description: 'Instead of that of the schedule' }),
  })
  .meta({ id: 'ScheduleTriggerOrder', example: { overlap: 'allow_all' } });
export type TriggerOrder = z.infer<typeof TriggerOrder>;

export const maxBackfill = 1_000;

export const BackfillOrder = z
  .strictObject({
    from: Instant,
    to: Instant.meta({ description: 'Not in the future; exclusive' }),
    overlap: OverlapPolicy.default('buffer_all'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { message: 'It ends before it begins', path: ['to'] })
  .meta({
    id: 'ScheduleBackfillOrder',
    example: { from: '2026-11-01T00:00:00Z', to: '2026-11-08T00:00:00Z', overlap: 'buffer_all' },
  });
export type BackfillOrder = z.infer<typeof BackfillOrder>;

export const Backfilled = z
  .object({
    times: z.int().meta({ description: 'Times of the schedule in the range' }),
    added: z.int().meta({ description: 'Of these, those that had no fire yet, and get one now' }),
  })
  .meta({ id: 'ScheduleBackfilled' });
export type Backfilled = z.infer<typeof Backfilled>;

/** Schedules of one tenant. */
export const maxSchedules = 1_000;
