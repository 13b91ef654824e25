// A Docker engine of Debian's packages, with a network namespace of its own, and a registry with one small image beside it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from '../pinned-node.mjs';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { CannotProve } from './cannot-prove.mjs';

const registryPort = 5000;
const startLimitMs = 60_000;

const run = async (command, ...args) => {
  const { code, stdout, stderr } = await runCommand(command, args);
  if (code !== 0) throw new CannotProve(`${command} ${args.join(' ')}: ${lastLines(stderr || stdout, 2)}`);
  return stdout;
};

const requireDebianRoot = () => {
  if (process.getuid() !== 0) throw new CannotProve('the engine needs root');
  if (!existsSync('/usr/bin/apt-get')) throw new CannotProve('the engine comes from packages of Debian');
};

const install = async () => {
  if (existsSync('/usr/sbin/dockerd') && existsSync('/usr/sbin/iptables')) return;
  // Its own service is not to start: the lane starts an engine that ends with it.
  await sayWhile('Installing docker.io', () =>
    run('apt-get', 'install', '-y', '--no-install-recommends', 'docker.io', 'iptables'),
  );
};

/** A tar archive with busybox and its usual names: all that a container of the proof needs. */
const layer = async (folder) => {
  const root = join(folder, 'layer');
  mkdirSync(join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  const packages = join(folder, 'packages');
  mkdirSync(packages);
  await run('sh', '-c', `cd ${packages} && apt-get download busybox-static && dpkg-deb -x busybox-static_*.deb .`);
  const found = ['bin/busybox', 'usr/bin/busybox'].map((path) => join(packages, path)).find(existsSync);
  await run('cp', found, join(root, 'bin/busybox'));
  for (const name of ['sh', 'sleep', 'echo', 'cat', 'id', 'grep', 'yes', 'seq', 'touch', 'mount', 'ls'])
    await run('ln', '-s', 'busybox', join(root, 'bin', name));
  const archive = join(folder, 'layer.tar');
  await run('tar', '-C', root, '-cf', archive, '.');
  return archive;
};

const launch = (log, argv) => {
  const output = openSync(log, 'a');
  return spawn(argv[0], argv.slice(1), { stdio: ['ignore', output, output], detached: true });
};

const answers = async (socket) => {
  const { code } = await runCommand('curl', ['-sf', '--unix-socket', socket, 'http://engine/_ping']);
  return code === 0;
};

const untilItAnswers = async (socket, child, log) => {
  const until = Date.now() + startLimitMs;
  while (!(await answers(socket))) {
    if (child.exitCode !== null || Date.now() > until)
      throw new CannotProve(`dockerd does not start here: ${lastLines(readFileSync(log, 'utf8'), 2)}`);
    await pause(200);
  }
};

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

const stopChild = async (child) => {
  if (ended(child)) return;
  child.kill('SIGTERM');
  for (let tries = 0; tries < 100 && !ended(child); tries += 1) await pause(100);
  if (!ended(child)) child.kill('SIGKILL');
};

/** @returns variables for the proof, and how to stop. @throws CannotProve */
export async function startDocker() {
  requireDebianRoot();
  await install();
  const folder = mkdtempSync(join(tmpdir(), 'pulser-docker-'));
  const namespace = `pulser${process.pid}`;
  const children = [];
  const stop = async () => {
    for (const child of children) await stopChild(child);
    await runCommand('ip', ['netns', 'delete', namespace]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const archive = await layer(folder);
    await run('ip', 'netns', 'add', namespace);
    await run('ip', 'netns', 'exec', namespace, 'ip', 'link', 'set', 'lo', 'up');
    // Not `ip netns exec`, which hides the cgroups.
    const inside = ['nsenter', `--net=/run/netns/${namespace}`];
    const registry = fileURLToPath(new URL('registry.mjs', import.meta.url));
    children.push(launch(join(folder, 'registry.log'), [...inside, pinnedNode(), registry, archive, registryPort]));
    const socket = join(folder, 'docker.sock');
    const log = join(folder, 'dockerd.log');
    const paths = [
      '--data-root',
      join(folder, 'data'),
      '--exec-root',
      join(folder, 'exec'),
      '--pidfile',
      join(folder, 'pid'),
    ];
    const engine = launch(log, [...inside, 'dockerd', ...paths, '-H', `unix://${socket}`]);
    children.push(engine);
    await sayWhile('Starting an engine', () => untilItAnswers(socket, engine, log));
    return {
      variables: { PROOF_DOCKER_HOST: `unix://${socket}`, PROOF_DOCKER_REGISTRY: `127.0.0.1:${registryPort}` },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
