import { eventually } from '@pulser/testing';

import { Agents, TaskClaims, TaskInserts } from '../src/index.js';
import { memory, MemoryLife, nearest } from './memory-life.js';

const facts = [
  'The warehouse in Lyon is closed in the last week of June.',
  'Maria approves payments above ten thousand euros.',
  'The nightly export fails when the disk is full.',
  'Customers in Japan want dates with the year first.',
];

describe('memories', () => {
  let life: MemoryLife;

  beforeAll(async () => {
    life = await MemoryLife.start();
  });

  beforeEach(() => life.server.query('delete from agent_memory'));

  afterAll(() => life.stop());

  const contents = async (text: string, more: Parameters<typeof found>[1] = {}): Promise<string[]> =>
    (await found(text, more)).map(({ content }) => content);

  const found = async (
    text: string,
    { tenant = life.acme, filter = {}, order = {} }: { tenant?: string; filter?: object; order?: object } = {},
  ) => (await life.gateway.memories.search(tenant, { text, filter, order: { ...nearest, ...order } })).hits;

  it('are found by meaning, best first, by whoever uses the same database', async () => {
    await life.router.memories.remember(
      life.acme,
      facts.map((fact) => memory(fact)),
    );
    const hits = await found('When can the French depot not ship?');
    expect(hits[0]).toMatchObject({ content: facts[0], passage: facts[0], trust: 'observed' });
    expect(hits).toHaveLength(4);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
    expect(await contents('Who signs large transfers?', { order: { limit: 1 } })).toEqual([facts[1]]);
    expect(await contents('bicycle', { order: { minScore: 0.9 } })).toEqual([]);
  });

  it('are one when the same is said again, with the newer facts; what a person stated stays stated', async () => {
    const [first] = await life.gateway.memories.remember(life.acme, [memory('Blue.', { trust: 'stated' })]);
    const [again, other, twice] = await life.gateway.memories.remember(life.acme, [
      memory('Blue.', { trust: 'derived', metadata: { n: 2 } }),
      memory('Blue.', { subject: 'sky' }),
      memory('Blue.', { trust: 'derived', metadata: { n: 2 } }),
    ]);
    expect(again).toMatchObject({ memoryId: first?.memoryId, trust: 'stated', metadata: { n: 2 } });
    expect(twice?.memoryId).toBe(first?.memoryId);
    expect(other?.memoryId).not.toBe(first?.memoryId);
    expect(await life.rows()).toEqual({ memories: 2, chunks: 2 });
  });

  it('of an agent are found by it and by the tenant, shared ones by every agent', async () => {
    await life.gateway.memories.remember(life.acme, [
      memory('Shared: the sky is blue.'),
      memory('Of dash: the sky is grey.', { agent: 'dash' }),
      memory('Of maya: the sky is red.', { agent: 'maya' }),
    ]);
    const of = async (filter: object) => (await contents('sky', { filter })).map((text) => text.split(':')[0]).sort();
    expect(await of({ seenBy: 'dash' })).toEqual(['Of dash', 'Shared']);
    expect(await of({ seenBy: 'echo' })).toEqual(['Shared']);
    expect(await of({ agent: 'maya' })).toEqual(['Of maya']);
    expect(await of({})).toEqual(['Of dash', 'Of maya', 'Shared']);
  });

  it('are filtered by type, subject, trust and time', async () => {
    await life.gateway.memories.remember(life.acme, [
      memory('one', { type: 'preference', subject: 'ann', trust: 'stated' }),
      memory('two', { type: 'fact', subject: 'bob', trust: 'derived' }),
    ]);
    await life.server.query(`update agent_memory set created_at = now() - interval '10 days' where content = 'two'`);
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
    for (const [filter, wanted] of [
      [{ type: 'preference' }, 'one'],
      [{ subject: 'bob' }, 'two'],
      [{ trust: 'stated' }, 'one'],
      [{ createdBefore: day(5) }, 'two'],
      [{ createdAfter: day(5) }, 'one'],
    ] as const) {
      expect(await contents('number', { filter })).toEqual([wanted]);
      expect((await life.gateway.reads.page(life.acme, filter, 10)).map(({ content }) => content)).toEqual([wanted]);
    }
    expect(await contents('number', { filter: { type: 'fact', subject: 'ann' } })).toEqual([]);
  });

  it('that are newer come first as far as it is asked for', async () => {
    await life.gateway.memories.remember(life.acme, [
      memory('The office is in Berlin.'),
      memory('The office moved to a new place.'),
    ]);
    await life.server.query(
      `update agent_memory set created_at = now() - interval '60 days' where content like '%Berlin%'`,
    );
    const question = 'Is the office in Berlin?';
    expect((await contents(question))[0]).toBe('The office is in Berlin.');
    const [first, second] = await found(question, { order: { recencyWeight: 0.8 } });
    expect(first?.content).toBe('The office moved to a new place.');
    // Two half lives.
    expect(second?.score).toBeCloseTo(0.2 * (second?.similarity ?? 0) + 0.8 * 0.25, 3);
  });

  it('are those of the tenant alone', async () => {
    const [kept] = await life.gateway.memories.remember(life.acme, [memory('Only for acme.')]);
    expect(await contents('acme', { tenant: life.umbrella })).toEqual([]);
    expect(await life.gateway.reads.page(life.umbrella, {}, 10)).toEqual([]);
    expect(await life.gateway.memories.forget(life.umbrella, { ids: [kept?.memoryId ?? ''] })).toBe(0);
    const [same] = await life.gateway.memories.remember(life.umbrella, [memory('Only for acme.')]);
    expect(same?.memoryId).not.toBe(kept?.memoryId);
    expect(await life.gateway.reads.coverage(life.umbrella)).toMatchObject({ memories: 1, models: [{ embedded: 1 }] });
  });

  it('end by themselves: nobody finds them from that moment on, and the router removes them', async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await life.gateway.memories.remember(life.acme, [memory('for now', { expiresAt: later }), memory('for good')]);
    expect(await contents('for')).toHaveLength(2);
    await life.server.query(
      `update agent_memory set expires_at = now() + interval '300 ms' where expires_at is not null`,
    );
    await eventually(async () => {
      expect(await contents('for')).toEqual(['for good']);
    });
    expect(await life.gateway.reads.page(life.acme, {}, 10)).toHaveLength(1);
    expect(await life.router.upkeep.dropExpired(10)).toBe(1);
    expect(await life.rows()).toEqual({ memories: 1, chunks: 1 });
  });

  it.each([
    ['a subject', { subject: 'ann' }, 2],
    ['an agent', { agent: 'dash' }, 1],
    ['a type', { type: 'preference' }, 1],
    ['an age', { olderThan: new Date(Date.now() + 60_000).toISOString() }, 4],
    ['an age that none has', { olderThan: '2020-01-01T00:00:00Z' }, 0],
    ['all of several', { subject: 'ann', type: 'preference' }, 1],
  ])('are forgotten by %s, with every vector', async (_, which, count) => {
    await life.gateway.memories.remember(life.acme, [
      memory('one', { subject: 'ann' }),
      memory('two', { subject: 'ann', type: 'preference' }),
      memory('three', { agent: 'dash' }),
      memory('four'),
    ]);
    expect(await life.gateway.memories.forget(life.acme, which)).toBe(count);
    expect(await life.rows()).toEqual({ memories: 4 - count, chunks: 4 - count });
  });

  it('that were forgotten take no place in the tables once these are vacuumed, which is due at the first one', async () => {
    const many = Array.from({ length: 200 }, (_, n) => memory(`Note ${n} about ann.`, { subject: 'ann' }));
    await life.gateway.writes.keep(
      life.acme,
      many.map((one) => ({ memory: one })),
    );
    await life.gateway.memories.remember(life.acme, [memory('Ann is on leave.', { subject: 'ann' })]);
    expect(await life.gateway.memories.forget(life.acme, { subject: 'ann' })).toBe(201);
    const settings = await life.server.query<{ options: string[] }>(
      `select reloptions as options from pg_class where oid in ('agent_memory'::regclass, 'memory_chunk'::regclass)`,
    );
    for (const { options } of settings) expect(options).toContain('autovacuum_vacuum_threshold=0');
    await eventually(async () => {
      await life.server.query('vacuum agent_memory');
      await life.server.query('vacuum memory_chunk');
      expect(
        await life.server.query(
          `select pg_relation_size('agent_memory')::int as memories, pg_relation_size('memory_chunk')::int as chunks`,
        ),
      ).toEqual([{ memories: 0, chunks: 0 }]);
    });
  });

  it('of an attempt are written while it has its task, and not afterwards', async () => {
    const { database } = life.router;
    const task_types = [{ task_type: 'analytics' }];
    await new Agents(database).register({ agent: 'dash', version: '1', task_types, operations: [] });
    const [task] = await new TaskInserts(database).insertAll(life.acme, [
      { task_type: 'analytics', priority: 'medium', agent: 'dash', max_attempts: 3, payload: {} },
    ]);
    const taskId = task?.taskId ?? '';
    const claims = new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
    const claim = await claims.claim({ tenantId: life.acme, taskId, dispatchId: 1, wantsPayload: false });
    if (claim === undefined) throw new Error('not claimed');
    const [kept] = await life.router.memories.remember(life.acme, [memory('noted')], claim);
    expect(kept).toMatchObject({ sourceTaskId: taskId });
    const late = { ...claim, epoch: claim.epoch - 1 };
    expect(await life.router.memories.remember(life.acme, [memory('too late')], late)).toEqual([]);
    expect(await life.router.memories.forget(life.acme, { type: 'fact' }, late)).toBe(0);
    expect(await life.rows()).toEqual({ memories: 1, chunks: 1 });
    expect(await life.router.memories.forget(life.acme, { type: 'fact' }, claim)).toBe(1);
  });

  it('that are long are found by what stands at their end, once they are embedded', async () => {
    const filler = Array.from({ length: 40 }, (_, n) => `Paragraph ${n} is about the weather in the mountains. `).join(
      '',
    );
    const some = `${filler}The vault code of the museum is kept by the night guard.`;
    const much = `${filler.repeat(6)}The telescope on the roof needs a new lens.`;
    const [one, other] = await life.gateway.memories.remember(life.acme, [memory(some), memory(much)]);
    expect(one?.modelId).not.toBeNull();
    expect(other?.modelId).toBeNull();
    const [guard] = await found('Who knows the secret number of the museum safe?');
    expect(guard?.content).toBe(some);
    expect(guard?.passage).toContain('night guard');
    expect(guard?.passage.length).toBeLessThan(1_500);

    expect(await contents('telescope lens')).toEqual([some]);
    expect(await life.router.upkeep.embedMissing(10)).toBe(1);
    expect(await life.router.upkeep.embedMissing(10)).toBe(0);
    const [lens] = await found('telescope lens');
    expect(lens?.passage).toContain('telescope');
  });
});
