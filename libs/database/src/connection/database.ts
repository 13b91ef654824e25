import { DataSource } from 'typeorm';
import type pg from 'pg';

import { translateError } from '../errors/translate-error.js';
import type { DatabaseSettings } from './database.env.js';
import { dataSourceOptions } from './data-source.js';
import { statement, type Statement } from './statement.js';
import { TenantTransaction } from './tenant-transaction.js';

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
  async query<Row extends pg.QueryResultRow>(wanted: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const result = await translateError(() => this.pool.query<Row>(this.config(wanted, values)));
    return result.rows;
  }

  /** Runs work in one transaction bound to one tenant: row-level security shows it that tenant's rows and no others. */
  async withTenant<T>(tenantId: string, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return translateError(() => TenantTransaction.run(this.dataSource, this.prepare, tenantId, work));
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

  private config({ name, text }: Statement, values: readonly unknown[]): pg.QueryConfig {
    return this.prepare ? { name, text, values: [...values] } : { text, values: [...values] };
  }

  private get pool(): pg.Pool {
    return poolOf(this.dataSource);
  }
}

// TypeORM types its driver loosely; the PostgreSQL driver's `master` is a pg.Pool.
const poolOf = (dataSource: DataSource): pg.Pool => (dataSource.driver as unknown as { master: pg.Pool }).master;
