import type { MemoryCoverage, MemoryHits, MemoryPage, MemoryView, Problem } from '@pulser/contracts';

import type { Answer, Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const facts = [
  { type: 'fact', subject: 'lyon', content: 'The warehouse in Lyon is closed in the last week of June.' },
  { type: 'rule', subject: 'payments', content: 'Maria approves payments above ten thousand euros.' },
  { type: 'fact', subject: 'export', content: 'The nightly export fails when the disk is full.', agent: 'dash' },
];

describe('memories', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let stranger: Client;
  let ids: string[];

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    const tenant = `tenant-${crypto.randomUUID()}`;
    ({ client } = await gateway.client(tenant));
    ({ client: stranger } = await gateway.client(`${tenant}-other`));
    ids = [];
    for (const body of facts) {
      const { status, body: kept } = await client.call<MemoryView>('/api/v1/memories', { body });
      expect(status).toBe(201);
      ids.push(kept.memory_id);
    }
  });

  const search = (body: object, by = client): Promise<Answer<MemoryHits>> =>
    by.call<MemoryHits>('/api/v1/memories/search', { body });
  const remove = <T = { forgotten: number }>(path: string, by = client): Promise<Answer<T>> =>
    by.call<T>(`/api/v1/memories${path}`, { method: 'DELETE' });

  it('are found by meaning, with what is known of them', async () => {
    const { status, body } = await search({ text: 'When can the French depot not ship?', limit: 1 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: 'all-MiniLM-L6-v2', search: 'exact' });
    expect(body.hits).toEqual([
      {
        ...facts[0],
        memory_id: ids[0],
        agent: null,
        trust: 'stated',
        metadata: {},
        source_task_id: null,
        embedded: true,
        created_at: expect.any(String) as string,
        expires_at: null,
        score: expect.any(Number) as number,
        similarity: body.hits[0]?.score,
        passage: facts[0]?.content,
      },
    ]);
  });

  it('are found by filters, too, and none is found by another tenant', async () => {
    const found = async (more: object, by = client) =>
      (await search({ text: 'something', ...more }, by)).body.hits.map(({ memory_id: id }) => id).sort();
    expect(await found({})).toEqual([...ids].sort());
    expect(await found({ agent: 'dash' })).toEqual([ids[2]]);
    expect(await found({ subject: 'lyon' })).toEqual([ids[0]]);
    expect(await found({ type: 'rule', trust: 'stated' })).toEqual([ids[1]]);
    expect(await found({ trust: 'derived' })).toEqual([]);
    expect(await found({ created_before: '2020-01-01T00:00:00Z' })).toEqual([]);
    expect(await found({}, stranger)).toEqual([]);
  });

  it('are listed newest first, page by page', async () => {
    const first = (await client.get<MemoryPage>('/api/v1/memories?limit=2')).body;
    const second = (await client.get<MemoryPage>(`/api/v1/memories?limit=2&cursor=${first.next_cursor ?? ''}`)).body;
    const listed = [...first.memories, ...second.memories].map(({ memory_id: id }) => id);
    expect(listed).toEqual([...ids].reverse());
    expect(second.next_cursor).toBeNull();
    expect((await client.get<MemoryPage>('/api/v1/memories?agent=dash')).body.memories).toHaveLength(1);
    expect((await client.get<MemoryView>(`/api/v1/memories/${ids[0] ?? ''}`)).body).toMatchObject(facts[0] ?? {});
  });

  it('are forgotten one by one, or by subject, agent and age, and leave no row', async () => {
    expect((await remove(`/${ids[0] ?? ''}`)).body).toEqual({ forgotten: 1 });
    expect((await remove(`/${ids[0] ?? ''}`)).status).toBe(404);
    expect((await remove('?subject=payments')).body).toEqual({ forgotten: 1 });
    expect((await remove('?older_than=2020-01-01T00:00:00Z')).body).toEqual({ forgotten: 0 });
    expect((await remove('?older_than=2100-01-01T00:00:00Z', stranger)).body).toEqual({ forgotten: 0 });
    expect((await remove('?agent=dash')).body).toEqual({ forgotten: 1 });
    const rows = await gateway.database.query(
      `select from agent_memory where memory_id = any($1) union all select from memory_chunk where memory_id = any($1)`,
      [ids],
    );
    expect(rows).toHaveLength(0);
  });

  it('are never forgotten all because a filter was left out', async () => {
    const { status, body } = await remove<Problem>('');
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(JSON.stringify(body.errors)).toContain('Say which: subject, type, agent or older_than');
    expect((await client.get<MemoryPage>('/api/v1/memories')).body.memories).toHaveLength(3);
  });

  it('say which embedding model finds how many of them', async () => {
    const coverage = (await client.get<MemoryCoverage>('/api/v1/memories/models')).body;
    const current = { model: 'all-MiniLM-L6-v2', dimensions: 384, current: true };
    expect(coverage).toEqual({ memories: 3, models: [{ ...current, embedded: 3, coverage: 1 }] });
    const nothing = (await stranger.get<MemoryCoverage>('/api/v1/memories/models')).body;
    expect(nothing).toEqual({ memories: 0, models: [{ ...current, embedded: 0, coverage: 1 }] });
  });

  it.each([
    [{ type: 'Fact', content: 'x' }, '/type'],
    [{ type: 'fact', content: ' ' }, '/content'],
    [{ type: 'fact', content: 'x'.repeat(32_001) }, '/content'],
    [{ type: 'fact', content: 'x', trust: 'certain' }, '/trust'],
    [{ type: 'fact', content: 'x', expires_at: 'tomorrow' }, '/expires_at'],
    [{ type: 'fact', content: 'x', vector: [1] }, '/vector'],
  ])('that cannot be kept are refused with the member that is wrong: %j', async (body, pointer) => {
    const { status, body: problem } = await client.call<Problem>('/api/v1/memories', { body });
    expect([status, problem.code, problem.errors?.[0]?.pointer]).toEqual([400, 'invalid_request', pointer]);
  });
});
