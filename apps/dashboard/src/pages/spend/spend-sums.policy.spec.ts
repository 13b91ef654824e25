import type { SpendSum, SpendView } from '@pulser/contracts';

import { chartOf, firstDay, partsOf } from './spend-sums.policy.js';

const sum = (day: string, agent: string, model: string, micros: number): SpendSum => ({
  ...{ day, agent, model, micros },
  ...{ calls: 1, input_tokens: 10, output_tokens: 5 },
});

const sums = [
  sum('2026-11-28', 'dash', 'large', 500_000),
  sum('2026-11-30', 'dash', 'small', 250_000),
  sum('2026-11-30', 'maya', 'small', 1_000_000),
];

const view = (of: readonly SpendSum[]): SpendView => ({
  from: '2026-11-28',
  to: '2026-11-30',
  sums: [...of],
  total: { calls: 3, input_tokens: 30, output_tokens: 15, micros: 1_750_000 },
  today: null,
});

describe('what was spent', () => {
  it('is summed by agent or model, the dearest first', () => {
    expect(partsOf(sums, 'agent').map(({ name, micros, calls }) => [name, micros, calls])).toEqual([
      ['maya', 1_000_000, 1],
      ['dash', 750_000, 2],
    ]);
    expect(partsOf(sums, 'model').map(({ name }) => name)).toEqual(['small', 'large']);
  });

  it('is drawn for every day, also for those without', () => {
    const { at, series } = chartOf(view(sums), 'agent');
    expect(at).toEqual(['2026-11-28', '2026-11-29', '2026-11-30'].map((day) => Date.parse(day) / 1_000));
    expect(series).toEqual([
      { name: 'maya', values: [0, 0, 1] },
      { name: 'dash', values: [0.5, 0, 0.25] },
    ]);
  });

  it('is drawn of eight at most, the rest together', () => {
    const many = Array.from({ length: 11 }, (_, n) => sum('2026-11-29', `agent-${String(n)}`, 'm', 1_000_000 - n));
    const { series } = chartOf(view(many), 'agent');
    expect(series.map(({ name }) => name).slice(-2)).toEqual(['agent-6', 'others']);
    expect(series).toHaveLength(8);
    expect(series.at(-1)?.values[1]).toBeCloseTo(4, 3);
  });

  it('begins so many days ago, today among them', () => {
    expect(firstDay('7', Date.parse('2026-11-30T12:00:00Z'))).toBe('2026-11-24');
  });
});
