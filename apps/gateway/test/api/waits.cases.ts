import { type AwaitedThing } from '@pulser/context-bus';
import { type AcceptedSignal, type Explanation, maxSignalBytes, type TaskWaitsView } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const forSignal: AwaitedThing = { key: 'start', kind: 'signal', ref: 'go', onLimit: 'fail' };

describe('signals and waits', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeEach(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client(`waits-${crypto.randomUUID()}`));
  });

  const signal = (taskId: string, name: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) =>
    client.call<AcceptedSignal>(`/api/v1/tasks/${taskId}/signals/${name}`, {
      method: 'POST',
      headers,
      body,
    });

  const waits = async (taskId: string) => (await client.get<TaskWaitsView>(`/api/v1/tasks/${taskId}/waits`)).body;

  const waiting = async (wait: AwaitedThing = forSignal): Promise<string> => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    await gateway.worker.results.suspend(claim, { timeLimitMs: 3_600_000, wait });
    return taskId;
  };

  it('wakes the task that waits for it, and is shown with its wait', async () => {
    const taskId = await waiting();
    expect(await waits(taskId)).toMatchObject({
      waits: [{ key: 'start', kind: 'signal', name: 'go', is_current: true, satisfied_at: null }],
      signals: [],
    });
    const { body } = await client.get<Explanation>(`/api/v1/tasks/${taskId}/explain`);
    expect(body).toMatchObject({ reason: 'waiting', data: { kind: 'signal', name: 'go', key: 'start' } });
    expect(body.sentence).toMatch(/^It waits for the signal go; otherwise it fails at .*, in (59|60) min\.$/);

    expect(await signal(taskId, 'other')).toMatchObject({ status: 202, body: { name: 'other', woken: false } });
    expect(await signal(taskId, 'go', { speed: 3 })).toMatchObject({ status: 202, body: { name: 'go', woken: true } });
    expect((await client.get(`/api/v1/tasks/${taskId}`)).body).toMatchObject({ status: 'queued' });
    expect((await waits(taskId)).signals.map(({ name }) => name)).toEqual(['go', 'other']);
  });

  it('is one signal for an Idempotency-Key, and another body is a conflict', async () => {
    const taskId = await client.submit();
    const headers = { 'idempotency-key': 'a' };
    const first = await signal(taskId, 'go', { n: 1 }, headers);
    expect((await signal(taskId, 'go', { n: 1 }, headers)).body).toEqual(first.body);
    expect(await signal(taskId, 'go', { n: 2 }, headers)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
    expect((await waits(taskId)).signals).toHaveLength(1);
  });

  it('is refused when it is too large, for a task that has ended, and under no name', async () => {
    const taskId = await client.submit();
    const large = await signal(taskId, 'go', { text: 'x'.repeat(maxSignalBytes) });
    expect(large).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    expect(await signal(taskId, 'GO')).toMatchObject({ status: 404 });
    await client.call(`/api/v1/tasks/${taskId}/cancel`, { method: 'POST' });
    expect(await signal(taskId, 'go')).toMatchObject({ status: 409, body: { task_status: 'cancelled' } });
  });

  it('says which children a task waits for', async () => {
    const parent = await client.submit();
    const claim = await gateway.worker.claim(tenantId, parent);
    const inserted = await gateway.worker.children(tenantId, parent, 3);
    const wait: AwaitedThing = { key: 'all', kind: 'children', refs: inserted, onLimit: 'fail' };
    await gateway.worker.results.suspend(claim, { timeLimitMs: 3_600_000, wait });
    expect(await waits(parent)).toMatchObject({
      waits: [{ kind: 'children', children: inserted }],
      children: { total: 3, awaited: 3, open: 3 },
    });
    const { body } = await client.get<Explanation>(`/api/v1/tasks/${parent}/explain`);
    expect(body.sentence).toMatch(/^It waits for 3 of 3 children to end; otherwise it fails at /);
  });
});
