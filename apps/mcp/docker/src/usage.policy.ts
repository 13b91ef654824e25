// One sample of what a container uses, by the formulas of `docker stats`.
import type { ContainerStats } from 'dockerode';

/** CPU in percent of one CPU, between the two samples of an answer. */
export const cpuPercentOf = ({ cpu_stats: now, precpu_stats: before }: ContainerStats): number => {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = now.system_cpu_usage - before.system_cpu_usage;
  // The first sample of a container has no time before it; cgroups 2 count CPUs apart.
  const cpus = now.online_cpus || now.cpu_usage.percpu_usage.length;
  return passed > 0 && used > 0 ? Math.round((used / passed) * cpus * 10_000) / 100 : 0;
};

/** Memory without the page cache, which the kernel gives back on demand. */
export const memoryOf = ({ memory_stats: { usage, stats } }: ContainerStats): number => {
  // cgroups 1 and 2 name it differently.
  const { total_inactive_file, inactive_file } = stats as Partial<typeof stats>;
  const cache = total_inactive_file ?? inactive_file ?? 0;
  return cache < usage ? usage - cache : usage;
};

/** Bytes over all networks. */
export const networkOf = ({ networks }: Partial<Pick<ContainerStats, 'networks'>>) => {
  const all = Object.values(networks ?? {});
  const sum = (field: 'rx_bytes' | 'tx_bytes'): number => all.reduce((total, network) => total + network[field], 0);
  return { received_bytes: sum('rx_bytes'), sent_bytes: sum('tx_bytes') };
};

interface BlockEntry {
  readonly op: string;
  readonly value: number;
}

/** Bytes over all devices. */
export const blockOf = (entries: readonly BlockEntry[] | null | undefined) => {
  const sum = (wanted: string): number =>
    (entries ?? []).filter(({ op }) => op.toLowerCase() === wanted).reduce((total, { value }) => total + value, 0);
  return { read_bytes: sum('read'), written_bytes: sum('write') };
};
