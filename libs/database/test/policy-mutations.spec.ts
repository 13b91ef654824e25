import { testDatabase, type TestDatabase } from '@pulser/testing';
import type pg from 'pg';

import { migrateUp } from '../src/index.js';
import { complaints } from './rls/complaints.js';
import { type Mutation, policyMutations } from './rls/policy-mutations.js';
import { makeProbe, wrongCells } from './rls/probe.js';
import { rolledBack } from './rls/rolled-back.js';
import { cellsOn, tablesWithTenant } from './rls/tenant-matrix.js';

interface Result extends Mutation {
  readonly caught: boolean;
}

type Check = () => Promise<readonly string[]>;

const check = async (client: pg.Client, mutation: Mutation, complain: Check): Promise<Result> => {
  await client.query('savepoint sound');
  await client.query(mutation.sql);
  const caught = (await complain()).length > 0;
  await client.query('rollback to savepoint sound');
  return { ...mutation, caught };
};

/** By what a role then sees or changes; a partition is reached through its table only, so that the catalogue alone tells. */
const checkOf = async (client: pg.Client, table: string | null): Promise<Check> => {
  if (table === null) return () => complaints(client);
  const cells = await cellsOn(client, table);
  return () => wrongCells(client, table, cells, 1);
};

/** The rows that a table needs are made once for all that is tried on it. */
const checkAll = async (client: pg.Client, table: string | null, mutations: readonly Mutation[]): Promise<Result[]> => {
  await client.query('savepoint empty');
  const complain = await checkOf(client, table);
  const results: Result[] = [];
  for (const mutation of mutations) results.push(await check(client, mutation, complain));
  await client.query('rollback to savepoint empty');
  return results;
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
      await makeProbe(client);
      const results: Result[] = [];
      const byTable = Map.groupBy(await mutations(client), ({ table }) => table);
      for (const [table, some] of byTable) results.push(...(await checkAll(client, table, some)));
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
