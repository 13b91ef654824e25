// `migrate`: brings the schema to this build's version, or back, and sets the passwords of the logins.
import { checkConnections, migrateDown, migrateUp, setLoginPassword } from '@pulser/database';
import { ConfigError } from '@pulser/service-kit';
import { Argument } from 'commander';

import { addCommand, type AddCommands, CliEnv, wholeUpTo } from '../command.js';

const setPasswords = async (url: string, env: CliEnv): Promise<void> => {
  const { PULSER_APP_PASSWORD, PULSER_SERVICE_PASSWORD, PULSER_MCP_PASSWORD } = env;
  if (PULSER_APP_PASSWORD !== undefined) await setLoginPassword(url, 'pulser_app', PULSER_APP_PASSWORD);
  if (PULSER_SERVICE_PASSWORD !== undefined) await setLoginPassword(url, 'pulser_service', PULSER_SERVICE_PASSWORD);
  if (PULSER_MCP_PASSWORD !== undefined) await setLoginPassword(url, 'pulser_mcp', PULSER_MCP_PASSWORD);
};

const up = async (url: string, env: CliEnv): Promise<string> => {
  if (env.DATABASE_CONNECTIONS !== undefined) await checkConnections(url, env.DATABASE_CONNECTIONS);
  const ran = await migrateUp(url);
  await setPasswords(url, env);
  return ran.length === 0 ? 'The schema is up to date' : `Ran ${ran.join(', ')}`;
};

const down = async (url: string, steps: number): Promise<string> => {
  await migrateDown(url, steps);
  return `Undid ${steps} migrations`;
};

const noUrl =
  'DATABASE_URL is not set: it must be the URL of a PostgreSQL, as its administrator (`npm start` migrates its own database)';

export const addMigrate: AddCommands = (parent, print) => {
  addCommand(parent, 'migrate', 'bring the schema up to date, or undo the newest migrations', 'migrate down 2')
    .addArgument(new Argument('[direction]', 'where to').choices(['up', 'down']).default('up'))
    .argument('[steps]', 'how many migrations to undo', wholeUpTo(1_000), 1)
    .action(async (direction: 'up' | 'down', steps: number) => {
      const env = CliEnv.read();
      const url = env.DATABASE_URL;
      if (url === undefined) throw new ConfigError(noUrl);
      print(await (direction === 'up' ? up(url, env) : down(url, steps)));
    });
};
