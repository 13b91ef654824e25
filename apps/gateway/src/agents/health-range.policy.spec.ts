import { healthRangeOf } from './health-range.policy.js';

const now = Date.parse('2026-11-29T12:00:00Z');

describe('the range of a history', () => {
  it('is the last hour by minutes, when nothing is asked for', () => {
    expect(healthRangeOf({}, now)).toEqual({
      ...{ from: new Date(now - 3_600_000), to: new Date(now), step: '1m', stepS: 60, level: 'minute' },
    });
  });

  it.each([
    ['2026-11-29T06:00:00Z', '5m', 'minute'],
    ['2026-11-28T12:00:00Z', '15m', 'minute'],
    ['2026-11-24T12:00:00Z', '1h', 'hour'],
    ['2026-10-01T12:00:00Z', '1d', 'hour'],
  ])('from %s on has steps of %s', (from, step, level) => {
    expect(healthRangeOf({ from }, now)).toMatchObject({ step, level });
  });

  it.each([
    [{ from: '2026-11-30T00:00:00Z' }, 'must lie before'],
    [{ from: '2026-11-01T00:00:00Z', step: '1m' as const }, 'more than 1000 steps of 1m'],
  ])('that cannot be is refused: %j', (query, why) => {
    expect(() => healthRangeOf(query, now)).toThrow(why);
  });
});
