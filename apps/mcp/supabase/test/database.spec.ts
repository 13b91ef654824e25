import { testClient, type TestClient, withoutVariables } from '@pulser/mcp-server-kit/testing';
import { emptyDatabase, type TestDatabase } from '@pulser/testing';

import { supabase } from '../src/index.js';
import { dropLogin, newLogin, type TestLogin } from './login.js';

const schema = `
  create table orders (id int generated always as identity primary key, region text not null, amount numeric(10, 2) not null,
    tags text[] not null default '{}', extra jsonb, owner text not null default current_user, at timestamptz not null default now());
  create index orders_by_region on orders (region);
  comment on table orders is 'what was sold';
  create table secrets (id int primary key, value text);
  create view totals as select region, sum(amount) as amount from orders group by region;
  alter table orders enable row level security;
  create policy visible on orders using (owner <> 'someone else') with check (true);
  create function close_month(month date, "limit" int default 3) returns table (closed date, "left" int)
    language sql as $$ select month, "limit" $$;
  create function open_vault() returns text language sql as $$ select 'gold' $$;
  insert into orders (region, amount) select case when n % 2 = 0 then 'North' else 'South' end, n from generate_series(1, 10) n;
  insert into orders (region, amount, owner) values ('Hidden', 1, 'someone else');
  analyze;`;

describe('the database', () => {
  let server: TestDatabase;
  let login: TestLogin;
  let client: TestClient;
  let variables: Record<string, string>;

  const call = (tool: string, args: Record<string, unknown> = {}, more: Record<string, string> = {}) =>
    client.call(tool, args, { variables: { ...variables, ...more } });

  const query = (sql: string, more: Record<string, unknown> = {}) => call('supabase_query_run', { sql, ...more });

  const regions = async () =>
    (await server.query<{ region: string }>('select region from orders order by id')).map(({ region }) => region);

  beforeAll(async () => {
    server = await emptyDatabase();
    login = newLogin(server);
    await server.query(schema);
    await server.query(`create role ${login.role} login password '${login.password}'`);
    await server.query(`grant select, insert, update, delete on orders to ${login.role}`);
    await server.query(`grant select on totals to ${login.role}`);
    await server.query(`grant create on schema public to ${login.role}`);
    await server.query(`grant create on database ${new URL(server.url()).pathname.slice(1)} to ${login.role}`);
    client = await testClient(supabase);
    variables = { SUPABASE_DB_URL: login.url };
  });

  afterAll(async () => {
    await client.close();
    await dropLogin(server, login);
    await server.drop();
  });

  it('lists the tables that the login may use', async () => {
    const { result } = await call('supabase_table_list');
    expect(result).toEqual({
      tables: [
        {
          schema: 'public',
          table: 'orders',
          kind: 'table',
          rows: 11,
          rls: 'on',
          policies: 1,
          comment: 'what was sold',
        },
        { schema: 'public', table: 'totals', kind: 'view', rows: null, rls: 'off', policies: 0, comment: null },
      ],
      truncated: false,
    });
    expect((await call('supabase_table_list', { schemas: ['other'] })).result).toMatchObject({ tables: [] });
  });

  it('describes a table, and none that the login may not use', async () => {
    const { result } = await call('supabase_table_describe', { table: 'orders' });
    expect(result?.['columns']).toContainEqual({
      name: 'amount',
      type: 'numeric(10,2)',
      nullable: false,
      default: null,
      comment: null,
    });
    expect(result).toMatchObject({
      constraints: [{ name: 'orders_pkey', kind: 'primary key', definition: 'PRIMARY KEY (id)' }],
      indexes: [{ name: 'orders_by_region' }, { name: 'orders_pkey' }],
      policies: [{ policy: 'visible', command: 'all', permissive: true, roles: ['public'], check: 'true' }],
    });
    for (const table of ['secrets', 'nope', 'orders"; drop table orders --'])
      expect((await call('supabase_table_describe', { table })).error?.code).toMatch(/not_found|invalid_args/);
  });

  it('lists policies, and tables that lack them', async () => {
    const { result } = await call('supabase_policy_list', { schemas: ['public'] });
    expect(result).toMatchObject({
      policies: [{ schema: 'public', table: 'orders', policy: 'visible', command: 'all', roles: ['public'] }],
      unprotected: [{ schema: 'public', table: 'secrets', problem: 'row-level security is off' }],
      truncated: false,
    });
  });

  it('answers a query with types, parameters and a bound on its rows', async () => {
    const { result } = await query(
      'select id, amount, at is not null as dated from orders where region = $1 order by id',
      {
        parameters: ['North'],
        limit: 2,
      },
    );
    expect(result).toEqual({
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'amount', type: 'numeric' },
        { name: 'dated', type: 'boolean' },
      ],
      rows: [
        [2, '2.00', true],
        [4, '4.00', true],
      ],
      truncated: true,
    });
    const hidden = await query(
      `with all_of as (select region from orders) select count(*)::int from all_of where region = 'Hidden'`,
    );
    expect(hidden.result?.['rows']).toEqual([[0]]);
  });

  it.each([
    ['a second statement', 'select 1; delete from orders', 'invalid_args'],
    ['a change', `delete from orders`, 'invalid_args'],
    ['a change inside of a query', 'with gone as (delete from orders returning 1) select * from gone', 'invalid_args'],
    ['an end of the transaction', 'commit', 'invalid_args'],
    ['a table made of a query', 'select * into copied from orders', 'invalid_args'],
    ['a lock', 'select * from orders for update', 'refused'],
    ['a way out of the transaction', `select set_config('transaction_read_only', 'off', true)`, 'invalid_args'],
    ['a number of a sequence', `select nextval('orders_id_seq')`, 'refused'],
    ['a table without a right', 'select * from secrets', 'refused'],
    ['a table that is not there', 'select * from nope', 'not_found'],
    ['wrong SQL', 'selec 1', 'invalid_args'],
    ['a comment that swallows', 'select 1 --', undefined],
  ])('answers to %s in a query with %s', async (_what, sql, code) => {
    const before = await regions();
    const { error } = await query(sql);
    expect(error?.code).toBe(code);
    expect(await regions()).toEqual(before);
  });

  it('ends a query with its time', async () => {
    const { error } = await query('select pg_sleep(30)', { timeout_s: 0.2 });
    expect(error?.code).toBe('timeout');
    const left = await server.query(
      `select 1 from pg_stat_activity where usename = '${login.role}' and state = 'active'`,
    );
    expect(left).toEqual([]);
  });

  it('inserts rows, all or none, with the defaults of their columns', async () => {
    const rows = [
      { region: 'East', amount: 1.5, tags: ['a', 'b'], extra: { n: [1] } },
      { region: 'West', amount: '2', tags: [], extra: null },
    ];
    const { result } = await call('supabase_row_insert', { table: 'orders', rows });
    expect(result).toMatchObject({
      inserted: 2,
      rows: [
        { region: 'East', amount: '1.50', tags: ['a', 'b'], extra: { n: [1] }, owner: login.role },
        { region: 'West', tags: [], extra: null },
      ],
    });
    const before = (await regions()).length;
    const [wrong, uneven, column] = await Promise.all([
      call('supabase_row_insert', {
        table: 'orders',
        rows: [
          { region: 'X', amount: 1 },
          { region: 'Y', amount: 'much' },
        ],
      }),
      call('supabase_row_insert', { table: 'orders', rows: [{ region: 'X', amount: 1 }, { region: 'Y' }] }),
      call('supabase_row_insert', { table: 'orders', rows: [{ 'region) select 1 --': 'X' }] }),
    ]);
    expect([wrong.error?.code, uneven.error?.code, column.error?.code]).toEqual([
      'invalid_args',
      'invalid_args',
      'invalid_args',
    ]);
    expect(await regions()).toHaveLength(before);
  });

  it('updates rows that match, and none when more match than expected', async () => {
    const set = { region: 'Far East', extra: { moved: true }, tags: ['x'] };
    const filters = [{ column: 'region', op: 'eq', value: 'East' }];
    const updated = await call('supabase_row_update', { table: 'orders', set, filters });
    expect(updated.result).toEqual({ updated: 1 });
    const many = {
      table: 'orders',
      set: { region: 'All' },
      filters: [{ column: 'amount', op: 'gt', value: 0 }],
      max_rows: 5,
    };
    expect((await call('supabase_row_update', many)).error?.code).toBe('conflict');
    expect(await regions()).not.toContain('All');
    expect((await call('supabase_row_update', { ...many, filters: [] })).error?.code).toBe('invalid_args');
  });

  it('deletes rows that match, and none when more match than expected', async () => {
    const filters = [
      { column: 'region', op: 'in', value: ['Far East', 'West'] },
      { column: 'extra', op: 'is', value: null },
    ];
    expect((await call('supabase_row_delete', { table: 'orders', filters })).result).toEqual({ deleted: 1 });
    const wide = await call('supabase_row_delete', {
      table: 'orders',
      filters: [{ column: 'region', op: 'like', value: '%' }],
      max_rows: 3,
    });
    expect(wide.error).toMatchObject({ code: 'conflict' });
    expect((await call('supabase_row_delete', { table: 'orders' })).error?.code).toBe('invalid_args');
    expect(await regions()).toHaveLength(12);
    // What the login does not see it does not delete.
    const hidden = await call('supabase_row_delete', {
      table: 'orders',
      filters: [{ column: 'region', op: 'eq', value: 'Hidden' }],
    });
    expect(hidden.result).toEqual({ deleted: 0 });
  });

  it('calls the functions that are allowed, and no other', async () => {
    const allowed = { SUPABASE_FUNCTIONS: 'public.close_month' };
    const month = { function: 'close_month', arguments: { month: '2026-10-01' } };
    expect((await call('supabase_rpc_call', month, allowed)).result).toEqual({
      rows: [{ closed: '2026-10-01', left: 3 }],
      truncated: false,
    });
    const others = ['open_vault', 'pg_catalog.pg_sleep', 'other.close_month'];
    for (const name of others)
      expect((await call('supabase_rpc_call', { function: name }, allowed)).error?.code).toBe('refused');
    const wrong = { function: 'close_month', arguments: { year: 2026 } };
    expect((await call('supabase_rpc_call', wrong, allowed)).error?.code).toBe('not_found');
    expect((await call('supabase_rpc_call', month)).error?.code).toBe('not_configured');
  });

  describe('with migrations', () => {
    const apply = (name: string, sql: string, isDry?: boolean) =>
      call('supabase_migration_apply', { name, sql, ...(isDry !== undefined && { dry_run: isDry }) });

    const isThere = async (table: string) =>
      (await server.query<{ there: boolean }>(`select to_regclass('${table}') is not null as there`))[0]?.there;

    it('has none at first', async () => {
      expect((await call('supabase_migration_list')).result).toEqual({ migrations: [], truncated: false });
    });

    it('runs one dry, then keeps it, once', async () => {
      const sql = `create table notes (id int); comment on table notes is 'a;b'; -- done`;
      const dry = await apply('add_notes', sql);
      expect(dry.result).toEqual({ dry_run: true, version: null, statements: ['CreateStmt', 'CommentStmt'] });
      expect(await isThere('notes')).toBe(false);
      const kept = await apply('add_notes', sql, false);
      expect(kept.result).toMatchObject({ dry_run: false, version: expect.stringMatching(/^\d{14}$/) as string });
      expect(await isThere('notes')).toBe(true);
      expect((await call('supabase_migration_list')).result).toEqual({
        migrations: [{ version: kept.result?.['version'], name: 'add_notes', statements: 2 }],
        truncated: false,
      });
      expect((await apply('add_notes', 'create table more (id int)', false)).error?.code).toBe('conflict');
      expect(await isThere('more')).toBe(false);
    });

    it('keeps nothing of one that fails in the middle', async () => {
      const { error } = await apply('half', 'create table half (id int); create table orders (id int)', false);
      expect(error?.code).toBe('invalid_args');
      expect(await isThere('half')).toBe(false);
    });

    it.each([
      ['create table leak (id int); commit'],
      ['rollback; create table leak (id int)'],
      ['create table leak (id int); /* ; */ begin; select 1'],
      [`do $$ begin create table leak (id int); commit; end $$`],
      ['create table leak (id int'],
      ['-- nothing'],
    ])('leaves nothing behind of %s', async (sql) => {
      for (const isDry of [true, false]) expect((await apply('leak', sql, isDry)).error).toBeDefined();
      expect(await isThere('leak')).toBe(false);
    });
  });

  it('is not reached under a wrong name, and the password is not shown', async () => {
    const url = new URL(login.url);
    url.pathname = '/no_such_database';
    const { error, text } = await call('supabase_table_list', {}, { SUPABASE_DB_URL: url.href });
    expect(error?.code).toMatch(/upstream_error|refused/);
    expect(text).not.toContain(login.password);
  });

  it.each([
    ['in a private network', () => login.url],
    ['at a socket', () => 'postgresql://a:b@/db?host=/var/run/postgresql'],
    ['with files of the server', () => 'postgresql://a:b@db.example.com/db?sslrootcert=/etc/passwd'],
    ['that is no URL', () => '/var/run/postgresql'],
  ])('%s is for variables of the operator', async (_what, url) => {
    const call = { variables: { SUPABASE_DB_URL: url() }, privateAddresses: false };
    const { error } = await client.call('supabase_table_list', {}, call);
    expect(error?.code).toBe('refused');
  });

  it('is not used by a superuser', async () => {
    const { error } = await call('supabase_table_list', {}, { SUPABASE_DB_URL: server.url() });
    expect(error?.code).toBe('refused');
    expect(error?.message).toContain('is a superuser or may become one: make one with the rights');
  });

  it('that does not answer is an error of it', async () => {
    const { error } = await call('supabase_table_list', {}, { SUPABASE_DB_URL: 'postgresql://a:b@127.0.0.1:1/c' });
    expect(error?.code).toBe('upstream_error');
  });
});

it('answers nothing without variables, and names the one that is missing', async () => {
  const answers = await withoutVariables(supabase);
  expect(new Set(answers.map(({ tool }) => tool)).size).toBe(12);
  for (const { tool, error } of answers) {
    expect({ tool, code: error?.code }).toEqual({ tool, code: 'not_configured' });
    expect(error?.message).toMatch(/^SUPABASE_[A-Z_]+ is not set: /);
  }
});
