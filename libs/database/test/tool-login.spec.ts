import { testDatabase, type TestDatabase } from '@pulser/testing';
import pg from 'pg';

import { migrateUp } from '../src/index.js';

describe('the login of tools', () => {
  let database: TestDatabase;
  const tenants = { acme: '', globex: '' };

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
    for (const name of ['acme', 'globex'] as const) {
      const [row] = await database.query<{ id: string }>(
        `with t as (insert into tenant (name) values ($1) returning tenant_id)
         insert into agent_memory (tenant_id, memory_type, content) select tenant_id, 'fact', $1 from t returning tenant_id as id`,
        [name],
      );
      tenants[name] = row?.id ?? '';
    }
  });

  afterAll(() => database.drop());

  const connected = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: database.url('pulser_mcp') });
    await client.connect();
    return work(client).finally(() => client.end());
  };

  /** In a transaction that is bound to a tenant, as tools do it. @returns what the last statement finds */
  const bound = (tenant: string, ...statements: readonly string[]): Promise<unknown[]> =>
    connected(async (client) => {
      await client.query('begin');
      await client.query('select pulser.bind_tenant($1)', [tenant]);
      await client.query(`select set_config('app.tenant_id', $1, true)`, [tenant]);
      for (const statement of statements.slice(0, -1)) await client.query(statement);
      return (await client.query<Record<string, unknown>>(statements.at(-1) ?? '')).rows;
    });

  const contents = 'select content from agent_memory';

  it('reads the memories of the tenant that it is bound to', async () => {
    expect(await bound(tenants.acme, contents)).toEqual([{ content: 'acme' }]);
    expect(await bound(tenants.globex, contents)).toEqual([{ content: 'globex' }]);
  });

  it('reads none without being bound, and those of no other tenant by any setting', async () => {
    const other = `'${tenants.globex}'`;
    const none = await connected(async (client) => {
      await client.query(`set app.tenant_id = ${other}`);
      return (await client.query<{ content: string }>(contents)).rows;
    });
    expect(none).toEqual([]);
    for (const statement of [
      `set app.tenant_id = ${other}`,
      `set local app.tenant_id = ${other}`,
      `select set_config('app.tenant_id', ${other}, false)`,
      `set pulser.tenant_id = ${other}`,
      'reset app.tenant_id',
      'reset all',
      'set search_path = pg_temp, public',
    ])
      for (const row of await bound(tenants.acme, statement, contents)) expect(row).toEqual({ content: 'acme' });
  });

  it('is bound once in a transaction, and in the next one anew', async () => {
    const again = [`select pulser.bind_tenant('${tenants.globex}')`, contents];
    await expect(bound(tenants.acme, ...again)).rejects.toHaveProperty('code', '23505');
    await expect(bound(tenants.acme, 'savepoint s', ...again)).rejects.toHaveProperty('code', '23505');
    await expect(bound(tenants.acme, 'set transaction read only', ...again)).rejects.toHaveProperty('code', '25006');
    expect(await bound(tenants.acme, 'commit', contents)).toEqual([]);
  });

  // A function of the caller's temporary schema that would answer for the one that policies ask.
  it('cannot put a function of its own before the one that is asked', async () => {
    const trap = [
      `create function pg_temp.bound_tenant() returns uuid language sql as $$ select '${tenants.globex}'::uuid $$`,
      `create domain pg_temp.uuid as pg_catalog.uuid`,
      'set local search_path = pg_temp, pulser, public',
      `set local app.tenant_id = '${tenants.globex}'`,
    ];
    expect(await bound(tenants.acme, ...trap, contents)).toEqual([]);
  });

  it.each([
    'set role pulser_service',
    'set role pulser_app',
    'set role pulser_owner',
    'set session authorization pulser_service',
    'select * from pg_shadow',
    'select * from pg_authid',
    'select * from pulser.bound_transaction',
    'delete from pulser.bound_transaction',
    'select * from tenant',
    'select * from task_queue',
    'select * from api_key',
    'select * from tenant_secret',
    'select * from tool_call',
    `insert into agent_memory (tenant_id, memory_type, content) values (pulser.tenant_id(), 'fact', 'x')`,
    'update agent_memory set content = content',
    'delete from agent_memory',
    'truncate agent_memory',
    'alter table agent_memory disable row level security',
    'drop policy bound on agent_memory',
    'alter role pulser_mcp bypassrls',
    'create table public.mine ()',
    'create table pulser.mine ()',
    `copy agent_memory to program 'true'`,
    `select pulser.find_api_key('x')`,
    `select pg_read_file('/etc/passwd')`,
  ])('is refused: %s', async (statement) => {
    await expect(bound(tenants.acme, statement)).rejects.toHaveProperty('code', '42501');
  });

  it('leaves no transaction prepared that is bound', async () => {
    await expect(bound(tenants.acme, `prepare transaction 'x'`)).rejects.toHaveProperty('code', '55000');
  });
});
