import { duration, relative } from './time.policy.js';

describe('how long ago', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  it.each([
    [0, 'now'],
    [12_400, '12 s ago'],
    [60_000, '1 min ago'],
    [-3 * 3_600_000, 'in 3 h'],
    [50 * 3_600_000, '2 d ago'],
    [-(90 * 86_400_000 - 1_500), 'in 90 days'],
    [-86_399_000, 'in 1 day'],
    [-365 * 86_400_000, 'in 365 days'],
    [-800 * 86_400_000, 'in 2 y'],
    [-40 * 60_000, 'in 40 min'],
    [-3_599_000, 'in 1 h'],
    [-12_400, 'in 13 s'],
    [800 * 86_400_000, '2 y ago'],
  ])('%d ms: %s', (ago, text) => {
    expect(relative(now - ago, now)).toBe(text);
  });
});

describe('a length of time', () => {
  it.each([
    [0.42, '0.4 ms'],
    [340.4, '340 ms'],
    [999.6, '1000 ms'],
    [2_140, '2.1 s'],
    [59_960, '1 min'],
    [184_000, '3 min 4 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [null, '–'],
    [Number.NaN, '–'],
  ])('%d: %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
