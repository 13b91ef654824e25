import fc from 'fast-check';

import { affordableOutput, microsOf } from './price.policy.js';

const price = { input: 2_500_000, output: 10_000_000 };

describe('the price of a call', () => {
  it('is whole micro-dollars, rounded up', () => {
    expect(microsOf({ inputTokens: 1_000_000, outputTokens: 0 }, price)).toBe(2_500_000);
    expect(microsOf({ inputTokens: 1, outputTokens: 0 }, { input: 1, output: 0 })).toBe(1);
    expect(microsOf({ inputTokens: 0, outputTokens: 0 }, price)).toBe(0);
    // Beyond what floating point counts exactly.
    expect(microsOf({ inputTokens: 3, outputTokens: 999_999_937 }, { input: 1, output: 8_999_999_999 })).toBe(
      8_999_999_432_001,
    );
  });

  it('leaves for output what is paid for, to the last token', () => {
    const tokens = fc.integer({ min: 0, max: 1_000_000 });
    const perMillion = fc.integer({ min: 1, max: 1_000_000_000 });
    fc.assert(
      fc.property(
        tokens,
        fc.integer({ min: 0, max: 1e9 }),
        perMillion,
        perMillion,
        (inputTokens, micros, input, output) => {
          const outputTokens = affordableOutput(micros, inputTokens, { input, output });
          const cost = (more: number): number =>
            microsOf({ inputTokens, outputTokens: outputTokens + more }, { input, output });
          if (outputTokens > 0) expect(cost(0)).toBeLessThanOrEqual(micros);
          expect(cost(1)).toBeGreaterThan(micros);
        },
      ),
      { seed: 31, numRuns: 300 },
    );
  });

  it('buys any number of tokens that cost nothing, but no input that is not paid for', () => {
    expect(affordableOutput(10, 1, { input: 1, output: 0 })).toBe(Number.MAX_SAFE_INTEGER);
    expect(affordableOutput(0, 1, { input: 1, output: 0 })).toBe(0);
  });
});
