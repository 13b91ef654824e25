import { chownSync, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../run-command.mjs';
import { accountIn } from './chroot.mjs';
import { home } from './postgres-server.mjs';

/** Enough for a database of some hundred thousand tasks and its log; little enough to be filled in a moment. */
const megabytes = 3_072;

const maxTries = 20;

const folder = (site) => join(site.root, home);

/**
 * Gives an instance a small disk of its own, in memory: it can be filled up without hurting anybody else, and outlives
 * the server's crash as a disk does.
 */
export async function mountMemoryDisk(site) {
  if (isMounted(site)) return;
  mkdirSync(folder(site), { recursive: true });
  const options = `size=${megabytes}m,mode=0700`;
  const { code, stderr } = await runCommand('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder(site)]);
  if (code !== 0) throw new Error(`the disk of the instance could not be made: ${stderr.trim()}`);
  const { uid, gid } = accountIn(site.root, 'postgres');
  chownSync(folder(site), uid, gid);
}

export async function unmountMemoryDisk(site) {
  if (isMounted(site)) await runCommand('umount', ['--lazy', folder(site)]);
}

/** Shrinks the disk of an instance to what is on it: no byte is free, at once. */
export async function fillDisk(site) {
  for (let tries = 1; ; tries++) {
    const { blocks, bfree, bsize } = statfsSync(folder(site));
    try {
      return await resize(site, `${(blocks - bfree) * bsize}`);
    } catch (error) {
      // The server wrote more in the meantime.
      if (tries === maxTries) throw error;
    }
  }
}

export const freeDisk = (site) => resize(site, `${megabytes}m`);

async function resize(site, size) {
  if (!isMounted(site)) throw new Error('this disk cannot be filled: it is not an instance of its own');
  const { code, stderr } = await runCommand('mount', ['-o', `remount,size=${size}`, folder(site)]);
  if (code !== 0) throw new Error(`the disk could not be resized: ${stderr.trim()}`);
}

// https://docs.kernel.org/filesystems/tmpfs.html: its magic number as statfs(2) gives it.
const tmpfsMagic = 0x01021994;

const isMounted = (site) => existsSync(folder(site)) && statfsSync(folder(site)).type === tmpfsMagic;
