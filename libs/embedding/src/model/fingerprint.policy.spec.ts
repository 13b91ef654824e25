import { fingerprintAgrees, fingerprintSentences } from './fingerprint.policy.js';
import { meanVector, unitVector } from './vectors.policy.js';

const of = (turn: number): number[] =>
  fingerprintSentences.flatMap((_, n) => [Math.cos(n + turn), Math.sin(n + turn), 0.5, n]);

describe('a fingerprint', () => {
  it('is recognised with the noise of another machine', () => {
    expect(
      fingerprintAgrees(
        of(0),
        of(0).map((value, at) => value * (1 + (at % 3) * 1e-4)),
      ),
    ).toBe(true);
  });

  it.each([
    ['another model', of(1)],
    ['one sentence that differs', [...of(0).slice(0, 16), -1, 0.3, 0, 0]],
    ['other dimensions', of(0).slice(5)],
    ['nothing', []],
    ['zeros', of(0).map(() => 0)],
  ])('is not: %s', (_, found) => {
    expect(fingerprintAgrees(of(0), found)).toBe(false);
  });
});

describe('vectors', () => {
  it('have length 1, or no direction', () => {
    expect(unitVector([3, 4])).toEqual([0.6, 0.8]);
    for (const bad of [[], [0, 0], [Number.NaN, 1], [Infinity, 1]]) expect(unitVector(bad)).toBeUndefined();
  });

  it('have a mean, unless they cancel out', () => {
    expect(
      meanVector([
        [1, 0],
        [0, 1],
      ]),
    ).toEqual([Math.SQRT1_2, Math.SQRT1_2].map((value) => expect.closeTo(value) as number));
    expect(
      meanVector([
        [1, 0],
        [-1, 0],
      ]),
    ).toBeUndefined();
    expect(meanVector([])).toBeUndefined();
  });
});
