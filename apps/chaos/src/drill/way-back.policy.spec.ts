import type { EndedTask, HealthChange } from './observations.js';
import { stepsOf, wayBackTroubles } from './way-back.policy.js';

const limits = { coolDownMs: 60_000, stepMs: 30_000 };

const change = (second: number, status: HealthChange['status'], share: number): HealthChange => ({
  ...{ at: second * 1_000, status, share, standIn: 'data_fabcon', reasons: [] },
});

const regular = [
  change(0, 'healthy', 100),
  change(10, 'unhealthy', 0),
  change(20, 'healthy', 0),
  change(80, 'healthy', 1),
  change(110, 'healthy', 10),
  change(140, 'healthy', 50),
  change(170, 'healthy', 100),
];

/** Submitted then, and running a little later. */
const begun = (createdAt: number) => ({ createdAt, startedAt: createdAt + 20 });

/** Ten a second, of which the agent runs the first ones of each ten. */
const tasks = (from: number, to: number, own: number): EndedTask[] =>
  Array.from({ length: (to - from) * 10 }, (_, n) => ({
    ...{ ref: String(n), status: 'completed', completedAt: null, ...begun(from * 1_000 + n * 100) },
    agent: n % 10 < own ? 'dash' : 'data_fabcon',
  }));

const troublesOf = (changes: readonly HealthChange[], done: readonly EndedTask[] = []): string[] =>
  wayBackTroubles(stepsOf('dash', changes, done), changes, limits);

describe('the way back', () => {
  it('goes over 1, 10 and 50 percent, with that many tasks', () => {
    const done = [...tasks(80, 110, 0), ...tasks(110, 140, 1), ...tasks(140, 170, 5)];
    expect(stepsOf('dash', regular, done).map(({ share, own }) => [share, own])).toEqual([
      [0, 0],
      [1, 0],
      [10, 29],
      [50, 145],
      [100, 0],
    ]);
    expect(troublesOf(regular, done)).toEqual([]);
  });

  it.each([
    ['skips a step', regular.filter(({ share }) => share !== 10), 'its tasks came back by 0, 1, 50, 100 %'],
    ['is not finished', regular.slice(0, -1), 'its tasks came back by 0, 1, 10, 50 %'],
    [
      'begins before it has cooled down',
      regular.map((one) => (one.share === 1 ? { ...one, at: 70_000 } : one)),
      '1 % of its tasks came back after 50000 ms already',
    ],
    [
      'hastens',
      regular.map((one) => (one.share === 50 ? { ...one, at: 120_000 } : one)),
      '50 % of its tasks came back after 10000 ms already',
    ],
  ])('is not as promised when it %s', (_, changes, said) => {
    expect(troublesOf(changes).join()).toContain(said);
  });

  it('does not count tasks that waited until the next step', () => {
    const waited = tasks(80, 110, 10).map((one) => ({ ...one, startedAt: 170_000 }));
    expect(troublesOf(regular, waited)).toEqual([]);
  });

  it('is not as promised when more tasks come back than should', () => {
    expect(troublesOf(regular, tasks(80, 110, 5))).toEqual(['of 290 tasks 145 came to it when 1 % should have']);
  });
});
