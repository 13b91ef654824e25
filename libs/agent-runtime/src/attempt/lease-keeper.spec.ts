import { renewalPauseMs } from './lease-keeper.js';

describe('the pause between two renewals', () => {
  it('is a third of the lease', () => {
    expect(renewalPauseMs(30_000, false)).toBe(10_000);
  });

  it('is a second at most while the broker cannot tell of cancellations', () => {
    expect(renewalPauseMs(30_000, true)).toBe(1_000);
    expect(renewalPauseMs(1_500, true)).toBe(500);
  });
});
