import { existsSync, readFileSync } from 'node:fs';

const status = '/proc/self/status';

/**
 * The highest resident memory of this process so far, in bytes. On Linux from `VmHWM` of proc(5): the maximum of getrusage(2)
 * begins with that of the process that started this one.
 */
export const peakMemory = (): number => {
  const [, kib] = existsSync(status) ? (/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) ?? []) : [];
  return (kib === undefined ? process.resourceUsage().maxRSS : Number(kib)) * 1_024;
};
