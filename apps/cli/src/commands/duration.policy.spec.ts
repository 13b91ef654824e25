import { secondsOf } from './duration.policy.js';

describe('a time span', () => {
  it.each([
    ['0s', 0],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
    ['3650d', 315_360_000],
  ])('%s has %i seconds', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });

  it.each(['', '30', 'd', '-1d', '1.5h', '1w', '30 d', '3651d', '30D'])('is not %j', (text) => {
    expect(secondsOf(text)).toBeUndefined();
  });
});
