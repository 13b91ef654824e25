import type { NewTask } from '@pulser/context-bus';
import type { Priority } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { newTask, RouterUnderTest } from './router-under-test.js';

const plans = (count: number, priority: Priority): NewTask[] => {
  const plan = newTask({ priority });
  return Array.from({ length: count }, () => plan);
};

describe('the order in which tasks start', () => {
  let under: RouterUnderTest;

  afterEach(() => under.stop());

  const windowIsFull = () =>
    eventually(async () => {
      expect(await under.depth('agent.dash')).toBeGreaterThanOrEqual(256);
    });

  it('puts a high task before 10,000 low ones', async () => {
    under = await RouterUnderTest.start();
    for (let n = 0; n < 10; n += 1) await under.submit(plans(1_000, 'low'));
    await windowIsFull();
    const [urgent] = await under.submit(plans(1, 'high'));
    await eventually(async () => {
      expect((await under.dispatch('dash'))?.task_id).toBe(urgent);
    });
  });

  it('lets a low task start though high ones never end', async () => {
    under = await RouterUnderTest.start(1, { PRIORITY_AGING_S: '1' });
    await under.submit(plans(1_000, 'high'));
    const [low] = await under.submit(plans(1, 'low'));
    const started = new Set<string>();
    await eventually(async () => {
      await under.submit(plans(50, 'high'));
      // A worker that takes fewer than there come.
      for (const { task_id } of await under.dispatches('dash', 40)) started.add(task_id);
      expect(started).toContain(low);
    });
  });

  it('does not put the 50 tasks of a tenant behind the 5,000 of another', async () => {
    under = await RouterUnderTest.start();
    for (let n = 0; n < 5; n += 1) await under.submit(plans(1_000, 'medium'));
    await windowIsFull();
    const small = await under.tenant('small');
    await under.submit(plans(50, 'medium'), { tenantId: small });
    // By their first message: nobody runs them here, so each is sent again after some seconds.
    const order = new Map<string, string>();
    await eventually(async () => {
      for (const { task_id, tenant_id } of await under.dispatches('dash')) order.set(task_id, tenant_id);
      // As of a worker that ran them: without one the router sends some hundred every few seconds.
      await under.beat('dash', order.size);
      expect([...order.values()].filter((tenant) => tenant === small)).toHaveLength(50);
    });
    // What was in the queue before goes first; then they take turns.
    expect([...order.values()].lastIndexOf(small)).toBeLessThan(1_500);
  }, 240_000);
});
