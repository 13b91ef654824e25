// What every command shares: its configuration, its place in the command line, its database and the actor of changes.
import { userInfo } from 'node:os';
import { resolve } from 'node:path';

import { type Actor, secretsEnv, systemActor } from '@pulser/context-bus';
import {
  announcedDatabase,
  checkSchemaVersion,
  Database,
  databaseEnv,
  dataFolderEnv,
  SchemaTooOld,
} from '@pulser/database';
import { startOf } from '@pulser/contracts';
import { Env } from '@pulser/service-kit';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';

const password = z.string().min(8).optional();

/** Configuration of the command line. */
export class CliEnv extends Env({
  DATABASE_URL: databaseEnv.DATABASE_URL.optional().describe(
    'for the command line the URL of the administrator, who may create roles and schemas; without it, it works on the Pulser that `npm start` runs on PULSER_DATA_DIR',
  ),
  ...dataFolderEnv,
  ...secretsEnv,
  PULSER_APP_PASSWORD: password.describe('Password that `migrate` gives the login pulser_app'),
  PULSER_SERVICE_PASSWORD: password.describe('Password that `migrate` gives the login pulser_service'),
  PULSER_MCP_PASSWORD: password.describe(
    "Password that `migrate` gives the login pulser_mcp, with which the MCP server supabase reads Pulser's own database",
  ),
  DATABASE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      'Connections that the pools of all services may open together; `migrate` refuses a server that allows fewer. An agent has two pools of DATABASE_POOL_MAX, every other service one; the login pulser_mcp may open 10',
    ),
}) {}

/** The call has the form of the command, and asks for what cannot be. */
export class UsageError extends Error {}

/** How a shell calls it; npm passes on what follows `--`. */
export const programName = 'npm run pulser --';

const maxTextLength = 120;

/**
 * A text of a tenant, or of an unknown sender, on one line: control characters must not reach the administrator's
 * terminal, and none of it may look like another line.
 */
export const harmless = (text: string): string => startOf(text.replaceAll(/\p{C}/gu, '.'), maxTextLength);

/** Adds commands below `parent`. @param print takes the text that a command leaves on stdout */
export type AddCommands = (parent: Command, print: (text: string) => void) => void;

/** A command with its help page. @param name with its arguments @param example without the name of the program */
export const addCommand = (parent: Command, name: string, description: string, example: string): Command =>
  parent.command(name).description(description).addHelpText('after', `\nExample:\n  ${programName} ${example}`);

/** A parser of arguments that takes whole numbers from 1 on. */
export const wholeUpTo =
  (max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d{1,16}$/.test(text) && number >= 1 && number <= max) return number;
    throw new InvalidArgumentError(`It is a whole number from 1 to ${max}.`);
  };

/** Form of ids, of keys as of dead letters. */
export const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** No Pulser runs on the data folder. */
export class NothingRuns extends Error {
  readonly startHint = 'start it with `npm start`, or set DATABASE_URL to the PostgreSQL of the services';

  constructor(folder: string) {
    super(`no Pulser runs on the data in ${folder}`);
  }
}

// Of the socket: its process has ended, in good order or not.
const closedCodes: readonly unknown[] = ['ENOENT', 'ECONNREFUSED'];

const isClosed = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && closedCodes.includes(error.code)) || isClosed(error.cause));

/** One connection, whatever the schema is. @throws DatabaseUnavailable */
export const openDatabase = async (url: string): Promise<Database> => {
  const database = new Database({
    // Nothing is prepared: in the embedded database a statement's name belongs to the services too.
    settings: { DATABASE_URL: url, DATABASE_PREPARE: false, DATABASE_POOL_MAX: 1 },
    applicationName: 'pulser-cli',
    synchronousCommit: 'on',
    entities: [],
    // The next statement of the command fails with it.
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};

const openEmbedded = async (folder: string): Promise<Database> => {
  const url = announcedDatabase(folder);
  if (url === undefined) throw new NothingRuns(folder);
  try {
    return await openDatabase(url);
  } catch (error) {
    throw isClosed(error) ? new NothingRuns(folder) : error;
  }
};

/**
 * Runs work on one connection to the database, whose schema must be that of this build.
 * @throws ConfigError, NothingRuns, DatabaseUnavailable, SchemaTooOld
 */
export const withDatabase = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
  const { DATABASE_URL, PULSER_DATA_DIR } = CliEnv.read();
  const isEmbedded = DATABASE_URL === undefined;
  const database = await (isEmbedded ? openEmbedded(resolve(PULSER_DATA_DIR)) : openDatabase(DATABASE_URL));
  try {
    await checkSchemaVersion(database);
    return await work(database);
  } catch (error) {
    throw isEmbedded && error instanceof SchemaTooOld
      ? new Error('the Pulser that runs is older than this command line: stop it and start it again')
      : error;
  } finally {
    await database.close();
  }
};

/** The user of the command line, as the audit trail names them. @param command what was called */
export const operator = (command: string): Actor => systemActor(userInfo().username, `pulser ${command}`);
