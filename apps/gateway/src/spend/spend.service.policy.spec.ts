import { spendRange } from './spend.service.js';

const now = Date.parse('2026-11-29T10:00:00Z');

describe('the days of a question', () => {
  it('are the last thirty, today among them, or those that are named', () => {
    expect(spendRange({}, now)).toEqual({ from: '2026-10-31', to: '2026-11-29' });
    expect(spendRange({ to: '2026-03-01' }, now)).toEqual({ from: '2026-01-31', to: '2026-03-01' });
    expect(spendRange({ from: '2026-11-29', to: '2026-11-29' }, now)).toEqual({ from: '2026-11-29', to: '2026-11-29' });
  });

  it('are in order, and not too many', () => {
    expect(() => spendRange({ from: '2026-11-30' }, now)).toThrow();
    expect(() => spendRange({ from: '2020-01-01' }, now)).toThrow();
  });
});
