// What processes take of the machine: CPU time and memory, of a contestant, of the servers and of the load, from /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { Machine, Running } from '../load/contestant.js';

interface ProcessParent {
  readonly pid: number;
  readonly parent: number;
}

/** A process, its children and theirs. */
export const descendantsOf = (root: number, all: readonly ProcessParent[]): number[] => [
  root,
  ...all.filter(({ parent }) => parent === root).flatMap(({ pid }) => descendantsOf(pid, all)),
];

/** State of a socket that listens, in the tables of the kernel (include/net/tcp_states.h). */
const listening = '0A';

/** The inode of the socket that listens on a port, by /proc/net/tcp (proc_net(5)). */
export const listeningInode = (table: string, port: number): string | undefined => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of table.split('\n')) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === listening && local?.endsWith(`:${hex}`) === true) return inode;
  }
  return undefined;
};

const socketTables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** A process may end between being listed and being read. */
const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const pids = (): number[] =>
  (orUndefined(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);

const holds = (pid: number, inode: string): boolean =>
  (orUndefined(() => readdirSync(`/proc/${pid}/fd`)) ?? []).some(
    (fd) => orUndefined(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) === `socket:[${inode}]`,
  );

const parentOf = (pid: number): number | undefined => {
  const status = orUndefined(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const parent = /^PPid:\s+(\d+)$/m.exec(status ?? '')?.[1];
  return parent === undefined ? undefined : Number(parent);
};

const parents = (): ProcessParent[] =>
  pids().flatMap((pid) => {
    const parent = parentOf(pid);
    return parent === undefined ? [] : [{ pid, parent }];
  });

/** A process and all its descendants. */
const withDescendants = (pid: number): number[] => descendantsOf(pid, parents());

/** The process that listens on the port of a URL, and all its descendants; none where /proc does not tell (not Linux, not root). */
const processesAt = (url: string): number[] => {
  const tables = socketTables.map((path) => orUndefined(() => readFileSync(path, 'utf8')) ?? '');
  const inode = listeningInode(tables.join('\n'), Number(new URL(url).port));
  if (inode === undefined) return [];
  // Forked children hold the socket too: the oldest is the server itself.
  const [root] = pids().filter((pid) => holds(pid, inode));
  return root === undefined ? [] : withDescendants(root);
};

/** The fields `utime`, `stime`, `cutime` and `cstime` of /proc/<pid>/stat, counted after the name, which may contain spaces. */
const firstTimeField = 11;
const timeFields = 4;

/**
 * Clock ticks in user and in kernel mode that a process has used, and those of its children that have ended, such as the
 * autovacuum workers of PostgreSQL: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export const cpuTicks = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(firstTimeField, firstTimeField + timeFields).reduce((sum, ticks) => sum + Number(ticks), 0);
};

/** Microseconds of CPU time since its start, by process or server. */
type CpuTime = ReadonlyMap<string, number>;

/** USER_HZ is 100 wherever Linux runs Node.js. */
const tickUs = 10_000;

const usedUs = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    try {
      return sum + cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * tickUs;
    } catch {
      // It has ended, or this is not Linux.
      return sum;
    }
  }, 0);

/** CPU time of a process and all its descendants so far, in microseconds. */
export const cpuUsOf = (pid: number): number => usedUs(withDescendants(pid));

/** CPU time of a contestant's processes, the two servers and the load itself so far. */
export const cpuTime = ({ processes }: Running, { databaseUrl, amqpUrl }: Machine): CpuTime =>
  new Map([
    ...processes.map(({ name, pid }) => [name, usedUs(withDescendants(pid))] as const),
    ['PostgreSQL', usedUs(processesAt(databaseUrl))],
    ['RabbitMQ', usedUs(processesAt(amqpUrl))],
    ['load', usedUs([process.pid])],
  ]);

const bytesPerKilobyte = 1_024;

const field = (path: string, name: string): number | undefined => {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(path, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * bytesPerKilobyte;
  } catch {
    // It has ended, or this is not Linux.
    return undefined;
  }
};

/** Resident memory of a process in bytes (RSS). */
const residentBytes = (pid: number): number | undefined => field(`/proc/${pid}/status`, 'VmRSS');

/** Memory of several processes in bytes: what they share counts once (PSS). */
const sharedBytes = (pids: readonly number[]): number | undefined => {
  const each = pids.flatMap((pid) => field(`/proc/${pid}/smaps_rollup`, 'Pss') ?? []);
  return each.length === 0 ? undefined : each.reduce((sum, bytes) => sum + bytes, 0);
};

/** Memory of a process and all its descendants, in bytes. @throws Error where /proc does not tell */
export const memoryOf = (pid: number): number => {
  const bytes = sharedBytes(withDescendants(pid));
  if (bytes === undefined) throw new Error('the memory of a process cannot be read');
  return bytes;
};

/** Memory in bytes, by process or server; those that cannot be read are missing. */
export type Footprint = ReadonlyMap<string, number>;

const sampleMs = 500;

/** The memory of a contestant's processes and of the two servers now. */
export const footprint = ({ processes }: Running, { databaseUrl, amqpUrl }: Machine): Footprint => {
  const servers = [
    ['PostgreSQL', sharedBytes(processesAt(databaseUrl))],
    ['RabbitMQ', sharedBytes(processesAt(amqpUrl))],
  ] as const;
  const own = processes.map(({ name, pid }) => [name, residentBytes(pid)] as const);
  return new Map([...own, ...servers].flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes]])));
};

/** The maximum of each. */
export const highest = (footprints: readonly Footprint[]): Footprint => {
  const most = new Map<string, number>();
  for (const one of footprints) for (const [name, bytes] of one) most.set(name, Math.max(bytes, most.get(name) ?? 0));
  return most;
};

/** Samples until `work` has ended. @returns the maximum of each */
export const highestDuring = async (look: () => Footprint, work: Promise<unknown>): Promise<Footprint> => {
  const over = new AbortController();
  const ended = work.finally(() => {
    over.abort();
  });
  // Awaited below; until then its failure must not count as unhandled.
  ended.catch(() => undefined);
  const found = [look()];
  while (!over.signal.aborted) {
    await wait(sampleMs, undefined, { signal: over.signal }).catch(() => undefined);
    found.push(look());
  }
  await ended;
  return highest(found);
};
