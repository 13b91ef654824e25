import { chownSync, cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../progress.mjs';
import { accountIn, entrance } from '../services/chroot.mjs';
import { buildDebianRoot } from '../services/debian-root.mjs';
import { whyUnfit } from '../services/debian-services.mjs';
import { ServicesUnavailable } from '../services/services-unavailable.mjs';
import { fallbackSuite, preferredSuite } from '../services/suites.mjs';
import { benchFolder, peersSource } from './folders.mjs';

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
