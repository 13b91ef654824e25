// A PostgreSQL with pgBackRest in a Debian root of its own, run by the files of deploy/compose/backup.
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { postgresAnswers, until } from '../services/answers.mjs';
import {
  accountIn,
  buildDebianRoot,
  killProcesses,
  launchInRoot,
  preferredSuite,
  processesOf,
  runInRoot,
  ServicesUnavailable,
  signalProcesses,
  suites,
} from '../services/debian.mjs';
import { withLock } from '../lock.mjs';
import { lastLines } from '../run-command.mjs';
import { servicesFolder } from '../services/state.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { CannotProve } from './cannot-prove.mjs';

const root = join(servicesFolder, `backup-${preferredSuite}`);
const files = join(workspaceRoot, 'deploy/compose/backup');
const { postgresMajor } = suites[preferredSuite];
const programs = `/usr/lib/postgresql/${postgresMajor}/bin`;
// As in the image.
const data = `/var/lib/postgresql/${postgresMajor}/docker`;
const repository = '/var/lib/pgbackrest';

// What the image has under this name also initialises a new folder; here `initdb` has done that.
const entrypoint = `#!/bin/sh\nexec ${programs}/"$@"\n`;

const freePort = () =>
  new Promise((resolve, reject) => {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });

async function build() {
  if (process.getuid() !== 0) throw new CannotProve('a server of its own needs root');
  if (!existsSync('/usr/bin/apt-get')) throw new CannotProve('PostgreSQL and pgBackRest come from packages of Debian');
  const packages = [`postgresql-${postgresMajor}-pgvector`, 'pgbackrest'];
  try {
    await withLock(join(servicesFolder, 'backup.lock'), async () => {
      if (existsSync(root)) return;
      await buildDebianRoot({ target: root, suite: preferredSuite, packages, contains: 'PostgreSQL, pgBackRest' });
    });
  } catch (error) {
    if (error instanceof ServicesUnavailable) throw new CannotProve(error.message);
    throw error;
  }
}

export class BackupServer {
  constructor(port) {
    this.port = port;
    this.account = accountIn(root, 'postgres');
  }

  get url() {
    return `postgresql://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** A new, empty server. @throws CannotProve */
  static async start() {
    await build();
    const server = new BackupServer(await freePort());
    await server.remove();
    server.install();
    await server.run([
      `${programs}/initdb`,
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '--locale=C.UTF-8',
      '--data-checksums',
    ]);
    await server.launch();
    return server;
  }

  install() {
    const place = (name, content) => {
      writeFileSync(join(root, 'usr/local/bin', name), content);
      chmodSync(join(root, 'usr/local/bin', name), 0o755);
    };
    place('docker-entrypoint.sh', entrypoint);
    for (const name of ['archiving.sh', 'backup.sh']) {
      copyFileSync(join(files, name), join(root, 'usr/local/bin', name));
      chmodSync(join(root, 'usr/local/bin', name), 0o755);
    }
    mkdirSync(join(root, 'etc/pgbackrest'), { recursive: true });
    copyFileSync(join(files, 'pgbackrest.conf'), join(root, 'etc/pgbackrest/pgbackrest.conf'));
    for (const folder of [repository, '/var/lib/postgresql', '/run/postgresql', data]) {
      mkdirSync(join(root, folder), { recursive: true });
      chownSync(join(root, folder), this.account.uid, this.account.gid);
    }
    chmodSync(join(root, data), 0o700);
  }

  async run(command) {
    // The port of the image is 5432; here others may have it.
    const env = { PGBACKREST_PG1_PORT: String(this.port), PGPORT: String(this.port) };
    const { code, stdout, stderr } = await runInRoot(root, this.account, command, env);
    if (code !== 0) throw new Error(`${command.join(' ')}: ${lastLines(stderr || stdout, 5)}`);
  }

  async launch() {
    const command = [
      'archiving.sh',
      'postgres',
      '-D',
      data,
      '-c',
      `port=${this.port}`,
      '-c',
      'listen_addresses=127.0.0.1',
    ];
    const env = { PGBACKREST_PG1_PORT: String(this.port) };
    const server = launchInRoot({ root, account: this.account, command, env, logName: 'backup-postgres' });
    const answers = await until(async () => server.hasEnded() || (await postgresAnswers(this.url)), 120_000);
    if (!answers || server.hasEnded()) throw new Error(`PostgreSQL did not start: see ${server.logFile}`);
    await this.recovered();
  }

  /** It answers before it has come to the moment that is wanted. */
  async recovered() {
    const done = async () => !(await this.query('select pg_is_in_recovery() as recovers'))[0].recovers;
    if (!(await until(done, 120_000))) throw new Error('PostgreSQL does not end its recovery');
  }

  async query(text) {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    const results = [await client.query(text)].flat();
    await client.end();
    return results.at(-1).rows;
  }

  backup() {
    return this.run(['backup.sh', 'once']);
  }

  /** Resolves when all WAL of before is in the repository. */
  async archived() {
    const [{ name }] = await this.query('select pg_walfile_name(pg_current_wal_insert_lsn()) as name');
    await this.query('select pg_switch_wal()');
    const done = async () =>
      (await this.query(`select last_archived_wal >= '${name}' as done from pg_stat_archiver`))[0].done === true;
    if (!(await until(done, 60_000))) throw new Error('WAL is not archived');
  }

  async stop() {
    signalProcesses(this.processes(), 'SIGINT');
    if (!(await until(() => this.processes().length === 0, 60_000))) throw new Error('PostgreSQL does not stop');
  }

  kill() {
    return killProcesses(root, this.account);
  }

  processes() {
    return processesOf(root, this.account);
  }

  loseData() {
    rmSync(join(root, data), { recursive: true, force: true });
    mkdirSync(join(root, data), { recursive: true, mode: 0o700 });
    chownSync(join(root, data), this.account.uid, this.account.gid);
  }

  /** @param at a moment; the end of what was archived without it */
  async restore(at) {
    const target = at === undefined ? [] : ['--type=time', `--target=${at}`, '--target-action=promote'];
    await this.run(['pgbackrest', '--stanza=pulser', '--delta', ...target, 'restore']);
    await this.launch();
  }

  async remove() {
    await this.kill();
    for (const folder of [data, repository]) rmSync(join(root, folder), { recursive: true, force: true });
  }
}
