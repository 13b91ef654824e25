import type { DataSourceOptions } from 'typeorm';

import type { DatabaseOptions } from './database.js';

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;

/** TypeORM's options over node-postgres; migrations are run by `migrate` alone. */
export const dataSourceOptions = (options: DatabaseOptions): DataSourceOptions => ({
  type: 'postgres',
  url: options.settings.DATABASE_URL,
  entities: [...options.entities],
  applicationName: options.applicationName,
  poolSize: options.settings.DATABASE_POOL_MAX,
  connectTimeoutMS: connectTimeoutMs,
  installExtensions: false,
  extra: {
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    ...(options.synchronousCommit === 'off' && { options: '-c synchronous_commit=off' }),
  },
});
