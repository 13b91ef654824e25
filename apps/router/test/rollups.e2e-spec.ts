import type { RunningService } from '@pulser/service-kit';
import { countMismatches, eventually } from '@pulser/testing';

import { RouterUnderTest } from './router-under-test.js';

describe('two routers', () => {
  let under: RouterUnderTest;
  let router: RunningService;

  beforeAll(async () => {
    under = await RouterUnderTest.start();
    router = await under.addRouter({ PORT: '0' });
  });

  afterAll(() => under.stop());

  const count = async (table: string): Promise<number> => {
    const [row] = await under.server.query<{ rows: number }>(`select count(*)::int as rows from ${table}`);
    return row?.rows ?? 0;
  };

  it('fold what happened into kept counts, once', async () => {
    for (let n = 0; n < 20; n += 1) await under.order();
    await eventually(async () => {
      expect(await count('task_queue')).toBe(20);
      expect(await count('task_delta')).toBe(0);
    });
    expect(await countMismatches((text) => under.server.query(text))).toEqual([]);
    expect(await under.server.query('select agent_name, status, tasks::int from task_count')).toEqual([
      { agent_name: 'dash', status: 'queued', tasks: 20 },
    ]);
  });

  it('say how much is not folded yet', async () => {
    await eventually(async () => {
      const text = await (await fetch(`${router.url ?? ''}/metrics`)).text();
      expect(text).toMatch(/^pulser_rollup_deltas(\{[^}]*\})? 0$/m);
    });
  });
});
