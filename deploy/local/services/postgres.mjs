import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines } from '../run-command.mjs';
import { postgresAnswers, startServer, until } from './answers.mjs';
import { accountIn, killProcesses, launchInRoot, processesOf, runInRoot, signalProcesses, suites } from './debian.mjs';
import { isInstance } from './state.mjs';

/** Inside the root filesystem. */
export const home = '/var/lib/pulser-postgres';
const data = `${home}/data`;
const account = ({ root }) => accountIn(root, 'postgres');
const program = ({ suite }, name) => `/usr/lib/postgresql/${suites[suite].postgresMajor}/bin/${name}`;

export const postgresServer = {
  name: 'PostgreSQL',
  portNames: ['postgres'],
  url: ({ ports }) => `postgresql://postgres@127.0.0.1:${ports.postgres}/postgres`,
  isRunning: (site) => processesOf(site.root, account(site)).length > 0,
  answers: (site) => postgresAnswers(postgresServer.url(site)),

  async start(site) {
    await startServer(postgresServer, site, async () => {
      await ensureDataDirectory(site);
      // Left by a crash. Nothing runs in this root (just checked), but the pid in it may by now be another program's.
      rmSync(join(site.root, data, 'postmaster.pid'), { force: true });
      return launch(site);
    });
  },

  /** Fast shutdown: open sessions are ended, everything is written. */
  async stop(site) {
    signalProcesses(postmaster(site), 'SIGINT');
    if (!(await until(() => !postgresServer.isRunning(site), 30_000))) await postgresServer.kill(site);
  },

  kill: (site) => killProcesses(site.root, account(site)),
};

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 300,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  // Every test file makes a database of its own, with partitioned tables.
  max_locks_per_transaction: 256,
  jit: 'off',
};

/**
 * The usual server holds what tests and development can make again: nothing waits for the disk, and what was committed
 * outlives a crash of the server all the same, only not one of the machine. Each of hundreds of databases that tests drop
 * would else write out all that belongs to the others. An instance keeps the defaults, which measurements rely on.
 */
const withoutDisk = { fsync: 'off', full_page_writes: 'off' };

function launch(site) {
  const all = { port: site.ports.postgres, ...settings, ...(isInstance(site.name) ? {} : withoutDisk) };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [program(site, 'postgres'), '-D', data, ...options];
  return launchInRoot({ root: site.root, account: account(site), command, logName: `${site.name}-postgres` });
}

async function ensureDataDirectory(site) {
  const finished = join(site.root, data);
  if (existsSync(finished)) return;
  const { uid, gid } = account(site);
  mkdirSync(join(site.root, home), { recursive: true });
  chownSync(join(site.root, home), uid, gid);
  rmSync(`${finished}.new`, { recursive: true, force: true });
  const initdb = [
    program(site, 'initdb'),
    '-D',
    `${data}.new`,
    '-A',
    'trust',
    '-U',
    'postgres',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
  ];
  const { code, stderr } = await runInRoot(site.root, account(site), initdb);
  if (code !== 0) throw new Error(`initdb failed: ${lastLines(stderr, 5)}`);
  renameSync(`${finished}.new`, finished);
}

function postmaster(site) {
  const running = processesOf(site.root, account(site));
  const pidFile = join(site.root, data, 'postmaster.pid');
  const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : undefined;
  // Without its pid file (a start just begun, a deleted root) every process is told.
  return running.includes(pid) ? [pid] : running;
}
