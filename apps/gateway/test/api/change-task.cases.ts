import type { AuditPage, TaskView } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const far = '2099-01-01T00:00:00.000Z';
const farther = '2099-01-02T00:00:00.000Z';

describe('changing a task', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeEach(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client(`change-${crypto.randomUUID()}`));
  });

  const patch = (taskId: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    client.call<TaskView>(`/api/v1/tasks/${taskId}`, { method: 'PATCH', body, headers });

  const get = (taskId: string) => client.get<TaskView>(`/api/v1/tasks/${taskId}`);

  const audited = async (): Promise<string[]> =>
    (await client.get<AuditPage>('/api/v1/audit')).body.entries
      .filter(({ action }) => action === 'task.changed')
      .flatMap(({ targets }) => targets);

  it('gives it another priority, start and deadline, and stands in the audit trail', async () => {
    const taskId = await client.submit({ run_at: far, deadline_s: 60, priority: 'low' });
    const changed = await patch(taskId, {
      priority: 'high',
      run_at: farther,
      deadline_at: '2099-01-03T01:00:00+01:00',
    });
    expect([changed.status, changed.body]).toMatchObject([
      200,
      {
        status: 'scheduled',
        priority: 'high',
        timings: { run_at: farther, deadline_at: '2099-01-03T00:00:00.000Z' },
        payload: { operation: 'query' },
      },
    ]);
    const read = await get(taskId);
    expect(read.body).toEqual(changed.body);
    expect(read.headers.get('etag')).toBe(changed.headers.get('etag'));
    expect(await audited()).toEqual([taskId]);
    const list = (await client.get<{ tasks: { task_id: string }[] }>('/api/v1/tasks?priority=high&status=scheduled'))
      .body;
    expect(list.tasks.map(({ task_id }) => task_id)).toEqual([taskId]);
    expect((await client.get('/api/v1/tasks?priority=low')).body).toMatchObject({ tasks: [] });
  });

  it('leaves what is missing, removes what is null, and writes nothing when nothing changes', async () => {
    const taskId = await client.submit({ run_at: far, deadline_s: 60 });
    const { etag } = Object.fromEntries((await get(taskId)).headers);
    expect((await patch(taskId, {})).headers.get('etag')).toBe(etag);
    expect((await patch(taskId, { run_at: far, priority: 'medium' })).headers.get('etag')).toBe(etag);
    expect(await audited()).toEqual([]);
    expect((await patch(taskId, { deadline_at: null })).body.timings).toMatchObject({ run_at: far, deadline_at: null });
    expect((await patch(taskId, { run_at: null })).body).toMatchObject({ status: 'queued', timings: { run_at: null } });
    expect((await patch(taskId, { run_at: far })).body).toMatchObject({
      status: 'scheduled',
      timings: { run_at: far },
    });
  });

  it('is for the version that was read', async () => {
    const taskId = await client.submit({ run_at: far });
    const first = (await get(taskId)).headers.get('etag') ?? '';
    const second = (await patch(taskId, { priority: 'high' }, { 'if-match': first })).headers.get('etag') ?? '';
    expect(second).not.toBe(first);
    const late = await patch(taskId, { priority: 'low' }, { 'if-match': first });
    expect([late.status, late.body]).toMatchObject([412, { code: 'precondition_failed', etag: second }]);
    expect((await patch(taskId, { priority: 'low' }, { 'if-match': `W/${second}` })).status).toBe(412);
    expect((await patch(taskId, { priority: 'low' }, { 'if-match': `"x", ${second}` })).status).toBe(200);
    expect((await patch(taskId, { priority: 'high' }, { 'if-match': '*' })).status).toBe(200);
  });

  it('is refused, with the state, when it runs or has ended', async () => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const running = await patch(taskId, { priority: 'high' });
    expect([running.status, running.body]).toMatchObject([409, { code: 'conflict', task_status: 'running' }]);
    await gateway.worker.results.complete(claim, {});
    const ended = await patch(taskId, { priority: 'high' });
    expect([ended.status, ended.body]).toMatchObject([409, { code: 'conflict', task_status: 'completed' }]);
    expect(await audited()).toEqual([]);
  });

  it('puts off one whose message is on its way: no worker gets it before', async () => {
    const taskId = await client.submit();
    expect((await patch(taskId, { run_at: far })).body.status).toBe('scheduled');
    await expect(gateway.worker.claim(tenantId, taskId)).rejects.toThrow();
    expect((await patch(taskId, { run_at: null })).body.status).toBe('queued');
    const claim = await gateway.worker.claim(tenantId, taskId);
    expect(await gateway.worker.results.complete(claim, {})).toBe(true);
  });

  it.each([
    [{ priority: 'urgent' }, '/priority'],
    [{ priority: null }, '/priority'],
    [{ run_at: 'tomorrow' }, '/run_at'],
    [{ deadline_at: '2020-01-01T00:00:00Z' }, '/deadline_at'],
    [{ deadline_at: '2098-01-01T00:00:00Z' }, '/deadline_at'],
    [{ deadline_s: 7 }, '/deadline_s'],
    [{ payload: {} }, '/payload'],
  ])('refuses %j', async (body, pointer) => {
    const answer = await patch(await client.submit({ run_at: far }), body);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer }] }]);
  });
});
