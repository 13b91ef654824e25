import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { until } from './answers.mjs';
import { archivesIn, mostLikelyFirst } from './apt-sources.policy.mjs';
import { servicesFolder } from './state.mjs';

/** Debian suites a root filesystem can be made of, the preferred one first. */
export const suites = {
  forky: { postgresMajor: '18', contains: 'RabbitMQ 4.3, PostgreSQL 18' },
  trixie: { postgresMajor: '17', contains: 'RabbitMQ 4.0, PostgreSQL 17' },
};

export const [preferredSuite, fallbackSuite] = Object.keys(suites);

/** This machine cannot provide the services; the command line turns it into exit code 3. */
export class ServicesUnavailable extends Error {}

// Mounted in a mount namespace of the command's own: the mounts end with its last process, a crash leaves none behind,
// and deleting the root filesystem can never reach the machine's /dev.
const enterRoot = `
ulimit -n 65536 2>/dev/null
mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" || exit 1
root=$1; account=$2; shift 2
exec chroot --userspec="$account" "$root" /usr/bin/env -C / "$@"`;

/** Runs a command inside the root filesystem as one of its own accounts, to its end. */
export const runInRoot = (root, account, command, env = {}) =>
  runCommand('unshare', unshareArguments(root, account, command), { env: cleanEnvironment(account, env), cwd: '/' });

/** How another program enters the root filesystem: `argv` before the command of its own, and its environment. */
export const entrance = (root, account) => ({
  argv: ['unshare', ...unshareArguments(root, account, [])],
  env: cleanEnvironment(account, {}),
});

/** Starts a server inside the root filesystem that outlives this process; its output goes to a file in `logs/`. */
export function launchInRoot({ root, account, command, env = {}, logName }) {
  const logFile = join(servicesFolder, 'logs', `${logName}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.previous`);
  const log = openSync(logFile, 'a');
  const server = spawn('unshare', unshareArguments(root, account, command), {
    env: cleanEnvironment(account, env),
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  server.unref();
  return { hasEnded: () => server.exitCode !== null || server.signalCode !== null, logFile };
}

const unshareArguments = (root, { uid, gid }, command) => [
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  enterRoot,
  'sh',
  root,
  `${uid}:${gid}`,
  ...command,
];

const cleanEnvironment = ({ home }, env) => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: home,
  ...env,
});

/** An account of the root filesystem's own passwd file: the same ids may have other names on the machine itself. */
export function accountIn(root, name) {
  const entry = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid, , home] = entry.split(':');
  return { uid: Number(uid), gid: Number(gid), home };
}

/**
 * The processes that run inside a root filesystem under one account. Asked of the kernel each time, so a pid file of a
 * session long gone, or a pid that now belongs to another program, can mislead nobody.
 */
export const processesOf = (root, { uid }) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && rootOfProcess(name) === root && ownerOf(name) === uid)
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
const rootOfProcess = (pid) => orUndefined(() => readlinkSync(`/proc/${pid}/root`).replace(/ \(deleted\)$/, ''));
const ownerOf = (pid) => orUndefined(() => statSync(`/proc/${pid}`).uid);

/** A process may end between being listed and being looked at. */
function orUndefined(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The Debian archive this machine's own apt uses. Never written into a file of this repository. */
export function aptMirror() {
  const [uri] = mostLikelyFirst(sourceFiles().flatMap((file) => archivesIn(readFileSync(file, 'utf8'), file)));
  if (uri === undefined) throw new ServicesUnavailable('no Debian archive found in the apt sources of this machine');
  return uri.startsWith('mirror+file:') ? firstOfMirrorList(uri) : uri;
}

function sourceFiles() {
  const folder = '/etc/apt/sources.list.d';
  const parts = existsSync(folder) ? readdirSync(folder).sort() : [];
  const listed = parts.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name));
  return ['/etc/apt/sources.list', ...listed].filter((file) => existsSync(file));
}

const firstOfMirrorList = (uri) =>
  readFileSync(uri.replace(/^mirror\+file:(\/\/)?/, ''), 'utf8')
    .trim()
    .split(/\s+/)[0];

/** Where a suite's root filesystem is, built or not. */
export const rootOf = (suite) => join(servicesFolder, suite);

export const isBuilt = (suite) => existsSync(rootOf(suite));

/** Builds the root filesystem of a suite unless it is there. Needs root and the lock. */
export async function ensureBuilt(suite) {
  if (isBuilt(suite)) return;
  const { postgresMajor, contains } = suites[suite];
  const packages = [`postgresql-${postgresMajor}-pgvector`, 'rabbitmq-server'];
  await buildDebianRoot({ target: rootOf(suite), suite, packages, contains });
}

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
