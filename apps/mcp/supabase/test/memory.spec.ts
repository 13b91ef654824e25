import { readFileSync } from 'node:fs';

import { migrateUp } from '@pulser/database';
import type { Embedder } from '@pulser/embedding';
import { testClient, type TestClient } from '@pulser/mcp-server-kit/testing';
import { testDatabase, type TestDatabase } from '@pulser/testing';
import { z } from 'zod';

import { supabase } from '../src/index.js';
import { dropLogin, newLogin, type TestLogin } from './login.js';

const script = readFileSync(new URL('../sql/login.sql', import.meta.url), 'utf8');

/** As psql fills it in. */
const scriptFor = ({ role, password }: TestLogin, tenant: string): string =>
  script
    .replaceAll(':"login"', `"${role}"`)
    .replaceAll(":'password'", `'${password}'`)
    .replaceAll(":'tenant'", `'${tenant}'`);

const facts = {
  acme: [
    'The warehouse in Lyon is closed in the last week of June.',
    'Maria approves payments above ten thousand euros.',
  ],
  globex: ['The warehouse in Lyon burned down.'],
};

describe('memories', () => {
  let server: TestDatabase;
  let client: TestClient;
  let login: TestLogin;
  let unbound: TestLogin;
  let embedder: Embedder;
  const tenants: Record<string, string> = {};

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

  const search = (query: string, { tenant = tenants['acme'] ?? '', args = {}, url = login.url } = {}) =>
    client.call('supabase_memory_search', { query, ...args }, { tenant, variables: { SUPABASE_DB_URL: url } });

  const contents = (result: Record<string, unknown> | undefined): string[] =>
    ((result?.['memories'] ?? []) as { content: string }[]).map(({ content }) => content);

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    client = await testClient(supabase);
    for (const name of ['acme', 'globex']) {
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
    for (const [name, texts] of Object.entries(facts))
      for (const text of texts) await remember(tenants[name] ?? '', text);
    await remember(tenants['acme'] ?? '', 'The warehouse has a new gate.', 'dash');
    [login, unbound] = [newLogin(server), newLogin(server)];
    await server.query(scriptFor(login, tenants['acme'] ?? ''));
    await server.query(`create role ${unbound.role} login password '${unbound.password}'`);
    await server.query(`grant usage on schema pulser to ${unbound.role}`);
    await server.query(`grant select on agent_memory, memory_chunk, embedding_model to ${unbound.role}`);
  });

  afterAll(async () => {
    await Promise.all([client.close(), embedder.close()]);
    for (const each of [login, unbound]) await dropLogin(server, each);
    await server.drop();
  });

  it('are found by their meaning, shared ones and those of the agent that is named', async () => {
    const shared = await search('When can the French depot not ship?');
    expect(contents(shared.result)).toEqual(facts.acme);
    expect((shared.result?.['memories'] as object[])[0]).toMatchObject({ agent: null, type: 'fact', subject: null });
    const own = await search('warehouse', { args: { agent: 'dash', limit: 2 } });
    expect(contents(own.result)).toContain('The warehouse has a new gate.');
  });

  it('of another tenant are never found, whoever the call says it is for', async () => {
    const other = await search('Lyon', { tenant: tenants['globex'] ?? '' });
    expect(other.result).toEqual({ memories: [], truncated: false });
    const nobody = await client.call(
      'supabase_memory_search',
      { query: 'Lyon' },
      { variables: { SUPABASE_DB_URL: login.url } },
    );
    expect(nobody.error?.code).toBe('refused');
  });

  it('of another tenant are not read by any SQL of the caller', async () => {
    const run = (sql: string) =>
      client.call(
        'supabase_query_run',
        { sql },
        { tenant: tenants['acme'] ?? '', variables: { SUPABASE_DB_URL: login.url } },
      );
    const attempts = [
      'select content from agent_memory',
      `select m.content from (select set_config('app.tenant_id', '${tenants['globex'] ?? ''}', true)) s, agent_memory m`,
      `select m.content from (select set_config('role', 'pulser_service', true)) s, agent_memory m`,
      'select content from agent_memory offset (select 0 from memory_chunk limit 0)',
    ];
    for (const sql of attempts) {
      const { result } = await run(sql);
      const rows = (result?.['rows'] ?? []) as string[][];
      expect(rows.flat().filter((text) => facts.globex.includes(text))).toEqual([]);
    }
    const all = await run('select content from agent_memory');
    expect(all.result?.['rows']).toHaveLength(3);
    expect((await run('select * from task_queue')).error?.code).toBe('refused');
  });

  it.each(['pulser_app', 'pulser_service', undefined] as const)(
    'are not read by the login %s of Pulser',
    async (role) => {
      const { error } = await search('Lyon', { url: server.url(role) });
      expect(error?.code).toBe('refused');
      expect(error?.message).toContain('sql/login.sql');
    },
  );

  it('are not read by a login that no policy binds', async () => {
    const { error } = await search('Lyon', { url: unbound.url });
    expect(error?.message).toContain('no policy binds the login to a tenant in agent_memory');
  });

  it('of another model are not compared', async () => {
    await server.query('update embedding_model set fingerprint = (select array_agg(-f) from unnest(fingerprint) f)');
    expect((await search('Lyon')).error?.code).toBe('conflict');
    await server.query('update embedding_model set fingerprint = (select array_agg(-f) from unnest(fingerprint) f)');
  });
});
