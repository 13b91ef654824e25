import { Overtaking } from './overtaking.js';

describe('overtaking', () => {
  it('lets one aged task through for every ten that pass it', () => {
    const overtaking = new Overtaking();
    overtaking.sent('high', 9);
    expect(overtaking.allowed).toBe(0);
    overtaking.sent('medium', 1);
    expect(overtaking.allowed).toBe(1);
    overtaking.raised(1);
    expect(overtaking.allowed).toBe(0);
  });

  it('does not count tasks of the lowest priority, which pass nobody', () => {
    const overtaking = new Overtaking();
    overtaking.sent('low', 1_000);
    expect(overtaking.allowed).toBe(0);
  });

  it('does not save up for a flood', () => {
    const overtaking = new Overtaking();
    overtaking.sent('high', 1_000_000);
    expect(overtaking.allowed).toBe(100);
  });
});
