// The memory of a process and of all that it started, as the kernel counts it.
import { readdirSync, readFileSync } from 'node:fs';

/** A process may end between being listed and being read. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const parentOf = (pid: string): string | undefined => /^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1];

const treeOf = (root: string, parents: ReadonlyMap<string, string | undefined>): string[] => [
  root,
  ...[...parents].flatMap(([pid, parent]) => (parent === root ? treeOf(pid, parents) : [])),
];

const kilobytesOf = (pid: string): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);

/** Proportional set size of a process and its descendants in MB: pages that several share count once. */
export const treeMegabytes = (pid: number): number => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((one) => [one, parentOf(one)]));
  const kilobytes = treeOf(String(pid), parents).reduce((sum, one) => sum + kilobytesOf(one), 0);
  return Math.round(kilobytes / 1_024);
};
