// Pulser's own database, where one login serves all tenants.
import { migrateUp } from '@pulser/database';
import type { Embedder } from '@pulser/embedding';
import { testClient, type TestClient } from '@pulser/mcp-server-kit/testing';
import { testDatabase, type TestDatabase } from '@pulser/testing';
import { z } from 'zod';

import { supabase } from '../src/index.js';
import { dropLogin, newLogin, type TestLogin } from './login.js';

const facts = {
  acme: [
    'The warehouse in Lyon is closed in the last week of June.',
    'Maria approves payments above ten thousand euros.',
  ],
  globex: ['The warehouse in Lyon burned down.'],
};

describe("Pulser's own database", () => {
  let server: TestDatabase;
  let client: TestClient;
  let login: TestLogin;
  let embedder: Embedder;
  const tenants = { acme: '', globex: '' };

  const remember = async (tenant: string, content: string, agent: string | null = null): Promise<void> => {
    const [vector = []] = await embedder.embed([content]);
    await server.query(
      `with kept as (
         insert into agent_memory (tenant_id, agent_name, memory_type, content, model_id)
         select $1, $2, 'fact', $3, model_id from embedding_model returning tenant_id, memory_id, model_id)
       insert into memory_chunk (tenant_id, memory_id, model_id, chunk, from_unit, to_unit, embedding)
       select tenant_id, memory_id, model_id, 0, 0, $4, $5::vector from kept`,
      [tenant, agent, content, content.length, `[${vector.join(',')}]`],
    );
  };

  const call = (
    tool: string,
    args: Record<string, unknown> = {},
    { tenant = tenants.acme, url = server.url('pulser_mcp') } = {},
  ) =>
    client.call(tool, args, { tenant, variables: { SUPABASE_DB_URL: url, SUPABASE_FUNCTIONS: 'pulser.bind_tenant' } });

  const search = (query: string, args: Record<string, unknown> = {}, tenant = tenants.acme) =>
    call('supabase_memory_search', { query, ...args }, { tenant });

  const run = (sql: string, tenant = tenants.globex) => call('supabase_query_run', { sql }, { tenant });

  const contents = (result: Record<string, unknown> | undefined): string[] =>
    ((result?.['memories'] ?? []) as { content: string }[]).map(({ content }) => content);

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    client = await testClient(supabase);
    for (const name of ['acme', 'globex'] as const) {
      const [row] = await server.query<{ id: string }>(
        'insert into tenant (name) values ($1) returning tenant_id as id',
        [name],
      );
      tenants[name] = row?.id ?? '';
    }
    // Loaded late here too, as the server does.
    const { embeddingEnv, fingerprintOf, ProcessEmbedder } = await import('@pulser/embedding');
    embedder = new ProcessEmbedder(z.object(embeddingEnv).parse({}));
    const { name, dimensions } = embedder.model;
    await server.query('select pulser.know_embedding_model($1, $2, $3)', [
      name,
      dimensions,
      await fingerprintOf(embedder),
    ]);
    for (const name of ['acme', 'globex'] as const) for (const text of facts[name]) await remember(tenants[name], text);
    await remember(tenants.acme, 'The warehouse has a new gate.', 'dash');
    await server.query('analyze agent_memory');
    login = newLogin(server);
    await server.query(`create role ${login.role} login password '${login.password}'`);
  });

  afterAll(async () => {
    await Promise.all([client.close(), embedder.close()]);
    await dropLogin(server, login);
    await server.drop();
  });

  it('has memories, found by their meaning: shared ones and those of the agent that is named', async () => {
    const shared = await search('When can the French depot not ship?');
    expect(contents(shared.result)).toEqual(facts.acme);
    expect((shared.result?.['memories'] as object[])[0]).toMatchObject({ agent: null, type: 'fact', subject: null });
    const own = await search('warehouse', { agent: 'dash', limit: 2 });
    expect(contents(own.result)).toContain('The warehouse has a new gate.');
  });

  it('compares no memories of another model', async () => {
    const turn = 'update embedding_model set fingerprint = (select array_agg(-f) from unnest(fingerprint) f)';
    await server.query(turn);
    expect((await search('Lyon')).error?.code).toBe('conflict');
    await server.query(turn);
  });

  it('shows each tenant the rows of its own through every tool, and lets none write', async () => {
    expect((await run('select content from agent_memory')).result?.['rows']).toEqual([facts.globex]);
    expect((await run('select content from agent_memory', tenants.acme)).result?.['rows']).toHaveLength(3);
    const filters = [{ column: 'tenant_id', op: 'eq', value: tenants.acme }];
    const row = { tenant_id: tenants.acme, memory_type: 'fact', content: 'planted' };
    const calls: Readonly<Record<string, Record<string, unknown>>> = {
      supabase_table_list: {},
      supabase_table_describe: { table: 'agent_memory' },
      supabase_query_run: { sql: 'select * from agent_memory m join memory_chunk c using (tenant_id, memory_id)' },
      supabase_row_insert: { table: 'agent_memory', rows: [row] },
      supabase_row_update: { table: 'agent_memory', set: { content: 'changed' }, filters },
      supabase_row_delete: { table: 'agent_memory', filters },
      supabase_rpc_call: { function: 'pulser.bind_tenant', arguments: { tenant: tenants.acme } },
      supabase_migration_list: {},
      supabase_migration_apply: { name: 'planted', sql: 'create table planted (id int)', dry_run: false },
      supabase_policy_list: {},
      supabase_log_query: { source: 'database' },
      supabase_memory_search: { query: 'warehouse', agent: 'dash', limit: 50 },
    };
    expect(Object.keys(calls).toSorted()).toEqual(client.tools.map(({ name }) => name).toSorted());
    const refused = [];
    for (const [tool, args] of Object.entries(calls)) {
      const { text, error } = await call(tool, args, { tenant: tenants.globex });
      for (const foreign of [...facts.acme, 'new gate', tenants.acme])
        expect({ tool, foreign: text.includes(foreign) }).toEqual({ tool, foreign: false });
      if (error?.code === 'refused') refused.push(tool);
    }
    expect(refused).toEqual([
      'supabase_row_insert',
      'supabase_row_update',
      'supabase_row_delete',
      'supabase_rpc_call',
      'supabase_migration_apply',
    ]);
    const [kept] = await server.query('select count(*)::int as rows from agent_memory');
    expect(kept).toEqual({ rows: 4 });
  });

  it('lists the tables of memories alone, and does not count the rows of all tenants', async () => {
    const { result } = await call('supabase_table_list');
    expect(result?.['tables']).toEqual(
      ['agent_memory', 'embedding_model', 'memory_chunk'].map(
        (table) => expect.objectContaining({ table, rows: null }) as object,
      ),
    );
  });

  it.each([
    ['set role pulser_service', 'invalid_args'],
    ['set session authorization pulser_service', 'invalid_args'],
    ['reset role', 'invalid_args'],
    ['reset all', 'invalid_args'],
    ['discard all', 'invalid_args'],
    [`set app.tenant_id = 'TENANT'`, 'invalid_args'],
    [`set pulser.tenant_id = 'TENANT'`, 'invalid_args'],
    ['commit', 'invalid_args'],
    [`prepare transaction 'x'`, 'invalid_args'],
    ['prepare q as select content from agent_memory', 'invalid_args'],
    ['select 1; set role pulser_service', 'invalid_args'],
    ['with gone as (delete from agent_memory returning content) select * from gone', 'invalid_args'],
    [`select m.content from (select set_config('app.tenant_id', 'TENANT', true)) s, agent_memory m`, 'refused'],
    [`select m.content from (select set_config('role', 'pulser_service', true)) s, agent_memory m`, 'refused'],
    [`select pulser.bind_tenant('TENANT')`, 'refused'],
    ['select pulser.bound_tenant()', 'refused'],
    ['select * from pulser.bound_transaction', 'refused'],
    ['select * from pg_shadow', 'refused'],
    ['select rolpassword from pg_catalog.pg_authid', 'refused'],
    ['select query from pg_stat_activity', 'refused'],
    ['select * from pg_stat_get_activity(null)', 'refused'],
    ['select pg_terminate_backend(1)', 'refused'],
    [`select pg_read_file('/etc/passwd')`, 'refused'],
    [`select query_to_xml('select query from pg_stat_activity', true, true, '')`, 'refused'],
    [`select database_to_xml(true, true, '')`, 'refused'],
    [`select ts_stat('select to_tsvector(query) from pg_stat_activity')`, 'refused'],
    ['select (1).pg_sleep', 'refused'],
    ['select * from information_schema.tables', 'refused'],
    ['select * from task_queue', 'refused'],
    ['select * from api_key', 'refused'],
    ['select * from tenant_secret', 'refused'],
    ['select content from agent_memory for update', 'refused'],
  ])('answers to %s with %s', async (sql, code) => {
    const { error, text } = await run(sql.replace('TENANT', tenants.acme));
    expect({ code: error?.code, text }).toEqual({ code, text });
  });

  it('answers to usual queries', async () => {
    const { result } = await run(
      `select m.memory_type, count(*), max(length(content)), string_agg(upper(content), ', ' order by memory_id),
         bool_and(created_at <= now()), to_char(min(m.created_at), 'YYYY') > '2000', jsonb_agg(to_jsonb(m) ->> 'trust')
       from agent_memory m where content ilike '%lyon%' and created_at > now() - interval '1 day' group by 1`,
    );
    expect(result?.['rows']).toEqual([
      ['fact', '1', facts.globex[0]?.length, facts.globex[0]?.toUpperCase(), true, true, ['observed']],
    ]);
    const near =
      'select cosine_distance(embedding, embedding) < 0.001 and embedding <=> embedding < 0.001 from memory_chunk';
    expect((await run(near)).result?.['rows']).toEqual([[true]]);
  });

  it('keeps nothing of a call, the binding neither', async () => {
    await run('select 1');
    expect(await server.query('select from pulser.bound_transaction')).toEqual([]);
  });

  it('is not opened by a call that names no tenant', async () => {
    const variables = { SUPABASE_DB_URL: server.url('pulser_mcp') };
    for (const [tool, args] of [
      ['supabase_memory_search', { query: 'Lyon' }],
      ['supabase_query_run', { sql: 'select content from agent_memory' }],
      ['supabase_table_list', {}],
    ] as const)
      expect((await client.call(tool, args, { variables })).error?.code).toBe('refused');
  });

  describe('and logins', () => {
    /** With what a login is refused that has these rights, which are taken from it afterwards. */
    const refusalWith = async (rights: readonly string[]): Promise<string | undefined> => {
      for (const right of rights) await server.query(right.replace('LOGIN', login.role));
      const { error } = await call('supabase_table_list', {}, { url: login.url });
      await server.query(`drop owned by ${login.role}`);
      await server.query(`revoke pulser_owner, pulser_service, pulser_mcp from ${login.role}`);
      await server.query(`alter role ${login.role} nosuperuser nobypassrls`);
      expect(error?.code).toBe('refused');
      return error?.message;
    };

    const ofTools = 'grant pulser_mcp to LOGIN';

    it.each([
      ['that is a superuser', 'is a superuser', ['alter role LOGIN superuser']],
      ['with BYPASSRLS', 'has BYPASSRLS', [ofTools, 'alter role LOGIN bypassrls']],
      ['that may become the owner', 'may become pulser_owner', [ofTools, 'grant pulser_owner to LOGIN']],
      ['that may become a service', 'may become pulser_service', [ofTools, 'grant pulser_service to LOGIN']],
      [
        'that owns a table with a tenant',
        'owns the table owned',
        [ofTools, 'create table owned (tenant_id uuid)', 'alter table owned owner to LOGIN'],
      ],
      ['of something else', 'is not made for', ['grant select on embedding_model to LOGIN']],
      ['with rights beyond', 'rights on task_queue, which no policy', [ofTools, 'grant select on task_queue to LOGIN']],
    ])('one %s is refused, and says what to use', async (_, problem, rights) => {
      const message = await refusalWith(rights);
      expect(message).toContain(problem);
      expect(message).toContain('PULSER_MCP_PASSWORD');
    });

    it.each(['pulser_app', 'pulser_service', undefined] as const)('%s of Pulser is refused', async (role) => {
      const { error } = await call('supabase_table_list', {}, { url: server.url(role) });
      expect(error?.code).toBe('refused');
    });

    it('one that is a member of pulser_mcp works, and is bound', async () => {
      await server.query(ofTools.replace('LOGIN', login.role));
      const own = await call('supabase_query_run', { sql: 'select content from agent_memory' }, { url: login.url });
      await server.query(`revoke pulser_mcp from ${login.role}`);
      expect(own.result?.['rows']).toHaveLength(3);
    });
  });
});
