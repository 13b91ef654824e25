import { Database } from '@pulser/database';

/** A pool as the administrator, past the proxies: for what is not Pulser. */
export const openOutside = async (url: string, connections: number): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: connections, DATABASE_PREPARE: true },
    applicationName: 'chaos-outside',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};
