import { Database } from '@pulser/database';
import type { Logger } from '@pulser/service-kit';

/** The host's own connection, beside those of the services. @throws DatabaseUnavailable */
export const openOwnConnection = async (url: string, logger: Logger): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 1, DATABASE_PREPARE: true },
    applicationName: 'pulser-embedded',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: (err) => {
      logger.warn({ err }, 'the connection of the host broke');
    },
  });
  await database.connect();
  return database;
};
