import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

import { damaged, DatabaseUnusable, type OnPanic, openPostgres, type SharedPostgres } from './postgres.js';

/** More than all the pools of the process together. */
const maxConnections = 100;

/** The socket of PostgreSQL's usual port, by the name that drivers append to the folder. */
const socketName = '.s.PGSQL.5432';

// PGlite leaves its files readable for every user.
const ownerOnly = 0o700;

/**
 * PostgreSQL in this process, behind a Unix socket. It is ONE session, which all connections share in turns of whole
 * transactions: what one of them sets stays for the others, a name of a prepared statement means the same to all of them,
 * and user names do not count.
 */
export class EmbeddedDatabase {
  private constructor(
    private readonly postgres: SharedPostgres,
    private readonly server: PGLiteSocketServer,
    private readonly socketFolder: string,
  ) {}

  /**
   * @param dataFolder where the database lives, or will; this process must hold its lock
   * @param onPanic must end the process: the next one recovers all that was committed
   * @throws DatabaseUnusable
   */
  static async open(dataFolder: string, onPanic: OnPanic): Promise<EmbeddedDatabase> {
    const postgres = await new Cluster(dataFolder).open(onPanic);
    const folder = makeSocketFolder(dataFolder);
    const server = new PGLiteSocketServer({ db: postgres, path: join(folder, socketName), maxConnections });
    await server.start();
    return new EmbeddedDatabase(postgres, server, folder);
  }

  /** Whether a data folder has a database already. */
  static existsIn(dataFolder: string): boolean {
    return new Cluster(dataFolder).exists;
  }

  /** For node-postgres and libpq alike. */
  get url(): string {
    return `postgres://postgres@localhost/postgres?host=${encodeURIComponent(this.socketFolder)}`;
  }

  /**
   * So far every connection is a superuser; from now on every one has this role, which may also do the upkeep, and make and
   * revoke keys of the installation: the command line beside it is its only administrator.
   */
  async become(role: 'pulser_service'): Promise<void> {
    await this.postgres.exec(`
      grant pg_maintain, pg_checkpoint to ${role};
      grant select, insert, update on installation_key to ${role};
      set session authorization ${role}`);
  }

  /** Ends all connections and closes the files, so that the next start has nothing to recover. */
  async close(): Promise<void> {
    await this.server.stop();
    await this.postgres.close();
    removeFolder(this.socketFolder);
  }
}

/** Of PGlite. */
const postgresVersion = '18';

const versionFile = (folder: string): string => join(folder, 'PG_VERSION');

/** The database's files in a data folder, whose lock this process must hold. */
class Cluster {
  private readonly folder: string;

  constructor(private readonly dataFolder: string) {
    this.folder = join(dataFolder, 'postgres');
  }

  get exists(): boolean {
    return existsSync(this.folder);
  }

  /** @throws DatabaseUnusable */
  async open(onPanic: OnPanic): Promise<SharedPostgres> {
    if (existsSync(versionFile(this.dataFolder))) throw foreign(this.dataFolder);
    if (!this.exists) await this.create(onPanic);
    this.checkVersion();
    return openPostgres(this.folder, onPanic);
  }

  /** Made beside its place and moved there when complete: a process that is killed meanwhile leaves no half of one. */
  private async create(onPanic: OnPanic): Promise<void> {
    const unfinished = `${this.folder}.unfinished`;
    removeFolder(unfinished);
    mkdirSync(unfinished, { mode: ownerOnly });
    const postgres = await openPostgres(unfinished, onPanic);
    await postgres.close();
    renameSync(unfinished, this.folder);
  }

  // Without the file PGlite would take the folder for an empty one, and overwrite what is there.
  private checkVersion(): void {
    if (!existsSync(versionFile(this.folder))) throw damaged(this.folder, 'the file PG_VERSION is missing');
    const found = readFileSync(versionFile(this.folder), 'utf8').trim();
    if (found !== postgresVersion) throw otherVersion(this.folder, found);
  }
}

const foreign = (folder: string): DatabaseUnusable =>
  new DatabaseUnusable(
    `${folder} is the data directory of a PostgreSQL server`,
    'set PULSER_DATA_DIR to a folder of its own',
  );

const otherVersion = (folder: string, found: string): DatabaseUnusable =>
  new DatabaseUnusable(
    `the database in ${folder} is one of PostgreSQL ${found}, and this is PostgreSQL ${postgresVersion}`,
    'set PULSER_DATA_DIR to another folder, or start the version of Pulser that made this one',
  );

const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};

/**
 * The folder of the database's socket, which asks for no password: only its owner may enter. It is in the temporary
 * folder, because the path of a socket may have 104 characters at most, and some file systems have no sockets.
 * @param dataFolder whose lock this process holds: what an earlier process left behind is removed
 */
const makeSocketFolder = (dataFolder: string): string => {
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `pulser-${name}`);
  removeFolder(path);
  // Not recursive: fails when another user made it first.
  mkdirSync(path, { mode: ownerOnly });
  return path;
};
