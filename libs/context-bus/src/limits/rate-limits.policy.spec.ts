import { chunkOf, isOver, leaseOf } from './rate-limits.js';

const limit = { perS: 100, burst: 200 };

describe('a lease of tokens', () => {
  it('is of a tenth of a second, and never of more than a quarter of the bucket', () => {
    expect(chunkOf(limit)).toBe(10);
    expect(chunkOf({ perS: 100, burst: 8 })).toBe(2);
    expect(chunkOf({ perS: 0.1, burst: 1 })).toBe(1);
  });

  it('is over when its tokens are used, or its time', () => {
    const lease = leaseOf({ granted: 10, tokens: 50 }, limit, 1_000);
    expect(isOver(lease, 1_999)).toBe(false);
    expect(isOver(lease, 2_000)).toBe(true);
    expect(isOver({ ...lease, tokens: 0 }, 1_001)).toBe(true);
  });

  it('that was refused holds until the bucket has a token again', () => {
    const refused = leaseOf({ granted: 0, tokens: 0.5 }, limit, 1_000);
    expect(refused).toMatchObject({ refused: true, until: 1_005 });
    expect(isOver(refused, 1_004)).toBe(false);
    expect(isOver(refused, 1_005)).toBe(true);
  });
});
