import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { aptMirror } from './apt-mirror.mjs';
import { ServicesUnavailable } from './services-unavailable.mjs';
import { servicesFolder } from './state.mjs';
import { suites } from './suites.mjs';

/** Where a suite's root filesystem is, built or not. */
export const rootOf = (suite) => join(servicesFolder, suite);

export const isBuilt = (suite) => existsSync(rootOf(suite));

/** Builds the root filesystem of a suite unless it is there. Needs root and the lock. */
export async function ensureBuilt(suite) {
  if (isBuilt(suite)) return;
  removeInterruptedBuilds();
  await ensureMmdebstrap();
  // Built under another name: the final name means "complete", whatever interrupted this process.
  const building = join(servicesFolder, `${suite}.building`);
  const what = `building a Debian ${suite} root with ${suites[suite].contains} (once, about a minute)`;
  const { code, stderr } = await sayWhile(what, () => runCommand('setpriv', mmdebstrap(suite, building)));
  writeFileSync(join(servicesFolder, 'logs', `${suite}-build.log`), stderr);
  if (code !== 0) throw new ServicesUnavailable(`mmdebstrap could not build Debian ${suite}: ${reasonIn(stderr)}`);
  writeFileSync(join(building, 'etc/hosts'), '127.0.0.1 localhost\n');
  renameSync(building, rootOf(suite));
}

// When this process is killed the build must not go on beside the one that the next process starts, nor leave its mounts
// behind: it runs in namespaces of its own that end with it.
const contained = '--pdeathsig KILL unshare --propagation private --pid --fork --kill-child --mount-proc'.split(' ');

const mmdebstrap = (suite, target) => [
  ...contained,
  ...['mmdebstrap', '--mode=root', '--variant=apt'],
  `--include=postgresql-${suites[suite].postgresMajor}-pgvector,rabbitmq-server`,
  '--aptopt=APT::Install-Recommends "false"',
  // Mirrors frozen at a date, and machines whose clock is off, still serve signed packages.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  ...[suite, target, aptMirror()],
];

function removeInterruptedBuilds() {
  mkdirSync(join(servicesFolder, 'logs'), { recursive: true });
  for (const name of readdirSync(servicesFolder).filter((entry) => entry.endsWith('.building'))) {
    rmSync(join(servicesFolder, name), { recursive: true, force: true });
  }
}

async function ensureMmdebstrap() {
  if ((await runCommand('mmdebstrap', ['--version'])).code === 0) return;
  const { code, stderr } = await sayWhile('installing mmdebstrap', () =>
    runCommand('sh', ['-c', 'apt-get update -q && apt-get install -q -y --no-install-recommends mmdebstrap'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }),
  );
  if (code !== 0) throw new ServicesUnavailable(`apt-get could not install mmdebstrap: ${lastLines(stderr)}`);
}

const reasonIn = (log) => log.split('\n').find((line) => /^(E|Err):? ?/.test(line)) ?? lastLines(log);
