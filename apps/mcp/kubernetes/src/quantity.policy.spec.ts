import { bytesOf, millicoresOf, numberOf } from './quantity.policy.js';

describe('a quantity', () => {
  it.each([
    ['250m', 0.25],
    ['2', 2],
    ['1.5', 1.5],
    ['100n', 1e-7],
    ['3k', 3_000],
    ['128Mi', 134_217_728],
    ['1.5Gi', 1_610_612_736],
    ['12e6', 12_000_000],
    ['1E', 1e18],
  ])('%s is a number', (text, expected) => {
    expect(numberOf(text)).toBeCloseTo(expected, 12);
  });

  it.each(['', 'm', '1 Gi', '1GB', 'x', '1.2.3'])('%j is none', (text) => {
    expect(numberOf(text)).toBeUndefined();
    expect(() => bytesOf(text)).toThrow('no quantity');
  });

  it('is counted in thousandths of a CPU and in bytes', () => {
    expect([millicoresOf('1500000000n'), millicoresOf('2'), bytesOf('4Ki')]).toEqual([1_500, 2_000, 4_096]);
  });
});
