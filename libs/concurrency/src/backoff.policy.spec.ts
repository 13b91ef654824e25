import { fullJitter } from './backoff.js';

describe('the wait between two attempts', () => {
  it('lies anywhere below a bound that doubles from 100 ms to 5 s', () => {
    expect([1, 2, 3, 6, 7, 1_000, 100_000].map((attempt) => fullJitter(attempt, {}, 1))).toEqual([
      100, 200, 400, 3200, 5000, 5000, 5000,
    ]);
    expect(fullJitter(3, {}, 0.25)).toBe(100);
    expect(fullJitter(3, {}, 0)).toBe(0);
  });
});
