import { Database, type Statement, statement } from '@pulser/database';

const openPool = async (url: string): Promise<Database> => {
  const pool = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 4, DATABASE_PREPARE: true },
    applicationName: 'pulser-test',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await pool.connect();
  return pool;
};

/** Pools on an embedded database, as the services open them. */
export const openPools = (url: string, count: number): Promise<Database[]> =>
  Promise.all(Array.from({ length: count }, () => openPool(url)));

const names = new Map<string, string>();

export const sql = (text: string): Statement => {
  const name = names.get(text) ?? `test-${names.size}`;
  names.set(text, name);
  return statement(name, text);
};
