import { shareText } from './pie.policy.js';

describe('a share', () => {
  it.each([
    [1, 3, '33.3 %'],
    [1, 4, '25 %'],
    [1, 10_000, '< 0.1 %'],
    [1, 1_000, '0.1 %'],
    [9_999, 10_000, '> 99.9 %'],
    [5, 5, '100 %'],
  ])('of %d in %d is %s', (value, sum, text) => {
    expect(shareText(value, sum)).toBe(text);
  });
});
