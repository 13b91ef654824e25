import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

const good = { task_type: 'analytics', payload: { operation: 'query' } };

interface BatchAnswer {
  readonly accepted: number;
  readonly refused: number;
  readonly items: readonly Record<string, unknown>[];
}

describe('submitting a batch', () => {
  let gateway: GatewayUnderTest;
  let client: Client;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client } = await gateway.client());
  });

  const submit = (tasks: unknown, headers: Record<string, string> = {}) =>
    client.call<BatchAnswer>('/api/v1/tasks/batch', { body: { tasks }, headers });

  it('answers each item in its place, and a bad one does not refuse the others', async () => {
    const bad = { task_type: 'analytics', payload: { operation: 'query' }, colour: 'red' };
    const answer = await submit([good, bad, { ...good, task_type: 'testing' }, 7, { ...good, priority: 'high' }]);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      accepted: 2,
      refused: 3,
      items: [
        { status: 'queued', links: {} },
        { code: 'invalid_request', status: 400, errors: [{ pointer: '/tasks/1/colour', detail: 'Unknown field' }] },
        { code: 'task_type_not_served', status: 422, served: ['analytics', 'data_pipeline'] },
        { code: 'invalid_request', errors: [{ pointer: '/tasks/3' }] },
        { status: 'queued' },
      ],
    });
    const unfit = await submit([good, { ...good, payload: { operation: 'guess' } }]);
    expect(unfit.body.items[1]).toMatchObject({ status: 422, errors: [{ pointer: '/tasks/1/payload/operation' }] });
    const last = await client.get(`/api/v1/tasks/${String(answer.body.items[4]?.['task_id'])}`);
    expect(last.body).toMatchObject({ priority: 'high' });
  });

  it('inserts a thousand tasks with one statement and tells of them with one message', async () => {
    const listener = await Listener.start(gateway.broker);
    const heard = await listener.hear('tasks.submitted');
    const answer = await submit(
      Array.from({ length: 1_000 }, (_, n) => ({ ...good, payload: { operation: 'query', n } })),
    );
    const ids = answer.body.items.map(({ task_id }) => task_id);
    expect(new Set(ids).size).toBe(1_000);
    const moments = await gateway.database.query(
      'select distinct created_at from task_queue where task_id = any ($1)',
      [ids],
    );
    expect(moments).toHaveLength(1);
    await eventually(() => {
      expect(heard.map((tasks) => tasks.map(({ task_id }) => task_id))).toContainEqual(ids);
    });
    await listener.stop();
  });

  it('makes no task twice when it is sent again with its key', async () => {
    const headers = { 'idempotency-key': 'batch-1' };
    const first = await submit([good, good], headers);
    const again = await submit([good, good], headers);
    const changed = await submit([good, { ...good, priority: 'low' }], headers);
    expect(again.body).toEqual(first.body);
    expect(changed.body.items).toMatchObject([{ task_id: first.body.items[0]?.['task_id'] }, { status: 409 }]);
  });

  it.each([
    ['no tasks', []],
    ['more than a thousand', Array.from({ length: 1_001 }, () => good)],
    ['no list', good],
  ])('refuses %s', async (_, tasks) => {
    const answer = await submit(tasks);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/tasks' }] });
  });

  it('may have 16 MiB, where a single task may have one', async () => {
    const large = { ...good, payload: { operation: 'query', text: 'x'.repeat(1_000_000) } };
    expect((await submit(Array.from({ length: 16 }, () => large))).body).toMatchObject({ accepted: 16 });
    const tooLarge = await submit(Array.from({ length: 17 }, () => large));
    expect([tooLarge.status, tooLarge.body]).toMatchObject([
      413,
      { code: 'payload_too_large', limit_bytes: 16_777_216 },
    ]);
  });

  it('refuses an item of more than one MiB, and takes the others', async () => {
    const { body } = await submit([good, { ...good, payload: { text: 'x'.repeat(1_048_576) } }]);
    expect(body).toMatchObject({
      accepted: 1,
      refused: 1,
      items: [{}, { status: 413, code: 'payload_too_large', limit_bytes: 1_048_576 }],
    });
  });
});
