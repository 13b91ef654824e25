import { DataSource } from 'typeorm';
import type pg from 'pg';

import { isTransient } from '../errors/transient.policy.js';
import { translateError } from '../errors/translate-error.js';
import type { DatabaseSettings } from './database.env.js';
import { dataSourceOptions } from './data-source.js';
import { Session } from './session.js';
import { statement, type Statement } from './statement.js';
import { TenantTransaction } from './tenant-transaction.js';
import { single, transaction } from './transactions.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const checkTenantId = (tenantId: string): void => {
  if (!uuid.test(tenantId)) throw new TypeError('A tenant id is a UUID');
};

const ping = statement('database.ping', 'select 1');

export type EntityClass = abstract new () => object;

export interface DatabaseOptions {
  readonly settings: DatabaseSettings;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Whether a commit waits for the disk. `off` is for writes whose loss costs only a second look. */
  readonly synchronousCommit: 'on' | 'off';
  readonly entities: readonly EntityClass[];
  /** An idle connection broke; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

/** One pool of connections, shared by SQL statements and TypeORM reads. Errors come out as DatabaseUnavailable or as they are. */
export class Database {
  private readonly dataSource: DataSource;
  private readonly prepare: boolean;

  constructor(options: DatabaseOptions) {
    this.dataSource = new DataSource(dataSourceOptions(options));
    this.prepare = options.settings.DATABASE_PREPARE;
  }

  /** @throws DatabaseUnavailable when the server cannot be reached or refuses the login */
  async connect(): Promise<void> {
    await translateError(() => this.dataSource.initialize());
  }

  /** @returns the rows */
  query<Row extends object>(wanted: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.inSession((session) => single<Row>(session, { wanted, values }));
  }

  /** One statement bound to one tenant: row-level security shows it that tenant's rows and no others. @returns the rows */
  async queryAs<Row extends object>(
    tenantId: string,
    wanted: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    checkTenantId(tenantId);
    return this.inSession((session) => single<Row>(session, { wanted, values }, tenantId));
  }

  /** Runs work in one transaction bound to one tenant. */
  async withTenant<T>(tenantId: string, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    checkTenantId(tenantId);
    return translateError(async () => {
      const runner = this.dataSource.createQueryRunner();
      try {
        const session = new Session((await runner.connect()) as pg.PoolClient, this.prepare);
        return await transaction(session, tenantId, () => work(new TenantTransaction(runner.manager, session)));
      } finally {
        if (!runner.isReleased) await runner.release();
      }
    });
  }

  /** @throws DatabaseUnavailable */
  async ping(): Promise<void> {
    await this.query(ping);
  }

  /** Connections in use, idle and waited for. */
  get poolUse(): { total: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async inSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return translateError(async () => {
      const client = await this.pool.connect();
      let broken = false;
      try {
        return await work(new Session(client, this.prepare));
      } catch (error) {
        broken = isTransient(error);
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  private get pool(): pg.Pool {
    return poolOf(this.dataSource);
  }
}

// TypeORM types its driver loosely; the PostgreSQL driver's `master` is a pg.Pool.
const poolOf = (dataSource: DataSource): pg.Pool => (dataSource.driver as unknown as { master: pg.Pool }).master;
