import { chunkOf, isOver, leaseOf, tokensIn } from './rate-limits.js';

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

describe('what a bucket holds', () => {
  const limit = { perS: 2, burst: 10 };

  it.each([
    ['is full when it was never asked', undefined, 10],
    ['is what it was, and what has come since', { bucket: 'b', tokens: 3.5, idleS: 2 }, 7],
    ['is never more than its size', { bucket: 'b', tokens: 3, idleS: 1_000 }, 10],
    ['is whole tokens', { bucket: 'b', tokens: 0.2, idleS: 0.1 }, 0],
  ] as const)('%s', (_, state, tokens) => {
    expect(tokensIn(limit, state)).toBe(tokens);
  });
});
