import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { aptMirror } from './apt-mirror.mjs';
import { ServicesUnavailable } from './services-unavailable.mjs';

/**
 * Makes the root filesystem `target` of a Debian suite with some packages. Needs root, and a lock of its folder.
 * @param {{ target: string, suite: string, packages: string[], contains: string }} wanted
 */
export async function buildDebianRoot({ target, suite, packages, contains }) {
  const folder = dirname(target);
  removeInterruptedBuilds(folder);
  await ensureMmdebstrap();
  // Built under another name: the final name means "complete", whatever interrupted this process.
  const building = `${target}.building`;
  const what = `building a Debian ${suite} root with ${contains} (once, about a minute)`;
  const { code, stderr } = await sayWhile(what, () => runCommand('setpriv', mmdebstrap(suite, packages, building)));
  writeFileSync(join(folder, 'logs', `${basename(target)}-build.log`), stderr);
  if (code !== 0) throw new ServicesUnavailable(`mmdebstrap could not build Debian ${suite}: ${reasonIn(stderr)}`);
  writeFileSync(join(building, 'etc/hosts'), '127.0.0.1 localhost\n');
  renameSync(building, target);
}

// When this process is killed the build must not go on beside the one that the next process starts, nor leave its mounts
// behind: it runs in namespaces of its own that end with it.
const contained = '--pdeathsig KILL unshare --propagation private --pid --fork --kill-child --mount-proc'.split(' ');

const mmdebstrap = (suite, packages, target) => [
  ...contained,
  ...['mmdebstrap', '--mode=root', '--variant=apt'],
  `--include=${packages.join(',')}`,
  '--aptopt=APT::Install-Recommends "false"',
  // Mirrors frozen at a date, and machines whose clock is off, still serve signed packages.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  ...[suite, target, aptMirror()],
];

function removeInterruptedBuilds(folder) {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.building'))) {
    rmSync(join(folder, name), { recursive: true, force: true });
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
