import type { EndedTask, HealthChange } from './observations.js';
import { failoverTroubles, timesOf } from './times.policy.js';

const change = (at: number, status: HealthChange['status'], share: number): HealthChange => ({
  ...{ at, status, share, standIn: share === 0 ? 'data_fabcon' : null, reasons: [] },
});

const task = (createdAt: number, completedAt: number | null, agent = 'dash'): EndedTask => ({
  ...{ ref: String(createdAt), agent, status: completedAt === null ? 'queued' : 'completed' },
  ...{ createdAt, startedAt: completedAt, completedAt },
});

const moments = { brokenAt: 10_000, wholeAt: 20_000 };

describe('failovers', () => {
  it.each([
    ['none of one that is broken', { expects: 'unhealthy' }, 0, 1],
    ['one of one that is broken', { expects: 'unhealthy' }, 1, 0],
    ['two of one that is broken', { expects: 'unhealthy' }, 2, 1],
    ['none of one that is slow', { expects: 'degraded' }, 0, 0],
    ['one in five minutes of flapping', { expects: 'unhealthy', flaps: true }, 1, 0],
    ['two in five minutes of flapping', { expects: 'unhealthy', flaps: true }, 2, 1],
  ] as const)('%s', (_, breakage, failovers, troubles) => {
    expect(failoverTroubles(breakage, failovers, 300_000)).toHaveLength(troubles);
  });
});

describe('the times of a drill', () => {
  const changes = [
    change(1_000, 'healthy', 100),
    change(11_500, 'unhealthy', 0),
    change(22_000, 'healthy', 0),
    change(30_000, 'healthy', 1),
    change(40_000, 'healthy', 100),
  ];

  it('run from the breakage and from the repair', () => {
    const tasks = [task(9_000, 9_100), task(10_100, 12_000, 'data_fabcon'), task(10_200, 11_900, 'data_fabcon')];
    expect(timesOf('dash', changes, tasks, moments)).toEqual({
      notice_ms: 1_500,
      reroute_ms: 2_000,
      recover_ms: 2_000,
      return_ms: 20_000,
      late: 0,
      failovers: 1,
    });
  });

  it('are of the first task after the breakage: one that the agent completed was not rerouted', () => {
    const tasks = [task(10_100, 10_400), task(10_200, 11_900, 'data_fabcon')];
    expect(timesOf('dash', changes, tasks, moments).reroute_ms).toBeNull();
    expect(timesOf('dash', changes, [task(10_100, null, 'data_fabcon')], moments).reroute_ms).toBeNull();
  });

  it('never came when nothing was noticed', () => {
    expect(timesOf('dash', [change(1_000, 'healthy', 100)], [], moments)).toMatchObject({
      notice_ms: null,
      recover_ms: null,
      failovers: 0,
    });
  });

  it('count tasks that were late, open ones too, and each failover', () => {
    const tasks = [task(10_100, 15_200), task(10_100, 15_000), task(10_100, null), task(9_000, 19_000)];
    const again = [...changes, change(41_000, 'unhealthy', 0)];
    expect(timesOf('dash', again, tasks, moments)).toMatchObject({ late: 2, failovers: 2 });
  });
});
