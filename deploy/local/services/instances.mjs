import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { lastLines, runCommand } from '../run-command.mjs';
import { accountIn, isBuilt, rootOf } from './debian.mjs';
import { home } from './postgres.mjs';
import { changeState, suiteOf } from './state.mjs';

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

/**
 * A root filesystem for a second set of servers, with the programs of its suite and nothing of its data. Programs are
 * hard links: a copy takes a second and no room. Needs the lock of the site, and the suite built.
 * @param onDisk its database is where the suite's is, for measurements: a disk in memory makes fsync free
 */
export async function ensureInstance(site, onDisk) {
  if (!isBuilt(site.name)) await copyRoot(site);
  if (!onDisk) await mountMemoryDisk(site);
}

/** Deletes an instance, whose servers have ended, with its data. */
export async function discardInstance(site) {
  await unmountMemoryDisk(site);
  rmSync(site.root, { recursive: true, force: true });
  changeState((state) => delete state.sites[site.name]);
}

async function copyRoot(site) {
  const building = `${site.root}.building`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building);
  const suiteRoot = rootOf(suiteOf(site.name));
  await copy(['--archive', '--link'], suiteRoot, ['usr', 'bin', 'sbin', 'lib', 'lib64'], building);
  // What servers write to must not be shared. The data is not even read: servers of the suite may be writing it.
  await copy(['--archive'], suiteRoot, ['etc', 'root', 'run', 'tmp'], building);
  await copyWithout(['var/lib/pulser-postgres', 'var/lib/rabbitmq/mnesia'], 'var', suiteRoot, building);
  for (const mountPoint of ['dev', 'proc']) mkdirSync(join(building, mountPoint));
  renameSync(building, site.root);
}

async function copyWithout(excluded, folder, from, to) {
  await copyEmpty(folder, from, to);
  for (const name of readdirSync(join(from, folder))) {
    const path = join(folder, name);
    if (excluded.includes(path)) await copyEmpty(path, from, to);
    else if (excluded.some((one) => one.startsWith(`${path}/`))) await copyWithout(excluded, path, from, to);
    else await copy(['--archive', '--parents'], from, [path], to);
  }
}

// With its owner and mode: the servers are users of their own.
async function copyEmpty(folder, from, to) {
  const { uid, gid, mode } = statSync(join(from, folder));
  mkdirSync(join(to, folder), { recursive: true });
  chownSync(join(to, folder), uid, gid);
  chmodSync(join(to, folder), mode);
}

async function copy(options, from, names, to) {
  const sources = names.filter((name) => existsSync(join(from, name)));
  const { code, stderr } = await runCommand('cp', [...options, ...sources, to], { cwd: from });
  if (code !== 0) throw new Error(`the root of the instance could not be made: ${lastLines(stderr, 3)}`);
}
