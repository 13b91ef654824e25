import { corkWrites } from '@pulser/service-kit';
import type pg from 'pg';
import type { DataSourceOptions } from 'typeorm';

import type { DatabaseOptions } from './database.js';

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;

const prepareClient = (client: pg.ClientBase): void => {
  // Between the pool and TypeORM nobody listens to a connection: where its start and its end arrive in one piece, the
  // error would end the process. Whoever uses the connection next is told by that use.
  client.on('error', () => undefined);
  if ('connection' in client && typeof client.connection === 'object' && client.connection !== null)
    corkWrites(client.connection);
};

/** TypeORM's options over node-postgres; migrations are run by `migrate` alone. */
export const dataSourceOptions = (options: DatabaseOptions): DataSourceOptions => ({
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
    // The embedded database leaves options of a connection aside: there every commit waits for the disk, as it must where
    // the task that ends a process takes the database with it.
    ...(options.synchronousCommit === 'off' && { options: '-c synchronous_commit=off' }),
  },
});
