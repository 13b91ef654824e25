import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from './progress.mjs';

/** Runs `work` while no other process holds `lockFile`. The lock of a process that is gone is taken over. */
export async function withLock(lockFile, work) {
  await acquire(lockFile);
  // Runs on process.exit() too, so a signal handler that exits leaves no lock behind.
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

async function acquire(lockFile) {
  mkdirSync(dirname(lockFile), { recursive: true });
  let announced = false;
  while (!tryCreate(lockFile)) {
    const owner = ownerOf(lockFile);
    if (owner !== undefined && !isAlive(owner)) removeStale(lockFile, owner);
    else {
      if (!announced) say(`waiting for process ${owner?.pid}, which holds ${lockFile}`);
      announced = true;
      await pause(100);
    }
  }
}

function tryCreate(lockFile) {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startedAt: startTime(process.pid) }));
  try {
    // link() creates the lock together with its content: nobody can read it half written.
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function ownerOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    // Not written by this module (a lock is created with its content): nobody owns it.
    return { pid: undefined };
  }
}

function isAlive(owner) {
  if (owner.pid === undefined || startTime(owner.pid) !== owner.startedAt) return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Tells a process from a later one that was given the same pid; undefined where there is no /proc. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function removeStale(lockFile, seen) {
  const aside = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, aside);
    const taken = ownerOf(aside);
    // Another process may have replaced the stale lock by its own in between: give that one back.
    if (taken?.pid !== seen.pid && taken?.pid !== undefined) linkSync(aside, lockFile);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
