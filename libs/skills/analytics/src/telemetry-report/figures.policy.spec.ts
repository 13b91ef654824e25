import { count, duration, errorRate, percent, tasks } from './figures.policy.js';

describe('figures of a report', () => {
  it('have three digits and a unit', () => {
    const ms = [0, 0.123456, 12.34, 999.4, 1_000, 65_432, 120_000, 7_200_000, 100_000_000];
    expect(ms.map(duration)).toEqual([
      ...['0 ms', '0.123 ms', '12.3 ms', '999 ms', '1 s', '65.4 s', '2 min', '2 h', '27.8 h'],
    ]);
    expect([count(1_234_567), tasks(1), tasks(0)]).toEqual(['1,234,567', '1 task', '0 tasks']);
  });

  it('never write little as nothing, nor nearly all as all', () => {
    expect([0, 0.0004, 0.0123, 0.5, 0.9996, 1].map(percent)).toEqual([
      ...['0 %', '< 0.1 %', '1.2 %', '50 %', '> 99.9 %', '100 %'],
    ]);
  });

  it('are a dash where nothing is known', () => {
    expect([count(null), duration(null), percent(null), percent(errorRate(0, 0)), percent(errorRate(null, 1))]).toEqual(
      Array.from({ length: 5 }, () => '–'),
    );
  });
});
