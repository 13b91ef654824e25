import { ScheduleOrder } from '@pulser/contracts';
import { Occurrences } from '@pulser/schedules';

import { jitterMs, nextStep, type Step } from './firing.policy.js';

const order = (more: object = {}) => {
  const task = { task_type: 'analytics', payload: { operation: 'query' } };
  const parsed = ScheduleOrder.parse({ when: { kind: 'cron', expression: '0 * * * *' }, task, ...more });
  return parsed;
};

const at = (text: string): Date => new Date(`2027-01-01T${text}Z`);

const idle = {
  scheduleId: '018f0000-0000-7000-8000-000000000001',
  nominalAt: at('10:00:00'),
  paused: false,
  running: 0,
  pending: 0,
  first: null,
  now: at('10:00:00.200'),
};

const step = (found: Partial<Parameters<typeof nextStep>[0]>, more: object = {}): Step => {
  const rules = order(more);
  return nextStep({ ...idle, ...found }, rules, new Occurrences(rules));
};

const then = { nominalAt: at('11:00:00'), dueAt: at('11:00:00') };

describe('a schedule that is looked at', () => {
  it('fires when its time has come, and rests until then', () => {
    expect(step({})).toEqual({ do: 'start', nominalAt: idle.nominalAt, then, cancelling: false });
    expect(step({ now: at('09:59:59.999') })).toEqual({ do: 'rest', dueAt: idle.nominalAt });
    expect(step({ paused: true })).toEqual({ do: 'rest', dueAt: null });
    expect(step({ nominalAt: null })).toEqual({ do: 'rest', dueAt: null });
  });

  it('has no next time after its last', () => {
    const last = { nominalAt: null, dueAt: null };
    expect(step({}, { end: '2027-01-01T11:00:00Z' })).toMatchObject({ do: 'start', then: last });
  });

  it.each([
    ['skip', 1, 0, { do: 'skip', reason: 'overlap', times: 1 }],
    ['skip', 0, 1, { do: 'skip', reason: 'overlap', times: 1 }],
    ['buffer_one', 1, 0, { do: 'buffer' }],
    ['buffer_one', 1, 1, { do: 'skip', reason: 'buffer_full' }],
    ['buffer_one', 0, 0, { do: 'start' }],
    ['buffer_all', 1, 99, { do: 'buffer' }],
    ['buffer_all', 1, 100, { do: 'skip', reason: 'buffer_full' }],
    ['cancel_other', 1, 0, { do: 'start', cancelling: true }],
    ['cancel_other', 0, 0, { do: 'start', cancelling: false }],
    ['allow_all', 5, 5, { do: 'start', cancelling: false }],
  ] as const)('with %s, %i running and %i waiting', (overlap, running, pending, expected) => {
    expect(step({ running, pending }, { overlap })).toMatchObject({ ...expected, nominalAt: idle.nominalAt });
  });

  const first = { nominalAt: at('08:00:00'), origin: 'backfill' } as const;

  it.each([
    ['skip', 1, 1, { do: 'skip pending', reason: 'overlap' }],
    ['skip', 0, 1, { do: 'start pending', cancelling: false }],
    ['buffer_one', 1, 2, { do: 'keep only', dueAt: idle.nominalAt }],
    ['buffer_one', 1, 1, { do: 'rest', dueAt: idle.nominalAt }],
    ['buffer_one', 0, 2, { do: 'start pending' }],
    ['buffer_all', 1, 9, { do: 'rest' }],
    ['buffer_all', 0, 9, { do: 'start pending' }],
    ['cancel_other', 2, 1, { do: 'start pending', cancelling: true }],
    ['allow_all', 2, 1, { do: 'start pending', cancelling: false }],
  ] as const)('starts what waits: %s, %i running, %i waiting', (overlap, running, pending, expected) => {
    const now = at('09:00:00');
    expect(step({ now, running, pending, first: { ...first, overlap } })).toMatchObject(expected);
  });

  it('lets a time of its own not wait for a fire that has to', () => {
    const waiting = { ...first, overlap: 'buffer_all' } as const;
    expect(step({ running: 1, pending: 1, first: waiting }, { overlap: 'allow_all' })).toMatchObject({ do: 'start' });
    expect(step({ paused: true, running: 0, pending: 1, first: waiting })).toMatchObject({ do: 'start pending' });
  });

  it('skips what lies beyond the catch-up window in one step, and catches up with the rest', () => {
    const late = step({ now: at('15:30:00') }, { catch_up_s: 7_200 });
    const times = { times: 4, lastNominalAt: at('13:00:00') };
    expect(late).toEqual({
      do: 'skip',
      reason: 'missed',
      nominalAt: idle.nominalAt,
      ...times,
      then: { nominalAt: at('14:00:00'), dueAt: at('14:00:00') },
    });
    expect(step({ nominalAt: at('14:00:00'), now: at('15:30:00') }, { catch_up_s: 7_200 })).toMatchObject({
      do: 'start',
      then: { nominalAt: at('15:00:00') },
    });
  });

  it('looks at a bounded number of missed times in one step', () => {
    const missed = step({ now: new Date('2028-01-01T00:00Z') }, { catch_up_s: 60 });
    expect(missed).toMatchObject({ do: 'skip', times: 500 });
  });
});

describe('jitter', () => {
  it('is the same for a time whoever asks, within its bound, and spread over the times', () => {
    const hours = Array.from({ length: 200 }, (_, n) => new Date(Date.UTC(2027, 0, 1, n)));
    const delays = hours.map((time) => jitterMs(idle.scheduleId, time, 60));
    expect(delays).toEqual(hours.map((time) => jitterMs(idle.scheduleId, time, 60)));
    expect(Math.max(...delays)).toBeLessThan(60_000);
    const early = delays.filter((delay) => delay < 30_000).length;
    expect(early).toBeGreaterThan(70);
    expect(early).toBeLessThan(130);
    expect(jitterMs(idle.scheduleId, idle.nominalAt, 0)).toBe(0);
  });

  it('is waited for', () => {
    const late = jitterMs(idle.scheduleId, idle.nominalAt, 600);
    expect(step({}, { jitter_s: 600 })).toEqual({ do: 'rest', dueAt: new Date(idle.nominalAt.getTime() + late) });
  });
});
