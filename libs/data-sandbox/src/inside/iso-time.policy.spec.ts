import { isoDate, isoTimestamp } from './iso-time.policy.js';

describe('ISO 8601', () => {
  it.each([
    [0n, 1n, '1970-01-01T00:00:00'],
    [1_500n, 1_000n, '1970-01-01T00:00:01.5'],
    [-1n, 1_000_000n, '1969-12-31T23:59:59.999999'],
    [-1_000_000n, 1_000_000n, '1969-12-31T23:59:59'],
    [1_582_934_400_123_456_789n, 1_000_000_000n, '2020-02-29T00:00:00.123456789'],
    [253_402_300_800n, 1n, '+010000-01-01T00:00:00'],
    [-62_198_755_200n, 1n, '-000001-01-01T00:00:00'],
  ])('writes %d units, of which a second has %d, as %s', (ticks, perSecond, text) => {
    expect(isoTimestamp(ticks, perSecond)).toBe(text);
  });

  it('writes days', () => {
    expect([isoDate(0), isoDate(-1), isoDate(19_782)]).toEqual(['1970-01-01', '1969-12-31', '2024-02-29']);
  });

  it('leaves out what no Date can hold', () => {
    expect(isoDate(100_000_000)).toBe('+275760-09-13');
    expect(isoDate(100_000_001)).toBeUndefined();
    expect(isoTimestamp(-8_640_000_000_001n, 1n)).toBeUndefined();
  });
});
