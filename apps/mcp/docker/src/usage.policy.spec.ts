import type { ContainerStats } from 'dockerode';

import { blockOf, cpuPercentOf, memoryOf, networkOf } from './usage.policy.js';

const cpu = (total: number, system: number, cpus: number) => ({
  cpu_usage: { total_usage: total, percpu_usage: [1, 1] },
  system_cpu_usage: system,
  online_cpus: cpus,
});
const stats = (now: object, before: object): ContainerStats =>
  ({ cpu_stats: now, precpu_stats: before }) as ContainerStats;

describe('what a container uses', () => {
  it('is its share of the time that has passed on all CPUs', () => {
    expect(cpuPercentOf(stats(cpu(300, 2_000, 4), cpu(100, 1_000, 4)))).toBe(80);
    expect(cpuPercentOf(stats(cpu(300, 2_000, 0), cpu(100, 1_000, 0)))).toBe(40);
  });

  it('is nothing where there is no sample before', () => {
    expect(cpuPercentOf(stats(cpu(300, 2_000, 4), { cpu_usage: { total_usage: 0 } }))).toBe(0);
  });

  it('is memory without the page cache, of cgroups 1 and 2', () => {
    const of = (details: object): ContainerStats =>
      ({ memory_stats: { usage: 100, stats: details } }) as ContainerStats;
    expect([memoryOf(of({ inactive_file: 30 })), memoryOf(of({ total_inactive_file: 40 })), memoryOf(of({}))]).toEqual([
      70, 60, 100,
    ]);
  });

  it('is bytes of all networks and devices', () => {
    const networks = { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } } as never;
    expect([networkOf({ networks }), networkOf({})]).toEqual([
      { received_bytes: 11, sent_bytes: 22 },
      { received_bytes: 0, sent_bytes: 0 },
    ]);
    expect([
      blockOf([
        { op: 'Read', value: 5 },
        { op: 'write', value: 7 },
      ]),
      blockOf(null),
    ]).toEqual([
      { read_bytes: 5, written_bytes: 7 },
      { read_bytes: 0, written_bytes: 0 },
    ]);
  });
});
