// The pool: which errors of PostgreSQL, node-postgres and TypeORM pass by themselves and the one error they come out as, then
// what the pool is made of, and the three ways to run something on one of its connections.
import type { Outage } from '@pulser/contracts';
import { corkWrites, messageOf } from '@pulser/service-kit';
import type pg from 'pg';
import {
  DataSource,
  type DataSourceOptions,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';

import type { DatabaseSettings } from './database.env.js';
import {
  type Call,
  Session,
  single,
  statement,
  type Statement,
  TenantTransaction,
  transaction,
} from './transactions.js';

/** The server cannot be reached, restarts, or has no connection left: the same call may succeed later. */
export class DatabaseUnavailable extends Error implements Outage {
  readonly transient = true;
  readonly code = 'database_unavailable';
  readonly startHint = 'Check DATABASE_URL and that PostgreSQL answers there';

  constructor(cause: unknown) {
    super(`The database cannot be reached: ${messageOf(cause)}`, { cause });
    this.name = 'DatabaseUnavailable';
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, insufficient resources,
// operator intervention (shutdown, crash, cannot connect now, terminated backend), serialization failure and deadlock.
const transientStates = /^(08|53|57P|40001|40P01)/;
// PostgreSQL reports a message it cannot read, for instance one with too many parameters, as an ERROR of that statement:
// the connection goes on and the same statement fails again. As FATAL the state is an outage: the connection is gone.
// PgBouncer uses it so for all that ends a client's connection, such as a crash of the server or a wait too long for one.
const protocolViolation = '08P01';
const connectionEnds = new Set(['FATAL', 'PANIC']);
// Codes of a socket when the connection is refused, lost or not made in time.
const transientNodeCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
// Messages of node-postgres for the same, without a code.
const transientTexts =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;
// Thrown by TypeORM once the connection it held has broken.
const brokenRunners = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];

const textOf = (error: object, name: 'code' | 'message' | 'severity'): string => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};

/** Whether the same statement may succeed later, by SQLSTATE, errno or text. */
export const isTransient = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  if (brokenRunners.some((type) => error instanceof type)) return true;
  const code = textOf(error, 'code');
  if (code === protocolViolation) return connectionEnds.has(textOf(error, 'severity'));
  return transientStates.test(code) || transientNodeCodes.has(code) || transientTexts.test(textOf(error, 'message'));
};

// Data exceptions, violated constraints, limits of the server such as its stack.
const refusedStates = /^(22|23|54)/;

/** Whether PostgreSQL refuses the values themselves: the same statement fails with them again. */
export const isRefusal = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && refusedStates.test(textOf(error, 'code'));

/** Runs work. @throws DatabaseUnavailable for a transient failure, any other error as it is */
export const translateError = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw isTransient(error) ? new DatabaseUnavailable(error) : error;
  }
};

export type EntityClass = abstract new () => object;

export interface DatabaseOptions {
  readonly settings: DatabaseSettings;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Whether a commit waits for the disk. `off` is for writes whose loss only delays a task. */
  readonly synchronousCommit: 'on' | 'off';
  readonly entities: readonly EntityClass[];
  /** An idle connection broke; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

export const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;

const prepareClient = (client: pg.ClientBase): void => {
  // Between the pool and TypeORM a connection has no listener: an error event that arrives right after the connection
  // was made would end the process. The next statement on the connection fails with the same error.
  client.on('error', () => undefined);
  if ('connection' in client && typeof client.connection === 'object' && client.connection !== null)
    corkWrites(client.connection);
};

// TypeORM over node-postgres. Migrations are run by `migrateUp` alone.
const dataSourceOptions = (options: DatabaseOptions): DataSourceOptions => ({
  type: 'postgres',
  url: options.settings.DATABASE_URL,
  entities: [...options.entities],
  applicationName: options.applicationName,
  poolSize: options.settings.DATABASE_POOL_MAX,
  connectTimeoutMS: connectTimeoutMs,
  installExtensions: false,
  poolErrorHandler: options.onIdleError,
  extra: {
    onConnect: prepareClient,
    // Statements that do not wait for each other travel together.
    pipeline: true,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    // The embedded database ignores options of a connection: there every commit waits for the disk, as it must, because a
    // task that ends the process ends the database with it.
    ...(options.synchronousCommit === 'off' && { options: '-c synchronous_commit=off' }),
  },
});

// TypeORM types its driver loosely; the PostgreSQL driver's `master` is a pg.Pool.
const poolOf = (dataSource: DataSource): pg.Pool => (dataSource.driver as unknown as { master: pg.Pool }).master;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const checkTenantId = (tenantId: string): void => {
  if (!uuid.test(tenantId)) throw new TypeError('A tenant id is a UUID');
};

const ping = statement('database.ping', 'select 1');

/**
 * One pool of connections, shared by SQL statements and TypeORM reads. Every method throws DatabaseUnavailable when the
 * server cannot be reached or the failure may pass, and PostgreSQL's own error otherwise.
 */
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

  /**
   * @param after statements of the same transaction before it: it sees what others have committed when these are done, so
   * that it reads behind locks which they have taken
   * @returns the rows
   */
  query<Row extends object>(
    wanted: Statement,
    values: readonly unknown[] = [],
    after: readonly Call[] = [],
  ): Promise<Row[]> {
    return this.inSession((session) => single<Row>(session, { wanted, values }, { after }));
  }

  /**
   * One statement bound to one tenant: row-level security shows it that tenant's rows and no others.
   * @param after as of `query`, bound to the tenant too
   * @returns the rows
   */
  async queryAs<Row extends object>(
    tenantId: string,
    wanted: Statement,
    values: readonly unknown[] = [],
    after: readonly Call[] = [],
  ): Promise<Row[]> {
    checkTenantId(tenantId);
    return this.inSession((session) => single<Row>(session, { wanted, values }, { tenantId, after }));
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

  /** Connections that are open, idle ones among them, and callers that wait for one. */
  get poolUse(): { total: number; idle: number; waiting: number } {
    // There is none before it is connected, nor once it is closed.
    const { totalCount = 0, idleCount = 0, waitingCount = 0 } = (this.pool as pg.Pool | undefined) ?? {};
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
