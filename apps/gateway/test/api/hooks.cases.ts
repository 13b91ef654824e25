import { createHmac, randomUUID } from 'node:crypto';

import type { AcceptedHook, FiringPage, HookList, HookView, Problem } from '@pulser/contracts';

import type { Answer, Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/hooks';
const secret = 'a secret of the sender';
const task = { task_type: 'analytics', payload: { operation: 'query' } };
const onRequest = { on: { kind: 'request', secret: 'sender' }, task };
const onFailure = { on: { kind: 'task.failed', task_type: 'analytics' }, task };

interface Delivery {
  readonly id?: string;
  readonly secondsAgo?: number;
  readonly signedWith?: string;
  /** What is signed, where that is not what is sent. */
  readonly signed?: string;
}

describe('hooks', () => {
  let gateway: GatewayUnderTest;
  let tenant: string;
  let client: Client;

  beforeEach(async () => {
    gateway = await sharedGateway();
    tenant = `hooks-${randomUUID()}`;
    ({ client } = await gateway.client(tenant, { role: 'admin' }));
    await client.call('/api/v1/secrets/sender', { method: 'PUT', body: { value: secret } });
  });

  const put = (name: string, body: object = onRequest, by = client): Promise<Answer<HookView>> =>
    by.call<HookView>(`${path}/${name}`, { method: 'PUT', body });

  const hook = async (name: string): Promise<HookView> => (await client.get<HookView>(`${path}/${name}`)).body;

  /** As a sender does, who has no key. */
  const deliver = async <T = AcceptedHook & Problem>(
    { path: place }: HookView,
    body: unknown,
    { id = randomUUID(), secondsAgo = 0, signedWith = secret, signed }: Delivery = {},
  ): Promise<{ status: number; body: T }> => {
    const text = JSON.stringify(body);
    const timestamp = String(Math.floor(Date.now() / 1_000) - secondsAgo);
    const signature = createHmac('sha256', signedWith)
      .update(`${id}.${timestamp}.${signed ?? text}`)
      .digest('base64');
    const response = await fetch(gateway.url + (place ?? ''), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body: text,
    });
    return { status: response.status, body: (await response.json()) as T };
  };

  const submitted = async (): Promise<{ payload: unknown; submitted_by: string; hooks: readonly string[] }[]> =>
    gateway.database.query(
      `select payload, submitted_by, hooks from task_queue
       where tenant_id = (select tenant_id from tenant where name like $1) order by task_id`,
      [`${tenant}%`],
    );

  it('are made, shown, replaced with the same address, audited and deleted', async () => {
    const made = await put('deploys');
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...onRequest,
      name: 'deploys',
      revision: 1,
      enabled: true,
      last: null,
      refused: null,
    });
    expect(made.body.path).toMatch(/^\/api\/v1\/hooks\/deploys\.[\w-]{22}$/);
    const replaced = await put('deploys', { ...onRequest, description: 'Of the deployer' });
    expect([replaced.status, replaced.body]).toMatchObject([200, { revision: 2, path: made.body.path }]);
    const other = await put('failures', onFailure);
    expect(other.body).toMatchObject({ on: onFailure.on, path: null });
    expect((await client.get<HookList>(path)).body.hooks.map(({ name }) => name)).toEqual(['deploys', 'failures']);
    expect((await client.fetch(`${path}/deploys`, { method: 'DELETE' })).status).toBe(204);
    expect((await client.get(`${path}/deploys`)).status).toBe(404);
    expect((await deliver(made.body, {})).status).toBe(404);
    const { body } = await client.get<{ entries: { action: string }[] }>('/api/v1/audit?limit=100');
    const actions = body.entries.map(({ action }) => action).filter((action) => action.startsWith('hook.'));
    expect(actions).toEqual(['hook.deleted', 'hook.created', 'hook.changed', 'hook.created']);
  });

  it('are refused with a secret or a task that cannot be', async () => {
    const refused = async (body: object) => {
      const { status, body: problem } = await client.call<Problem>(`${path}/bad`, { method: 'PUT', body });
      return [status, problem.errors?.[0]?.pointer];
    };
    expect(await refused({ ...onRequest, on: { kind: 'request', secret: 'none' } })).toEqual([400, '/on/secret']);
    expect(await refused({ ...onRequest, map: [{ from: '/a', to: '/__proto__/a' }] })).toEqual([400, '/map/0/to']);
    expect(await refused({ ...onRequest, task: { task_type: 'nonsense', payload: {} } })).toEqual([422, undefined]);
    expect(await refused({ ...onFailure, on: { kind: 'task.failed', dataset: 'x' } })).toEqual([400, '/on/dataset']);
  });

  it('submit a task for a signed request, with what the body says, in the name of their author', async () => {
    const map = [
      { from: '/repository/name', to: '/source/name' },
      { from: '/branch', to: '/branch', default: 'main' },
    ];
    const { body: made } = await put('deploys', { ...onRequest, map });
    const answer = await deliver(made, { repository: { name: 'pulser' } });
    expect(answer).toMatchObject({ status: 202, body: { repeated: false } });
    const [row] = await submitted();
    expect(row).toMatchObject({
      payload: { operation: 'query', source: { name: 'pulser' }, branch: 'main' },
      submitted_by: made.author,
    });
    expect(row?.hooks).toHaveLength(1);
    expect((await hook('deploys')).last).toMatchObject({ task_id: answer.body.task_id });
  });

  it('answer a delivery that comes again with its task, also when they were changed in between', async () => {
    const { body: made } = await put('deploys');
    const first = await deliver(made, { n: 1 }, { id: 'msg_1' });
    await put('deploys', { ...onRequest, task: { ...task, priority: 'high' } });
    for (const again of [
      await deliver(made, { n: 1 }, { id: 'msg_1' }),
      await deliver(made, { n: 2 }, { id: 'msg_1' }),
    ])
      expect(again).toEqual({ status: 202, body: { task_id: first.body.task_id, repeated: true } });
    expect((await deliver(made, { n: 1 }, { id: 'msg_2' })).body.repeated).toBe(false);
    expect(await submitted()).toHaveLength(2);
  });

  it('refuse what is not signed, is old, is too large, or comes to another address', async () => {
    const { body: made } = await put('deploys');
    const statusOf = async (body: unknown, delivery: Delivery = {}, to = made) =>
      (await deliver(to, body, delivery)).status;
    expect(await statusOf({ n: 1 }, { signedWith: 'another secret' })).toBe(401);
    expect(await statusOf({ n: 1 }, { signed: '{"n":2}' })).toBe(401);
    expect(await statusOf({ n: 1 }, { secondsAgo: 301 })).toBe(401);
    expect(await statusOf({ n: 1 }, { secondsAgo: -330 })).toBe(401);
    expect(await statusOf({ text: 'x'.repeat(262_144) })).toBe(413);
    expect(await statusOf({}, {}, { ...made, path: `${path}/deploys.${'a'.repeat(22)}` })).toBe(404);
    expect(await statusOf({}, {}, { ...made, path: `${path}/deploys` })).toBe(404);
    const unsigned = await gateway.stranger.call(made.path ?? '', { body: {} });
    expect(unsigned.status).toBe(401);
    expect(await submitted()).toEqual([]);
    expect(await statusOf({ n: 1 }, { secondsAgo: 290 })).toBe(202);
  });

  it('know no difference between bytes that mean the same', async () => {
    const { body: made } = await put('deploys');
    expect((await deliver(made, { n: 1 }, { signed: '{ "n": 1 }' })).status).toBe(401);
  });

  it('have the rights of their author now, and say why they refuse', async () => {
    const admin = await gateway.client(tenant, { role: 'admin' });
    const { body: made } = await put('deploys', { ...onRequest, map: [{ from: '/a', to: '/a' }] }, admin.client);
    expect(await deliver(made, {})).toMatchObject({ status: 422, body: { code: 'invalid_payload' } });
    expect((await hook('deploys')).refused).toMatchObject({ reason: 'body', detail: 'The body has nothing at /a' });
    await gateway.database.query(`update api_key set allowed_task_types = '{testing}' where key_id = $1`, [
      admin.keyId,
    ]);
    expect(await deliver(made, { a: 1 })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await client.fetch(`/api/v1/keys/${admin.keyId}`, { method: 'DELETE' })).status).toBe(200);
    const refused = await deliver(made, { a: 1 });
    expect(refused).toMatchObject({ status: 403, body: { detail: 'The key of its author was revoked' } });
    expect((await hook('deploys')).refused).toMatchObject({
      reason: 'rights',
      detail: 'The key of its author was revoked',
    });
    await put('deploys', { ...onRequest, enabled: false });
    expect((await deliver(made, {})).status).toBe(409);
    expect(await submitted()).toEqual([]);
  });

  it('list what became of them, page by page, of one tenant, until they are deleted', async () => {
    const { body: made } = await put('deploys', { ...onRequest, map: [{ from: '/a', to: '/a' }] });
    const fired = [await deliver(made, { a: 1 }), await deliver(made, { a: 2 })].map(({ body }) => body.task_id);
    await deliver(made, {});
    const firings = async (query = '', by = client): Promise<Answer<FiringPage>> =>
      by.get<FiringPage>(`${path}/deploys/firings${query}`);
    const first = await firings('?limit=2');
    expect(first.body.firings).toMatchObject([
      { task_id: null, reason: 'body', detail: 'The body has nothing at /a' },
      { task_id: fired[1], reason: null, detail: null },
    ]);
    const second = await firings(`?limit=2&cursor=${first.body.next_cursor ?? ''}`);
    expect(second.body).toMatchObject({ firings: [{ task_id: fired[0] }], next_cursor: null });
    const { client: stranger } = await gateway.client(`other-${randomUUID()}`, { role: 'admin' });
    expect((await firings('', stranger)).status).toBe(404);
    await client.fetch(`${path}/deploys`, { method: 'DELETE' });
    await put('deploys');
    expect((await firings()).body.firings).toEqual([]);
  });
});
