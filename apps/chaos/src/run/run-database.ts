import { statement } from '@pulser/database';
import { administer, makeMigratedDatabase, type MigratedDatabase, openAsAdministrator } from '@pulser/harness';

import { outsideSchema } from '../outside/outside.js';

const tenants = ['acme', 'globex', 'initech'] as const;

const old = statement('chaos.old', `select datname from pg_database where datname like 'chaos_run_%'`);

const dropOld = async (url: string): Promise<void> => {
  const database = await openAsAdministrator(url, 1, 'chaos-drop-old');
  const rows = await database.query<{ datname: string }>(old);
  await database.close();
  await administer(
    url,
    rows.map(({ datname }) => `drop database ${datname} with (force)`),
  );
};

/** A migrated database for one run, with tenants, their keys and the system outside; those of earlier runs go. */
export const makeRunDatabase = async (serverUrl: string): Promise<MigratedDatabase> => {
  await dropOld(serverUrl);
  const made = await makeMigratedDatabase({ serverUrl, prefix: 'chaos_run', tenants });
  await administer(made.url, outsideSchema);
  return made;
};
