import { testDatabase, type TestDatabase } from '@pulser/testing';
import pg from 'pg';

import { migrateUp } from '../src/index.js';

describe('the logins of the services', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
  });

  afterAll(() => database.drop());

  const as = async (login: 'pulser_app' | 'pulser_service', ...statements: readonly string[]): Promise<unknown> => {
    const client = new pg.Client({ connectionString: database.url(login) });
    await client.connect();
    try {
      for (const statement of statements.slice(0, -1)) await client.query(statement);
      return (await client.query<Record<string, unknown>>(statements.at(-1) ?? '')).rows;
    } finally {
      await client.end();
    }
  };

  it.each(['pulser_service', 'pulser_owner'])('keep pulser_app from becoming %s', async (role) => {
    await expect(as('pulser_app', `set role ${role}`)).rejects.toHaveProperty('code', '42501');
    await expect(as('pulser_app', `set session authorization ${role}`)).rejects.toHaveProperty('code', '42501');
  });

  it('let pulser_service become pulser_app, and never the owner', async () => {
    const who = 'select current_user as role';
    expect(await as('pulser_service', 'set role pulser_app', who)).toEqual([{ role: 'pulser_app' }]);
    await expect(as('pulser_service', 'set role pulser_owner')).rejects.toHaveProperty('code', '42501');
  });

  it.each(['pulser_app', 'pulser_service'] as const)('keep %s from making or changing anything', async (login) => {
    for (const statement of [
      'create table public.mine ()',
      'create table pulser.mine ()',
      'alter table task_queue no force row level security',
      'drop policy tenant_select on task_queue',
      'truncate task_queue',
      'grant pulser_owner to pulser_app',
      'select from task_queue_default',
    ])
      await expect(as(login, statement)).rejects.toHaveProperty('code', '42501');
  });

  it('keep the functions of the pipeline from pulser_app', async () => {
    for (const call of ['ensure_partitions()', 'drop_expired_partitions(1)', 'drop_expired_telemetry(1)'])
      await expect(as('pulser_app', `select pulser.${call}`)).rejects.toHaveProperty('code', '42501');
  });

  // A temporary type whose check tells who runs it stands for any code.
  it("run no code of a caller's temporary schema as the owner", async () => {
    const trap = [
      `create function pg_temp.trap(name text) returns boolean language plpgsql as
         $$ begin raise exception 'ran as %', current_user; end $$`,
      ...['text', 'timestamptz', 'regclass'].map(
        (type) => `create domain pg_temp.${type} as pg_catalog.${type} check (pg_temp.trap(value::pg_catalog.text))`,
      ),
    ];
    for (const call of ['ensure_partitions(6)', 'drop_expired_partitions(30)', 'drop_expired_telemetry(30)'])
      expect(await as('pulser_service', ...trap, `select pulser.${call}`)).toHaveLength(1);
    expect(await as('pulser_app', ...trap, `select pulser.find_api_key('x')`)).toEqual([]);
  });
});
