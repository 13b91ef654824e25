import {
  type FieldProblem,
  HttpError,
  maxTelemetryPoints,
  type TelemetryStep,
  telemetrySteps,
} from '@pulser/contracts';
import fc from 'fast-check';

import { type AskedRange, instantOf, maxDurationPoints, type MaxPoints, rangeOf } from './telemetry-range.policy.js';

const now = '2026-11-29T10:17:30.250Z';
const nowS = Date.parse(now) / 1_000;
const always = { minute: -Infinity, hour: -Infinity, day: -Infinity };
const present = { nowS, knownFromS: always };
const secondsOf = (instant: string): number => Date.parse(instant) / 1_000;

const problemOf = (asked: AskedRange, maxPoints?: MaxPoints): FieldProblem | undefined => {
  try {
    rangeOf(asked, present, maxPoints);
    return undefined;
  } catch (error) {
    return error instanceof HttpError ? error.facts.errors?.[0] : undefined;
  }
};

const told = (asked: AskedRange, knownFromS = always) => {
  const { fromS, toS, step, level, times, keptFromS, completeUntilS } = rangeOf(asked, { nowS, knownFromS });
  const kept = keptFromS === null ? null : instantOf(keptFromS);
  const [from, to, complete] = [fromS, toS, completeUntilS].map(instantOf);
  return { from, to, step, level, points: times.length, kept, complete };
};

describe('the buckets of an answer', () => {
  it('are the minutes of the last hour when nothing is asked for', () => {
    expect(told({})).toEqual({
      ...{ from: '2026-11-29T09:17:00.000Z', to: '2026-11-29T10:18:00.000Z', step: '1m', level: 'minute', points: 61 },
      ...{ kept: null, complete: '2026-11-29T10:16:00.000Z' },
    });
  });

  it.each([
    ['2026-11-29T04:17:30Z', '5m', 'minute'],
    ['2026-11-28T17:00:00Z', '15m', 'minute'],
    ['2026-11-28T10:17:30Z', '1h', 'hour'],
    ['2026-11-22T10:17:30Z', '6h', 'hour'],
    ['2026-10-01T00:00:00Z', '1d', 'day'],
    ['2024-10-01T00:00:00Z', '1d', 'day'],
  ])('since %s are by default as long as %s, from the level of the %s', (from, step, level) => {
    expect(told({ from })).toMatchObject({ step, level });
  });

  it('are widened to whole steps of UTC', () => {
    const asked = { from: '2026-11-27T05:30:00Z', to: '2026-11-28T05:30:00Z' };
    const wide = { from: '2026-11-27T00:00:00.000Z', to: '2026-11-28T06:00:00.000Z' };
    expect(told({ ...asked, step: '6h' })).toMatchObject({ ...wide, points: 5, complete: wide.to });
    expect(told({ ...asked, step: '1d' })).toMatchObject({ to: '2026-11-29T00:00:00.000Z', points: 2 });
  });

  it('end with the present, however far ahead the end lies', () => {
    const day = { from: '2026-11-29T00:00:00Z', to: '2026-11-30T00:00:00Z' };
    expect(told({ ...day, step: '1h' })).toMatchObject({ to: '2026-11-29T11:00:00.000Z', points: 11 });
  });

  it('are complete a minute after they ended, since a transaction counts at the time when it began', () => {
    const complete = (at: string) =>
      instantOf(rangeOf({ step: '1m' }, { nowS: secondsOf(at), knownFromS: always }).completeUntilS);
    expect(complete('2026-11-29T10:17:59Z')).toBe('2026-11-29T10:16:00.000Z');
    expect(complete('2026-11-29T10:18:00Z')).toBe('2026-11-29T10:17:00.000Z');
  });

  it('are, when nothing is asked for, of the finest level that has all of them', () => {
    const hour = { from: '2026-11-20T10:00:00Z', to: '2026-11-20T11:00:00Z' };
    const known = { ...always, minute: secondsOf('2026-11-27T00:00:00Z') };
    expect(told(hour)).toMatchObject({ step: '1m', kept: null });
    expect(told(hour, known)).toMatchObject({ step: '1h', level: 'hour', kept: null });
    expect(told(hour, { ...known, hour: known.minute })).toMatchObject({ step: '1d', level: 'day', kept: null });
  });

  it('say from when on there is anything, when a step is asked for that is not kept so long', () => {
    const known = { ...always, minute: secondsOf('2026-11-29T03:00:00Z') };
    const asked = { from: '2026-11-29T02:00:00Z', to: '2026-11-29T05:00:00Z', step: '1m' } as const;
    expect(told(asked, known)).toMatchObject({ points: 180, kept: '2026-11-29T03:00:00.000Z' });
    const gone = rangeOf({ ...asked, to: '2026-11-29T02:30:00Z' }, { nowS, knownFromS: known });
    expect(gone).toMatchObject({ keptFromS: known.minute, readFromS: gone.toS });
  });

  it.each<[AskedRange, FieldProblem]>([
    [
      { from: '2026-11-29T10:00:00Z', to: '2026-11-29T10:00:00Z' },
      { pointer: '/from', detail: 'Must be before `to`' },
    ],
    [{ from: '2026-11-29T10:17:31Z' }, { pointer: '/from', detail: 'Lies ahead: it is 2026-11-29T10:17:30.000Z now' }],
    [{ to: '2026-12-29T10:00:00Z' }, { pointer: '/to', detail: 'Lies ahead: it is 2026-11-29T10:17:30.000Z now' }],
    [
      { from: '2026-11-28T10:00:00Z', step: '1m' },
      {
        pointer: '/step',
        detail: 'The range has 1,458 buckets of 1m, of at most 1,000: ask for a step of 5m or for less time',
      },
    ],
    [
      { from: '2020-01-01T00:00:00Z', step: '1d' },
      { pointer: '/step', detail: 'The range has 2,525 buckets of 1d, of at most 1,000: ask for less time' },
    ],
    [
      { from: '0001-01-01T00:00:00Z' },
      { pointer: '/from', detail: 'The range has 739,949 buckets of 1d, of at most 1,000: ask for less time' },
    ],
  ])('are refused for %j', (asked, problem) => {
    expect(problemOf(asked)).toEqual(problem);
  });

  it('are fewer where each takes sketches to be merged, but for days', () => {
    const hours = { from: '2026-10-20T00:00:00Z', step: '1h' } as const;
    expect(rangeOf(hours, present).times).toHaveLength(971);
    expect(problemOf(hours, maxDurationPoints)).toEqual({
      pointer: '/step',
      detail: 'The range has 971 buckets of 1h, of at most 300: ask for a step of 6h or for less time',
    });
    const days = { from: '2025-01-01T00:00:00Z', step: '1d' } as const;
    expect(rangeOf(days, present, maxDurationPoints).times).toHaveLength(698);
  });

  it('hold what was asked for and little more, whatever that is', () => {
    const instant = fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
      .map((date) => date.toISOString());
    const near = fc.integer({ min: -4_000_000, max: 40_000 }).map((s) => instantOf(nowS + s));
    const time = fc.oneof(near, instant);
    const step = fc.constantFrom(...(Object.keys(telemetrySteps) as TelemetryStep[]));
    const known = fc
      .integer({ min: -3_000, max: 10 })
      .map((hours) => Math.floor(nowS / 86_400) * 86_400 + hours * 86_400);
    const record = fc.record({ from: time, to: time, step }, { requiredKeys: [] });
    fc.assert(
      fc.property(record, known, known, (asked, minute, hour) => {
        const knownFromS = { minute: Math.max(minute, hour), hour, day: -Infinity };
        let range;
        try {
          range = rangeOf(asked, { nowS, knownFromS });
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' });
          return;
        }
        const { fromS, toS, stepS, times, readFromS, completeUntilS } = range;
        expect(times.length).toBeGreaterThan(0);
        expect(times.length).toBeLessThanOrEqual(maxTelemetryPoints);
        expect([times[0] === fromS, (times.at(-1) ?? 0) + stepS === toS]).toEqual([true, true]);
        expect([fromS % stepS, toS % stepS].map(Math.abs)).toEqual([0, 0]);
        const end = Math.min(nowS, asked.to === undefined ? nowS : secondsOf(asked.to));
        expect(toS - end).toBeLessThan(stepS);
        expect(toS).toBeGreaterThanOrEqual(end);
        if (asked.from !== undefined) expect(secondsOf(asked.from) - fromS).toBeLessThan(stepS);
        expect(Number.isInteger((readFromS - fromS) / stepS)).toBe(true);
        expect(readFromS >= fromS && readFromS <= toS && completeUntilS <= nowS - 60 + stepS).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
