import {
  checkRole,
  checkSchemaVersion,
  type Database,
  type DatabaseOptions,
  type DatabaseSettings,
} from '@pulser/database';
import type { Logger, ServiceInfo } from '@pulser/service-kit';

import { TaskEntity } from '../tasks/task.entity.js';

const options = (
  settings: DatabaseSettings,
  synchronousCommit: 'on' | 'off',
  logger: Logger,
  { service }: ServiceInfo,
): DatabaseOptions => ({
  settings,
  applicationName: `pulser-${service}`,
  synchronousCommit,
  entities: [TaskEntity],
  onIdleError: (error) => {
    logger.warn({ err: error }, 'a database connection broke');
  },
});

/** A connected pool. @throws DatabaseUnavailable, SchemaTooOld, RoleTooPowerful */
export const openDatabase = async <T extends Database>(
  kind: new (options: DatabaseOptions) => T,
  synchronousCommit: 'on' | 'off',
  settings: DatabaseSettings,
  logger: Logger,
  info: ServiceInfo,
): Promise<T> => {
  const database = new kind(options(settings, synchronousCommit, logger, info));
  await database.connect();
  await checkRole(database);
  await checkSchemaVersion(database);
  return database;
};
