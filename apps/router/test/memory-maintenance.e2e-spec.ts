import { eventually } from '@pulser/testing';

import { RouterUnderTest } from './router-under-test.js';

describe('the memories of an installation', () => {
  let under: RouterUnderTest;

  beforeAll(async () => {
    under = await RouterUnderTest.start();
  });

  afterAll(() => under.stop());

  it('are embedded by the router where nobody has, removed when they have expired, and get an index', async () => {
    await under.server.query(
      `insert into agent_memory (tenant_id, agent_name, memory_type, content, expires_at)
       select $1, null, 'fact', 'Number ' || n, case n when 3 then now() end from generate_series(1, 3) n`,
      [under.tenantId],
    );
    await eventually(async () => {
      const rows = await under.server.query<{ content: string; chunks: number }>(
        `select content, (select count(*)::int from memory_chunk c where c.memory_id = m.memory_id) as chunks
           from agent_memory m order by content`,
      );
      expect(rows).toEqual([
        { content: 'Number 1', chunks: 1 },
        { content: 'Number 2', chunks: 1 },
      ]);
    });
    await eventually(async () => {
      expect(await under.server.query('select name, dimensions, indexed from embedding_model')).toEqual([
        { name: 'all-MiniLM-L6-v2', dimensions: 384, indexed: true },
      ]);
    });
  });
});
