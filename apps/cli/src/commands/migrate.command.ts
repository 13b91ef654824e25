// `migrate`: brings the schema to this build's version, or back, and sets the passwords of the logins.
import { migrateDown, migrateUp, setLoginPassword } from '@pulser/database';

import { type CliEnv, type Command, UsageError } from '../command.js';

const setPasswords = async (env: CliEnv): Promise<void> => {
  const { DATABASE_URL, PULSER_APP_PASSWORD, PULSER_SERVICE_PASSWORD } = env;
  if (PULSER_APP_PASSWORD !== undefined) await setLoginPassword(DATABASE_URL, 'pulser_app', PULSER_APP_PASSWORD);
  if (PULSER_SERVICE_PASSWORD !== undefined) {
    await setLoginPassword(DATABASE_URL, 'pulser_service', PULSER_SERVICE_PASSWORD);
  }
};

const up = async (env: CliEnv): Promise<string> => {
  const ran = await migrateUp(env.DATABASE_URL);
  await setPasswords(env);
  return ran.length === 0 ? 'The schema is up to date' : `Ran ${ran.join(', ')}`;
};

const down = async (steps: string, env: CliEnv): Promise<string> => {
  if (!/^[1-9]\d*$/.test(steps)) throw new UsageError(`"${steps}" is not a number of migrations`);
  await migrateDown(env.DATABASE_URL, Number(steps));
  return `Undid ${steps} migrations`;
};

export const migrate: Command = {
  usage: 'migrate [down <steps>]   bring the schema up to date, or undo the newest migrations',
  run: (args, env) => {
    const [direction = 'up', steps = '1'] = args;
    if (direction === 'up') return up(env);
    if (direction === 'down') return down(steps, env);
    throw new UsageError(`"${direction}" is neither up nor down`);
  },
};
