import { quantityOf } from './quantity.policy.js';

describe('a quantity', () => {
  it.each([
    ['250m', 0.25],
    ['1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1e3', 1_000],
    ['2E3', 2_000],
    ['1E', 1e18],
    ['64Mi', 67_108_864],
    ['1Gi', 1_073_741_824],
    ['1k', 1_000],
  ])('%s is %d', (text, value) => {
    expect(quantityOf(text)).toBe(value);
  });

  it.each(['', '1GB', '1gi', 'Mi', '1 Gi', '1.2.3', '0x10', '1mi', 'NaN'])('%s is none', (text) => {
    expect(quantityOf(text)).toBeUndefined();
  });
});
