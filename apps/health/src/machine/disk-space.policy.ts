// Whether a disk is nearly full.
import type { Finding } from '@pulser/context-bus';
import type { Severity } from '@pulser/contracts';

export interface DiskUse {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const megabyte = 1_000_000;

interface Bound {
  readonly share: number;
  readonly bytes: number;
}

// Of a large disk a small share is much, of a small one little is a large share: both bounds have to be passed.
const bounds = {
  critical: { share: 0.05, bytes: 1_000 * megabyte },
  warning: { share: 0.15, bytes: 5_000 * megabyte },
} as const satisfies Partial<Record<Severity, Bound>>;

/** How much more than the bound is free before it counts as over: a disk at the bound does not come and go. */
const hysteresis = 1.2;

const isBelow = ({ freeBytes, totalBytes }: DiskUse, { share, bytes }: Bound, factor = 1): boolean =>
  freeBytes < totalBytes * share * factor && freeBytes < bytes * factor;

const shown = (bytes: number): string =>
  bytes >= 1_000 * megabyte ? `${(bytes / megabyte / 1_000).toFixed(1)} GB` : `${Math.round(bytes / megabyte)} MB`;

/** What is found of the disk of a folder. @param isOpen whether the last look found it nearly full */
export const diskFinding = (folder: string, use: DiskUse, isOpen: boolean): Finding => {
  const isLow = isBelow(use, bounds.warning, isOpen ? hysteresis : 1);
  const free = `${shown(use.freeBytes)} of ${shown(use.totalBytes)} are free`;
  return {
    key: `disk:${folder}`,
    kind: 'disk_space',
    subject: folder,
    severity: isBelow(use, bounds.critical) ? 'critical' : 'warning',
    state: isLow ? 'open' : 'resolved',
    summary: isLow ? `The disk of ${folder} is nearly full: ${free}` : `The disk of ${folder} has room: ${free}`,
    detail: { folder, free_bytes: use.freeBytes, total_bytes: use.totalBytes },
  };
};
