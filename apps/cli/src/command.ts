// What every command shares: its configuration, its form, the error of a wrong call, the administrator's database and the actor of changes.
import { userInfo } from 'node:os';

import { type Actor, systemActor } from '@pulser/context-bus';
import { checkSchemaVersion, Database, databaseEnv } from '@pulser/database';
import { Env } from '@pulser/service-kit';
import { z } from 'zod';

const password = z.string().min(8).optional();

/** Configuration of the command line. DATABASE_URL is the administrator's here. */
export class CliEnv extends Env({
  ...databaseEnv,
  PULSER_APP_PASSWORD: password.describe('Password that `migrate` gives the login pulser_app'),
  PULSER_SERVICE_PASSWORD: password.describe('Password that `migrate` gives the login pulser_service'),
}) {}

export interface Command {
  /** How to call it, and what it does. */
  readonly usage: string;
  /** @param args what follows the command's name. @returns what to print */
  run(args: readonly string[], env: CliEnv): Promise<string>;
}

/** The call does not have the form of the command. */
export class UsageError extends Error {}

/** Form of ids, of keys as of dead letters. */
export const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Runs work on one connection to the administrator's database, whose schema must be that of this build.
 * @throws DatabaseUnavailable, SchemaTooOld
 */
export const withDatabase = async <T>(
  { DATABASE_URL, DATABASE_PREPARE }: CliEnv,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const database = new Database({
    settings: { DATABASE_URL, DATABASE_PREPARE, DATABASE_POOL_MAX: 1 },
    applicationName: 'pulser-cli',
    synchronousCommit: 'on',
    entities: [],
    // The next statement of the command fails with it.
    onIdleError: () => undefined,
  });
  await database.connect();
  try {
    await checkSchemaVersion(database);
    return await work(database);
  } finally {
    await database.close();
  }
};

/** The user of the command line, as the audit trail names them. @param command what was called */
export const operator = (command: string): Actor => systemActor(userInfo().username, `pulser ${command}`);
