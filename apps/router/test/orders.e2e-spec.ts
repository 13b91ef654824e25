import { header } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { order, RouterUnderTest } from './router-under-test.js';

describe('an order over AMQP', () => {
  let under: RouterUnderTest;

  beforeAll(async () => {
    under = await RouterUnderTest.start();
  });

  afterAll(() => under.stop());

  const seen = new Set<string>();

  // Nobody runs the tasks here, so after some seconds each is sent again.
  const nextDispatch = () =>
    eventually(async () => {
      const dispatch = await under.dispatch('dash');
      if (dispatch === undefined || seen.has(dispatch.task_id)) throw new Error('No dispatch of a new task came');
      seen.add(dispatch.task_id);
      return dispatch;
    });

  const deadLetter = () =>
    eventually(async () => {
      const [row] = await under.server.query<{ reason: string; detail: string; body: string; tenant_id: string }>(
        `delete from dead_letter
         returning reason, error ->> 'message' as detail, convert_from(body, 'UTF8') as body, tenant_id`,
      );
      if (row === undefined) throw new Error('No dead letter came');
      return row;
    });

  it('becomes a task of the tenant of its key, and reaches the agent with its payload and priority', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await under.order({ body: { ...order, priority: 'high' }, headers: { ...under.headers, traceparent } });
    const dispatch = await nextDispatch();
    expect(dispatch).toMatchObject({ tenant_id: under.tenantId, payload: order.payload, priority: 9, traceparent });
    expect(await under.reads.find(under.tenantId, dispatch.task_id)).toMatchObject({
      status: 'queued',
      priority: 'high',
      assignedAgent: 'dash',
      payload: order.payload,
    });
  });

  it('sent twice with one message id is one task', async () => {
    const before = (await under.tasks()).length;
    await under.order({ messageId: 'order-1' });
    await under.order({ messageId: 'order-1' });
    await under.order({ messageId: 'order-2' });
    await nextDispatch();
    await nextDispatch();
    expect(await under.tasks()).toHaveLength(before + 2);
  });

  it('with a used message id and another body is a dead letter that names the task', async () => {
    await under.order({ messageId: 'order-3' });
    const { task_id } = await nextDispatch();
    await under.order({ messageId: 'order-3', body: { ...order, priority: 'low' } });
    expect(await deadLetter()).toMatchObject({
      reason: 'idempotency_conflict',
      detail: expect.stringContaining(task_id) as string,
    });
  });

  it.each([
    ['is not JSON', { body: '{"task_type": "anal' }, 'unparsable'],
    ['has an unknown field', { body: { ...order, prio: 1 } }, 'invalid_message'],
    ['poisons a prototype', { body: '{"task_type":"analytics","payload":{"__proto__":{"a":1}}}' }, 'forbidden_key'],
    ['has an id with a NUL character', { messageId: 'a\u0000b' }, 'invalid_message'],
    ['has headers that pollute', { headers: { [header.apiKey]: 'x', 'constructor.prototype': 'x' } }, 'forbidden_key'],
    ['carries no key', { headers: {} }, 'unauthenticated'],
    ['carries a wrong key', { headers: { [header.apiKey]: 'pulser_wrong' } }, 'unauthenticated'],
    ['is of a type that nobody serves', { body: { ...order, task_type: 'testing' } }, 'task_type_not_served'],
  ])('that %s lands in the dead letters as it came, with the reason', async (_case, wrong, reason) => {
    const before = (await under.tasks()).length;
    await under.order(wrong);
    const found = await deadLetter();
    expect(found).toMatchObject({ reason });
    const sent = 'body' in wrong ? wrong.body : order;
    expect(found.body).toBe(typeof sent === 'string' ? sent : JSON.stringify(sent));
    expect(await under.tasks()).toHaveLength(before);
  });

  describe('that claims to be of another tenant than its key', () => {
    const claim = (name: string) => (victim: string) => ({ headers: { ...under.headers, [name]: victim } });

    it.each([
      ['its header', claim(header.tenant), 'unauthenticated'],
      ['a header of a name that others use', claim('x-tenant-id'), 'unauthenticated'],
      ['its body', (victim: string) => ({ body: { ...order, tenant_id: victim } }), 'invalid_message'],
    ])(
      'in %s is refused: a dead letter of the tenant of the key, and a task of nobody',
      async (_where, forged, reason) => {
        const victim = await under.tenant('victim');
        const before = (await under.tasks()).length;
        await under.order(forged(victim));
        expect(await deadLetter()).toMatchObject({ reason, tenant_id: under.tenantId });
        expect(await under.server.query('select from task_queue where tenant_id = $1', [victim])).toEqual([]);
        expect(await under.tasks()).toHaveLength(before);
      },
    );

    it('is accepted when the claim is true', async () => {
      await under.order(claim('x-tenant-id')(under.tenantId));
      expect(await nextDispatch()).toMatchObject({ tenant_id: under.tenantId });
    });
  });

  it.each([
    ['a viewer', { role: 'viewer', allowedTaskTypes: null }, 'forbidden', 'Its role is viewer'],
    [
      'a producer of other types',
      { role: 'operator', allowedTaskTypes: ['testing'] },
      'forbidden_task_type',
      'testing',
    ],
  ] as const)('from %s lands in the dead letters', async (_, grant, reason, detail) => {
    const key = await under.keyFor({ name: 'producer', expiresInS: null, ...grant });
    const before = (await under.tasks()).length;
    await under.order({ headers: { [header.apiKey]: key } });
    expect(await deadLetter()).toMatchObject({ reason, detail: expect.stringContaining(detail) as string });
    expect(await under.tasks()).toHaveLength(before);
  });

  it('from a producer of its type becomes a task', async () => {
    const key = await under.keyFor({
      name: 'producer',
      role: 'operator',
      allowedTaskTypes: ['analytics'],
      expiresInS: null,
    });
    await under.order({ headers: { [header.apiKey]: key } });
    expect(await nextDispatch()).toMatchObject({ tenant_id: under.tenantId });
  });

  it('for later waits until then', async () => {
    const runAt = new Date(Date.now() + 1_500);
    await under.order({ body: { ...order, run_at: runAt.toISOString() } });
    const dispatch = await nextDispatch();
    expect(Date.now()).toBeGreaterThanOrEqual(runAt.getTime() - 50);
    expect(dispatch.payload).toEqual(order.payload);
  });

  it('is refused once its key is revoked', async () => {
    const key = await under.keyFor({ name: 'leaver', role: 'operator', allowedTaskTypes: null, expiresInS: null });
    const headers = { [header.apiKey]: key };
    await under.order({ headers });
    await nextDispatch();
    await under.server.query(`update api_key set revoked_at = now() where name = 'leaver'`);
    const revoked = performance.now();
    // Longer than the router knows a key again.
    await eventually(() => {
      expect(performance.now() - revoked).toBeGreaterThan(1_000);
    });
    await under.order({ headers });
    expect(await deadLetter()).toMatchObject({ reason: 'unauthenticated' });
  });
});
