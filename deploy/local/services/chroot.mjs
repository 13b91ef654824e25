import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { servicesFolder } from './state.mjs';
import { runCommand } from '../run-command.mjs';

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
