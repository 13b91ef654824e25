import { readFileSync } from 'node:fs';

const bytesAKilobyte = 1_024;

const field = (path: string, name: string): number | undefined => {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(path, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * bytesAKilobyte;
  } catch {
    // It has ended, or this is not Linux.
    return undefined;
  }
};

/** Bytes of memory that a process holds (RSS). */
export const residentBytes = (pid: number): number | undefined => field(`/proc/${pid}/status`, 'VmRSS');

/** Bytes that processes hold together: what they share counts once (PSS). */
export const sharedBytes = (pids: readonly number[]): number | undefined => {
  const each = pids.flatMap((pid) => field(`/proc/${pid}/smaps_rollup`, 'Pss') ?? []);
  return each.length === 0 ? undefined : each.reduce((sum, bytes) => sum + bytes, 0);
};
