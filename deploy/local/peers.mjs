// Installs what the benchmark compares Pulser with, outside of the project's own dependencies. Prints where, as JSON.
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { say, sayWhile } from './progress.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import {
  accountIn,
  buildDebianRoot,
  entrance,
  fallbackSuite,
  preferredSuite,
  ServicesUnavailable,
} from './services/debian.mjs';
import { whyUnfit } from './services/lifecycle.mjs';
import { stateFolder, workspaceRoot } from './workspace.mjs';

/** Everything the benchmark installs and measures. */
export const benchFolder = join(stateFolder, 'bench');

/** The programs of the peers and the lockfile of their packages. */
export const peersSource = join(workspaceRoot, 'apps/bench/peers');

const target = join(benchFolder, 'peers');
const stamp = join(target, 'node_modules/.pulser-lock-hash');

/** The peers' programs beside the packages they import, exactly those of their lockfile. Needs the lock. */
export async function installPackages() {
  copyManifests();
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash()) await npmCi();
  return { folder: target };
}

// Node looks for packages in the folders above a program: among the project's own they would find the wrong ones.
function copyManifests() {
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

const packages = [
  'redis-server',
  'celery',
  'python3-redis',
  'python3-hiredis',
  'uwsgi-plugin-python3',
  'python3-falcon',
];

/** Where the peers' programs and data are, seen from inside. */
const inside = '/srv/peers';

const rootOf = (suite) => join(benchFolder, `root-${suite}`);

/**
 * A Debian root filesystem with the servers and interpreters of the peers, and how to run a command in it. Needs the lock.
 * Its account `redis` runs all of them: it owns nothing else.
 */
export async function installDebian() {
  const reason = await whyUnfit();
  if (reason !== undefined) throw new ServicesUnavailable(`no Redis and no Celery of Debian: ${reason}`);
  const root = await builtRoot();
  const account = accountIn(root, 'redis');
  const folder = join(root, inside);
  copyPrograms(folder);
  chownSync(folder, account.uid, account.gid);
  return { folder, inside, uid: account.uid, gid: account.gid, ...entrance(root, account) };
}

async function builtRoot() {
  const built = [preferredSuite, fallbackSuite].map(rootOf).find((root) => existsSync(root));
  if (built !== undefined) return built;
  try {
    return await build(preferredSuite);
  } catch (error) {
    if (!(error instanceof ServicesUnavailable)) throw error;
    say(`${error.message}; trying Debian ${fallbackSuite}`);
    return build(fallbackSuite);
  }
}

async function build(suite) {
  await buildDebianRoot({ target: rootOf(suite), suite, packages, contains: 'Redis and Celery' });
  return rootOf(suite);
}

// What an interrupted run left of its data goes, too.
function copyPrograms(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(peersSource, join(folder, 'programs'), { recursive: true });
}

const installers = { packages: installPackages, debian: installDebian };

async function main() {
  const [what = ''] = process.argv.slice(2);
  if (!Object.hasOwn(installers, what)) throw new Error('usage: node deploy/local/peers.mjs packages | debian');
  const installed = await withLock(join(benchFolder, 'install.lock'), installers[what]);
  process.stdout.write(`${JSON.stringify(installed)}\n`);
}

// Exiting, instead of dying of the signal, lets the lock be released.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

main().catch((error) => {
  say(error.message);
  process.exitCode = error instanceof ServicesUnavailable ? 3 : 1;
});
