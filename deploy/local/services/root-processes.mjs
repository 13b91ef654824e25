import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { until } from './until.mjs';

/**
 * The processes that run inside a root filesystem under one account. Asked of the kernel each time, so a pid file of a
 * session long gone, or a pid that now belongs to another program, can mislead nobody.
 */
export const processesOf = (root, { uid }) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && rootOf(name) === root && ownerOf(name) === uid)
    .map(Number);

export function signalProcesses(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Ends every process of the account at once, as a crash would. */
export async function killProcesses(root, account) {
  await until(() => {
    const left = processesOf(root, account);
    signalProcesses(left, 'SIGKILL');
    return left.length === 0;
  }, 10_000);
}

export function commandName(pid) {
  return orUndefined(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
}

// A root that was deleted under its servers shows as "... (deleted)"; they are still ours to stop.
const rootOf = (pid) => orUndefined(() => readlinkSync(`/proc/${pid}/root`).replace(/ \(deleted\)$/, ''));
const ownerOf = (pid) => orUndefined(() => statSync(`/proc/${pid}`).uid);

/** A process may end between being listed and being looked at. */
function orUndefined(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
