// `schema wait`: what the pods and containers of services run before them, so that none starts on a schema that is older.
import { setTimeout as pause } from 'node:timers/promises';

import { checkSchemaVersion } from '@pulser/database';
import { ConfigError } from '@pulser/service-kit';

import { addCommand, type AddCommands, CliEnv, openDatabase, wholeUpTo } from '../command.js';

const pollMs = 1_000;

const check = async (url: string): Promise<void> => {
  const database = await openDatabase(url);
  await checkSchemaVersion(database).finally(() => database.close());
};

// Before the first migration there is neither the login nor the table: whatever keeps it from reading may pass.
const untilMigrated = async (url: string, limitS: number): Promise<void> => {
  const until = Date.now() + limitS * 1_000;
  for (;;) {
    try {
      await check(url);
      return;
    } catch (error) {
      if (Date.now() >= until) throw error;
      await pause(Math.min(pollMs, Math.max(0, until - Date.now())));
    }
  }
};

export const addSchema: AddCommands = (parent, print) => {
  const schema = parent.command('schema').description('the version of the schema');
  addCommand(schema, 'wait', 'wait until the schema is that of this build, or newer', 'schema wait --for 600')
    .option('--for <seconds>', 'how long, in seconds; after it the call fails', wholeUpTo(86_400), 600)
    .action(async (options: { readonly for: number }) => {
      const url = CliEnv.read().DATABASE_URL;
      if (url === undefined) throw new ConfigError('DATABASE_URL is not set: it must be the URL of a service');
      await untilMigrated(url, options.for);
      print('The schema is that of this build, or newer');
    });
};
