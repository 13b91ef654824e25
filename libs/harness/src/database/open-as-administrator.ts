import { Database } from '@pulser/database';

/** A pool as the administrator, for what is not Pulser. @param applicationName shown in pg_stat_activity */
export const openAsAdministrator = async (
  url: string,
  connections: number,
  applicationName: string,
): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: connections, DATABASE_PREPARE: true },
    applicationName,
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};
