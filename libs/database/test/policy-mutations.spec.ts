import { testDatabase, type TestDatabase } from '@pulser/testing';
import type pg from 'pg';

import { migrateUp } from '../src/index.js';
import { complaints } from './rls/complaints.js';
import { type Mutation, policyMutations } from './rls/policy-mutations.js';
import { rolledBack } from './rls/rolled-back.js';
import { tablesWithTenant, tenantMatrix } from './rls/tenant-matrix.js';

interface Result extends Mutation {
  readonly caught: boolean;
}

/** By what a role then sees or changes; a partition is reached through its table only, so that the catalogue alone tells. */
const isCaught = async (client: pg.Client, table: string | null): Promise<boolean> =>
  table === null ? (await complaints(client)).length > 0 : (await tenantMatrix(client, table, 1)).wrong.length > 0;

const check = async (client: pg.Client, mutation: Mutation): Promise<Result> => {
  await client.query('savepoint sound');
  await client.query(mutation.sql);
  const caught = await isCaught(client, mutation.table);
  await client.query('rollback to savepoint sound');
  return { ...mutation, caught };
};

// The partitions of this week stand for those of the next ones, which the same statement makes.
const dropLaterWeeks = `
  do $$ declare later regclass; begin
    for later in select oid from pg_class
      where relispartition and relkind = 'r' and substring(relname from '[0-9]{4}w[0-9]{2}$') >
        to_char(now() at time zone 'UTC', 'IYYY"w"IW')
    loop execute format('drop table %s', later); end loop;
  end $$`;

describe('the checks of row-level security', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
    await database.query(dropLaterWeeks);
  });

  afterAll(() => database.drop());

  /** All on one connection, which knows the catalogue after the first: a new one takes four times as long. */
  const checked = (mutations: (client: pg.Client) => Promise<Mutation[]>): Promise<Result[]> =>
    rolledBack(database.url(), async (client) => {
      const results: Result[] = [];
      for (const mutation of await mutations(client)) results.push(await check(client, mutation));
      return results;
    });

  it('are content as long as nothing is spoilt', async () => {
    const results = await checked(async (client) => {
      expect(await complaints(client)).toEqual([]);
      return (await tablesWithTenant(client)).map((table) => ({ table, sql: `comment on table ${table} is 'sound'` }));
    });
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ caught }) => caught)).toEqual([]);
  });

  it('catch every policy that is dropped or loosened, and row-level security that is off or not forced', async () => {
    const results = await checked(policyMutations);
    const caught = results.filter((result) => result.caught);
    const leaks = caught.filter(({ table }) => table !== null);
    process.stdout.write(
      `policy mutations: ${caught.length} of ${results.length} caught, ${leaks.length} of them by what a role saw or changed\n`,
    );
    expect(results.filter((result) => !caught.includes(result))).toEqual([]);
    expect(results.length).toBeGreaterThan(200);
  }, 480_000);
});
