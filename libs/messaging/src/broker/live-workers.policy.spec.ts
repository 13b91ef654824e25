import type { AgentHeartbeat } from '@pulser/contracts';

import { LiveWorkers } from './live-workers.js';

const at = '2026-11-29T00:00:00.000Z';

describe('live workers', () => {
  let workers: LiveWorkers;

  const beat = (instance: string, second: number, more: Partial<AgentHeartbeat> = {}): boolean =>
    workers.heard(
      { agent: 'dash', instance, slots: 4, running: 0, finished_total: 0, failed_total: 0, at, ...more },
      second * 1_000,
    );

  beforeEach(() => {
    workers = new LiveWorkers();
  });

  it('are those that were heard of within five seconds', () => {
    beat('dash-1', 0);
    beat('dash-2', 4, { running: 3 });
    expect(workers.workforceOf('dash', 5_000)).toEqual({ workers: 2, slots: 8, busy: 3 });
    expect(workers.workforceOf('dash', 6_000)).toEqual({ workers: 1, slots: 4, busy: 3 });
    expect(workers.silenceOf('dash-1', 6_000)).toBe(6_000);
    expect(workers.silenceOf('dash-2', 6_000)).toBeUndefined();
    expect(workers.workforceOf('maya', 6_000)).toEqual({ workers: 0, slots: 0, busy: 0 });
  });

  it('are news when they come, come back or leave', () => {
    expect([beat('dash-1', 0), beat('dash-1', 1)]).toEqual([true, false]);
    expect(beat('dash-1', 9)).toBe(true);
    expect([beat('dash-1', 10, { leaving: true }), beat('dash-1', 11, { leaving: true })]).toEqual([true, false]);
  });

  it('are none any more once they have said that they leave', () => {
    beat('dash-1', 0);
    beat('dash-1', 1, { leaving: true });
    expect(workers.workforceOf('dash', 1_000).workers).toBe(0);
    expect(workers.leftMsAgo('dash', 4_000)).toBe(3_000);
    expect(workers.all(1_000).map(({ heartbeat }) => heartbeat.leaving)).toEqual([true]);
    expect(workers.all(7_000)).toEqual([]);
  });

  it('have been free since their heartbeats report a free slot', () => {
    for (const [second, running] of [4, 3, 0, 2].entries()) beat('dash-1', second, { running });
    expect(workers.all(3_000).map(({ freeForMs }) => freeForMs)).toEqual([2_000]);
    beat('dash-1', 4, { running: 4 });
    expect(workers.all(5_000).map(({ freeForMs }) => freeForMs)).toEqual([0]);
  });

  it('are stuck while all their slots are taken and no task ends', () => {
    const stuckMs = (second: number): number | undefined => workers.all(second * 1_000)[0]?.stuckForMs;
    for (const second of [0, 1, 2]) beat('dash-1', second, { running: 4 });
    expect(stuckMs(3)).toBe(3_000);
    beat('dash-1', 3, { running: 4, finished_total: 1 });
    expect(stuckMs(4)).toBe(1_000);
    beat('dash-1', 4, { running: 3, finished_total: 1 });
    expect(stuckMs(5)).toBe(0);
  });

  it('finish as many tasks per second as their totals say', () => {
    beat('dash-1', 0);
    beat('dash-1', 2, { finished_total: 10 });
    beat('dash-2', 2, { finished_total: 500 });
    expect(workers.finishedPerSecond('dash', 2_000)).toBe(5);
    expect(workers.rateOf('dash-3')).toBeUndefined();
  });

  it('that were silent for long are forgotten', () => {
    beat('dash-1', 0);
    beat('dash-2', 501);
    expect(workers.all(501_000).map(({ heartbeat }) => heartbeat.instance)).toEqual(['dash-2']);
  });
});
