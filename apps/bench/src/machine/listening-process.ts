import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { descendantsOf, type ProcessParent } from './descendants.policy.js';
import { listeningInode } from './socket-table.policy.js';

const socketTables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** A process may end between being listed and being looked at. */
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

/** A process and all below it. */
export const withDescendants = (pid: number): number[] => descendantsOf(pid, parents());

/** The process that listens to the port of a URL here, and all below it; none where the kernel does not say (not Linux, not root). */
export const processesAt = (url: string): number[] => {
  const tables = socketTables.map((path) => orUndefined(() => readFileSync(path, 'utf8')) ?? '');
  const inode = listeningInode(tables.join('\n'), Number(new URL(url).port));
  if (inode === undefined) return [];
  // Forked children hold the socket too: the oldest is the server itself.
  const [root] = pids().filter((pid) => holds(pid, inode));
  return root === undefined ? [] : withDescendants(root);
};
