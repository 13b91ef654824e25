import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { benchFolder, peersSource } from './folders.mjs';

const target = join(benchFolder, 'peers');
const stamp = join(target, 'node_modules/.pulser-lock-hash');

/** The peers' programs beside the packages they import, exactly those of their lockfile. Needs the lock. */
export async function installPackages() {
  copyPrograms();
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash()) await npmCi();
  return { folder: target };
}

// Node looks for packages in the folders above a program: among the project's own they would find the wrong ones.
function copyPrograms() {
  mkdirSync(target, { recursive: true });
  const outdated = readdirSync(target).filter((name) => name !== 'node_modules');
  for (const name of outdated) rmSync(join(target, name), { recursive: true });
  cpSync(peersSource, target, { recursive: true });
}

async function npmCi() {
  const options = { cwd: target, shell: process.platform === 'win32' };
  const { code, stderr } = await sayWhile('installing the packages of the peers (npm ci)', () =>
    runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options),
  );
  if (code !== 0) throw new Error(`npm ci failed in ${target}: ${lastLines(stderr, 5)}`);
  writeFileSync(stamp, lockHash());
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(target, 'package-lock.json')))
    .digest('hex');
