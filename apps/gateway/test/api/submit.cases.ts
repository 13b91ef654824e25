import { eventually } from '@pulser/testing';

import type { GatewayUnderTest } from '../gateway-under-test.js';
import type { Client } from '../client.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

const body = { task_type: 'analytics', payload: { operation: 'query', sql: 'select 1' } };

describe('submitting a task', () => {
  let gateway: GatewayUnderTest;
  let listener: Listener;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    listener = await Listener.start(gateway.broker);
    ({ client, tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await listener.stop();
  });

  const submit = (call: object = {}, headers: Record<string, string> = {}) =>
    client.call<{ task_id: string }>('/api/v1/tasks', { body: { ...body, ...call }, headers });

  it('answers 202 with the id of a task that is in the database, and where it is', async () => {
    const answer = await submit();
    const { task_id } = answer.body;
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/tasks/${task_id}`);
    expect(answer.body).toEqual({
      task_id,
      status: 'queued',
      links: { self: `/api/v1/tasks/${task_id}`, events: `/api/v1/tasks/${task_id}/events` },
    });
    const rows = await gateway.database.query('select * from task_queue where task_id = $1', [task_id]);
    expect(rows).toMatchObject([
      { tenant_id: tenantId, assigned_agent: 'dash', priority: 'medium', max_attempts: 4, payload: body.payload },
    ]);
  });

  it('tells the router with the payload and the trace, one message an insert', async () => {
    const heard = await listener.hear('tasks.submitted');
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => (await submit({}, { traceparent })).body.task_id),
    );
    const mine = await eventually(() => {
      const own = heard.filter(([first]) => first?.tenant_id === tenantId);
      expect(new Set(own.flat().map(({ task_id }) => task_id))).toEqual(new Set(ids));
      return own;
    });
    expect(mine.length).toBeLessThan(50);
    expect(mine.flat()[0]).toMatchObject({
      task_type: 'analytics',
      priority: 'medium',
      payload: body.payload,
      traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c') as string,
    });
  });

  it('keeps a task for later to itself until its time', async () => {
    const heard = await listener.hear('tasks.submitted');
    const later = await submit({ run_at: '2099-01-01T00:00:00Z' });
    const now = await submit();
    expect(later.body).toMatchObject({ status: 'scheduled' });
    await eventually(() => {
      expect(heard.flat().map(({ task_id }) => task_id)).toContain(now.body.task_id);
    });
    expect(heard.flat().map(({ task_id }) => task_id)).not.toContain(later.body.task_id);
  });

  it('says which task types are served when nobody serves the one that was wanted', async () => {
    const answer = await submit({ task_type: 'infrastructure' });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: 'task_type_not_served',
      served: ['analytics', 'data_pipeline'],
    });
  });

  it('makes one task of a submission that is sent again with its key', async () => {
    const first = await submit({}, { 'idempotency-key': 'report-1' });
    const again = await submit({}, { 'idempotency-key': 'report-1' });
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.task_id).toBe(first.body.task_id);
  });

  it('knows the same body again whatever the order of its keys', async () => {
    const one = '{"task_type":"analytics","payload":{"operation":"query","a":1,"b":{"c":2,"d":3}}}';
    const other =
      '{"payload":{"b":{"d":3,"c":2},"a":1,"operation":"query"},"priority":"medium","task_type":"analytics"}';
    const headers = { 'idempotency-key': 'report-2' };
    const first = await client.call('/api/v1/tasks', { body: one, headers });
    const again = await client.call('/api/v1/tasks', { body: other, headers });
    expect(again.body).toEqual(first.body);
  });

  it('knows the same body again however its time is spelled, and keeps the very instant', async () => {
    const spelled = [
      '2099-01-01T00:00:00Z',
      '2099-01-01t00:00:00.000z',
      '2099-01-01T05:30:00+05:30',
      '2098-12-31T19:00:00.0-05:00',
    ];
    const headers = { 'idempotency-key': 'report-5' };
    const answers = [];
    for (const run_at of spelled) answers.push(await submit({ run_at }, headers));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(answers.map((answer) => answer.body.task_id)).size).toBe(1);
    const task = await client.get(`/api/v1/tasks/${answers[0]?.body.task_id ?? ''}`);
    expect(task.body).toMatchObject({ timings: { run_at: '2099-01-01T00:00:00.000Z' } });
    expect((await submit({ run_at: '2099-01-01T00:00:00.001Z' }, headers)).status).toBe(409);
  });

  it('shows the last instants there are with four digits of the year', async () => {
    const { body: task } = await submit({ run_at: '9999-12-31T23:59:00.9999999Z', deadline_s: 58 });
    const { body: shown } = await client.get(`/api/v1/tasks/${task.task_id}`);
    const { run_at, deadline_at } = shown['timings'] as Record<string, string>;
    expect([run_at, deadline_at]).toEqual(['9999-12-31T23:59:00.999Z', '9999-12-31T23:59:58.999Z']);
  });

  it('refuses a key that was used with another body', async () => {
    await submit({}, { 'idempotency-key': 'report-3' });
    const other = await submit({ priority: 'high' }, { 'idempotency-key': 'report-3' });
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('makes one task of many submissions at once with one key', async () => {
    const headers = { 'idempotency-key': 'report-4' };
    const answers = await Promise.all(Array.from({ length: 100 }, () => submit({}, headers)));
    expect(new Set(answers.map((answer) => answer.body.task_id)).size).toBe(1);
    expect(answers.filter((answer) => !answer.headers.has('idempotent-replayed'))).toHaveLength(1);
  });

  it.each(['', 'a b', 'é', 'x'.repeat(201)])('refuses the idempotency key %j', async (key) => {
    const answer = await submit({}, { 'idempotency-key': key });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ pointer: '/Idempotency-Key' }] });
  });

  it('counts submissions by task type and what became of them', async () => {
    const metrics = await (await gateway.stranger.fetch('/metrics')).text();
    for (const outcome of ['created', 'existing', 'conflict']) {
      const line = new RegExp(`pulser_tasks_submitted_total\\{task_type="analytics",outcome="${outcome}"\\} [1-9]`);
      expect(metrics).toMatch(line);
    }
    expect(metrics).toMatch(/pulser_tasks_submitted_total\{task_type="infrastructure",outcome="refused"\} 1\n/);
  });
});
