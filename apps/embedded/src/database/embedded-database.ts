import { join } from 'node:path';

import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

import { Cluster } from './cluster.js';
import type { OnPanic } from './open-postgres.js';
import type { SharedPostgres } from './shared-postgres.js';
import { SocketFolder } from './socket-folder.js';

/** More than all the pools of the process together. */
const maxConnections = 100;

/** The socket of PostgreSQL's usual port, by the name that drivers append to the folder. */
const socketName = '.s.PGSQL.5432';

/**
 * PostgreSQL in this process, behind a Unix socket. It is ONE session, which all connections share in turns of whole
 * transactions: what one of them sets stays for the others, a name of a prepared statement means the same to all of them, and user
 * names do not count.
 */
export class EmbeddedDatabase {
  private constructor(
    private readonly postgres: SharedPostgres,
    private readonly server: PGLiteSocketServer,
    private readonly sockets: SocketFolder,
  ) {}

  /**
   * @param dataFolder where the database lives, or will; this process must hold its lock
   * @param onPanic must end the process: the next one recovers all that was committed
   * @throws DatabaseUnusable
   */
  static async open(dataFolder: string, onPanic: OnPanic): Promise<EmbeddedDatabase> {
    const postgres = await new Cluster(dataFolder).open(onPanic);
    const sockets = SocketFolder.create(dataFolder);
    const server = new PGLiteSocketServer({ db: postgres, path: join(sockets.path, socketName), maxConnections });
    await server.start();
    return new EmbeddedDatabase(postgres, server, sockets);
  }

  /** For node-postgres and libpq alike. */
  get url(): string {
    return `postgres://postgres@localhost/postgres?host=${encodeURIComponent(this.sockets.path)}`;
  }

  /** So far every connection is a superuser; from now on every one has this role, which may also do the upkeep. */
  async become(role: 'pulser_service'): Promise<void> {
    await this.postgres.exec(`grant pg_maintain, pg_checkpoint to ${role}; set session authorization ${role}`);
  }

  /** Ends all connections and closes the files, so that the next start has nothing to recover. */
  async close(): Promise<void> {
    await this.server.stop();
    await this.postgres.close();
    this.sockets.remove();
  }
}
