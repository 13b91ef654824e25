import { migrations } from '@pulser/migrations';

import type { Database } from '../connection/database.js';
import { statement } from '../connection/statement.js';
import { migrationsTable } from './migrate.js';

export class SchemaTooOld extends Error {
  readonly startHint = 'Run `npm run migrate` with a DATABASE_URL of the administrator';

  constructor(missing: readonly string[]) {
    super(`The database lacks the migrations ${missing.join(', ')}`);
    this.name = 'SchemaTooOld';
  }
}

const exists = statement('schema.exists', `select to_regclass('${migrationsTable}') is not null as found`);
const applied = statement('schema.applied', `select name from ${migrationsTable}`);

const appliedNames = async (database: Database): Promise<Set<string>> => {
  const [row] = await database.query<{ found: boolean }>(exists);
  if (row?.found !== true) return new Set();
  return new Set((await database.query<{ name: string }>(applied)).map(({ name }) => name));
};

/** A newer schema is fine: migrations only add until the version after the next. @throws SchemaTooOld */
export const checkSchemaVersion = async (database: Database): Promise<void> => {
  const names = await appliedNames(database);
  const missing = migrations.map(({ name }) => name).filter((name) => !names.has(name));
  if (missing.length > 0) throw new SchemaTooOld(missing);
};
