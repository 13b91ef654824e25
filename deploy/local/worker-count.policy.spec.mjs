import { boundsIn, windowMs, workerCount } from './worker-count.policy.mjs';

const now = 1_000_000;
const wish = (workers, agoMs = 0) => ({ at: now - agoMs, workers });
const counted = (wishes, count = 1) => workerCount({ count, wishes, min: 1, max: 3, now });

describe('the workers of an agent', () => {
  it('are added at once', () => {
    expect(counted([wish(1, 5_000), wish(2)])).toBe(2);
  });

  it('are removed when no more were wanted for a minute', () => {
    expect(counted([wish(3, windowMs - 1), wish(1)], 3)).toBe(3);
    expect(counted([wish(3, windowMs), wish(1)], 3)).toBe(1);
  });

  it('stay within their bounds', () => {
    expect(counted([wish(40)])).toBe(3);
    expect(counted([wish(0)])).toBe(1);
  });

  it('stay as they are while the gateway does not know', () => {
    expect(counted([], 2)).toBe(2);
  });
});

describe('the bounds', () => {
  it('are one to three unless said otherwise', () => {
    expect([boundsIn(), boundsIn('2'), boundsIn('2-10')]).toEqual([
      { min: 1, max: 3 },
      { min: 2, max: 2 },
      { min: 2, max: 10 },
    ]);
  });

  it.each(['0-3', '3-1', '-2', 'many', '1-2-3', '1.5', ''])('are refused as %j', (text) => {
    expect(() => boundsIn(text)).toThrow('like 1-3');
  });
});
