import { Database } from '@pulser/database';

import type { CliEnv } from '../cli.env.js';

/** Runs work on one connection to the administrator's database. @throws DatabaseUnavailable */
export const withDatabase = async <T>(
  { DATABASE_URL, DATABASE_PREPARE }: CliEnv,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const database = new Database({
    settings: { DATABASE_URL, DATABASE_PREPARE, DATABASE_POOL_MAX: 1 },
    applicationName: 'pulser-cli',
    synchronousCommit: 'on',
    entities: [],
    // The command fails on its next statement, which tells it.
    onIdleError: () => undefined,
  });
  await database.connect();
  return work(database).finally(() => database.close());
};
