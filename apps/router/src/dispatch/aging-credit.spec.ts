import { AgingCredit } from './aging-credit.js';

describe('agingCredit', () => {
  it('lets one aged task through for every ten that pass it', () => {
    const agingCredit = new AgingCredit();
    agingCredit.sent('high', 9);
    expect(agingCredit.allowed).toBe(0);
    agingCredit.sent('medium', 1);
    expect(agingCredit.allowed).toBe(1);
    agingCredit.boosted(1);
    expect(agingCredit.allowed).toBe(0);
  });

  it('does not count tasks of the lowest priority, which overtake none', () => {
    const agingCredit = new AgingCredit();
    agingCredit.sent('low', 1_000);
    expect(agingCredit.allowed).toBe(0);
  });

  it('does not save up for a flood', () => {
    const agingCredit = new AgingCredit();
    agingCredit.sent('high', 1_000_000);
    expect(agingCredit.allowed).toBe(100);
  });
});
