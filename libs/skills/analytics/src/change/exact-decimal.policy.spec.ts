import { decimalOf, roundedParts, roundedTo, unitsOf } from './exact-decimal.policy.js';

describe('exact decimals', () => {
  it('keep all digits both ways', () => {
    for (const text of ['0', '1', '-1', '0.1', '-0.000000001', '12345678901234567890.5']) {
      expect(decimalOf(unitsOf(text, 10), 10)).toBe(text);
    }
    expect(() => unitsOf('1e5', 10)).toThrow('No decimal number');
  });

  it('are rounded to the nearest, also below 0', () => {
    expect([14n, 15n, -14n, -16n].map((units) => roundedTo(units, 1, 0))).toEqual([1n, 2n, -1n, -2n]);
  });

  it('have rounded parts that sum to the rounded whole', () => {
    expect(roundedParts([33n, 33n, 34n], 10n, 1, 0)).toEqual([3n, 3n, 4n]);
    expect(roundedParts([-33n, -33n, -34n], -10n, 1, 0)).toEqual([-3n, -3n, -4n]);
    for (const whole of [-3n, 0n, 7n]) {
      const parts = roundedParts([5n, -17n, 29n, 0n], whole, 1, 0);
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(whole);
    }
  });
});
