// What is to be done with a schedule that is due. Pure: the row with its fires, and the times that its rules give.
import { createHash } from 'node:crypto';

import type { DueSchedule, NextTime, PendingFire, ScheduleRules } from '@pulser/context-bus';
import type { OverlapPolicy, SkipReason } from '@pulser/contracts';
import type { Occurrences } from '@pulser/schedules';

/** Of `buffer_all`: fires of a schedule that wait at most. */
export const maxPending = 100;

/** Missed times that are looked at in one go. */
export const maxMissed = 500;

type Times = Pick<Occurrences, 'after' | 'list'>;

export type Step =
  /** Nothing, until then. */
  | { readonly do: 'rest'; readonly dueAt: Date | null }
  /** Fires that wait as the only ones: all but this one are skipped. */
  | { readonly do: 'keep only'; readonly fire: PendingFire; readonly dueAt: Date | null }
  | { readonly do: 'start pending'; readonly fire: PendingFire; readonly cancelling: boolean }
  | { readonly do: 'skip pending'; readonly fire: PendingFire; readonly reason: SkipReason }
  | { readonly do: 'start'; readonly nominalAt: Date; readonly then: NextTime; readonly cancelling: boolean }
  | { readonly do: 'buffer'; readonly nominalAt: Date; readonly then: NextTime }
  | {
      readonly do: 'skip';
      readonly nominalAt: Date;
      readonly then: NextTime;
      readonly reason: SkipReason;
      readonly times: number;
      readonly lastNominalAt?: Date;
    };

/** Milliseconds by which a time is late: the same for every router, spread evenly over the times. */
export const jitterMs = (scheduleId: string, nominalAt: Date, jitterS: number): number =>
  jitterS === 0
    ? 0
    : createHash('sha256').update(`${scheduleId} ${nominalAt.getTime()}`).digest().readUInt32BE() % (jitterS * 1_000);

const dueOf = (scheduleId: string, nominalAt: Date, { jitter_s }: ScheduleRules): Date =>
  new Date(nominalAt.getTime() + jitterMs(scheduleId, nominalAt, jitter_s));

type Found = Pick<DueSchedule, 'scheduleId' | 'nominalAt' | 'paused' | 'running' | 'pending' | 'first' | 'now'>;

const onPending = (fire: PendingFire, { running, pending }: Found, dueAt: Date | null): Step => {
  const busy = running > 0;
  switch (fire.overlap) {
    case 'allow_all':
      return { do: 'start pending', fire, cancelling: false };
    case 'cancel_other':
      return { do: 'start pending', fire, cancelling: busy };
    case 'skip':
      return busy ? { do: 'skip pending', fire, reason: 'overlap' } : { do: 'start pending', fire, cancelling: false };
    case 'buffer_one':
      if (!busy) return { do: 'start pending', fire, cancelling: false };
      return pending > 1 ? { do: 'keep only', fire, dueAt } : { do: 'rest', dueAt };
    case 'buffer_all':
      return busy ? { do: 'rest', dueAt } : { do: 'start pending', fire, cancelling: false };
  }
};

/** What an overlap policy makes of a time that is due. */
const onTime = (overlap: OverlapPolicy, { running, pending }: Found): 'start' | 'cancel' | 'buffer' | SkipReason => {
  const busy = running + pending > 0;
  switch (overlap) {
    case 'allow_all':
      return 'start';
    case 'cancel_other':
      return busy ? 'cancel' : 'start';
    case 'skip':
      return busy ? 'overlap' : 'start';
    case 'buffer_one':
      if (!busy) return 'start';
      return pending === 0 ? 'buffer' : 'buffer_full';
    case 'buffer_all':
      if (!busy) return 'start';
      return pending < maxPending ? 'buffer' : 'buffer_full';
  }
};

const nextTime = (found: Found, rules: ScheduleRules, nominalAt: Date | undefined): NextTime =>
  nominalAt === undefined
    ? { nominalAt: null, dueAt: null }
    : { nominalAt, dueAt: dueOf(found.scheduleId, nominalAt, rules) };

/** All times that nothing was awake for, up to the first that may still be caught up with. */
const skipMissed = (found: Found, rules: ScheduleRules, times: Times, first: Date): Step => {
  const until = new Date(found.now.getTime() - rules.catch_up_s * 1_000);
  const more = times.list(first, maxMissed - 1, until);
  const last = more.at(-1) ?? first;
  const then = nextTime(found, rules, times.after(last));
  return { do: 'skip', nominalAt: first, then, reason: 'missed', times: more.length + 1, lastNominalAt: last };
};

const onDue = (found: Found, rules: ScheduleRules, times: Times, nominalAt: Date, dueAt: Date): Step => {
  if (found.now.getTime() - dueAt.getTime() > rules.catch_up_s * 1_000)
    return skipMissed(found, rules, times, nominalAt);
  const then = nextTime(found, rules, times.after(nominalAt));
  const verdict = onTime(rules.overlap, found);
  if (verdict === 'start' || verdict === 'cancel')
    return { do: 'start', nominalAt, then, cancelling: verdict === 'cancel' };
  if (verdict === 'buffer') return { do: 'buffer', nominalAt, then };
  return { do: 'skip', nominalAt, then, reason: verdict, times: 1 };
};

/** One step: after it the schedule is looked at again, when it is due then. */
export const nextStep = (found: Found, rules: ScheduleRules, times: Times): Step => {
  const { first, nominalAt, paused, now, scheduleId } = found;
  const dueAt = nominalAt === null || paused ? null : dueOf(scheduleId, nominalAt, rules);
  const isDue = dueAt !== null && dueAt <= now;
  const pendingStep = first === null ? undefined : onPending(first, found, dueAt);
  // A fire that has to wait holds no time up, unless that waits behind it by its own policy.
  if (pendingStep !== undefined && !(isDue && pendingStep.do === 'rest')) return pendingStep;
  if (nominalAt === null || dueAt === null || !isDue) return { do: 'rest', dueAt };
  return onDue(found, rules, times, nominalAt, dueAt);
};
