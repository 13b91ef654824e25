import type { AuditPage, PauseList } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('an operator of the installation', () => {
  let gateway: GatewayUnderTest;
  let operator: Client;
  let keyId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client: operator, keyId } = await gateway.operator());
  });

  const pauses = async (client: Client, path: string): Promise<PauseList['pauses']> =>
    (await client.get<PauseList>(path)).body.pauses;

  it('is told who it is, and that it has no tenant', async () => {
    expect((await operator.get('/api/v1/me')).body).toMatchObject({
      tenant: null,
      tenant_id: null,
      key_id: keyId,
      role: 'admin',
      allowed_task_types: [],
    });
  });

  it('pauses for all tenants: each sees it with the reason, none can end it', async () => {
    const [acme, globex] = [await gateway.client('acme'), await gateway.client('globex')];
    const paused = '/api/v1/installation/task-types/testing';
    await operator.call(`${paused}/pause`, { body: { reason: 'a fire' } });
    for (const { client } of [acme, globex]) {
      expect(await pauses(client, '/api/v1/pauses')).toMatchObject([
        { task_type: 'testing', reason: 'a fire', for_all_tenants: true },
      ]);
    }
    await acme.client.call('/api/v1/task-types/testing/resume', { method: 'POST' });
    expect(await pauses(operator, '/api/v1/installation/pauses')).toMatchObject([{ task_type: 'testing' }]);
    expect((await operator.call<PauseList>(`${paused}/resume`, { method: 'POST' })).body.pauses).toEqual([]);
    expect(await pauses(acme.client, '/api/v1/pauses')).toEqual([]);
  });

  it('sees of tenants nothing, not their pauses either', async () => {
    const { client } = await gateway.client('acme');
    await client.call('/api/v1/agents/maya/pause', { method: 'POST' });
    expect(await pauses(operator, '/api/v1/installation/pauses')).toEqual([]);
    await client.call('/api/v1/agents/maya/resume', { method: 'POST' });
  });

  it('reads who did that, and what it was refused, and that the trail is intact', async () => {
    const { client: viewer, keyId: viewerId } = await gateway.operator('viewer');
    await operator.call('/api/v1/installation/agents/echo/pause', { method: 'POST' });
    await operator.call('/api/v1/installation/agents/echo/resume', { method: 'POST' });
    await viewer.call('/api/v1/installation/agents/echo/pause', { method: 'POST' });
    await viewer.call('/api/v1/tasks', { body: { task_type: 'analytics', payload: {} } });
    const { entries } = (await operator.get<AuditPage>('/api/v1/installation/audit?limit=4')).body;
    const refused = { action: 'request.refused', outcome: 'refused', actor: { kind: 'key', id: viewerId } };
    expect(entries).toMatchObject([
      { ...refused, actor: { via: 'POST /api/v1/tasks' } },
      { ...refused, targets: ['echo'] },
      { action: 'pause.deleted', targets: ['echo'], actor: { id: keyId, origin: '127.0.0.1' } },
      {
        action: 'pause.created',
        targets: ['echo'],
        actor: { via: 'POST /api/v1/installation/agents/:name/pause' },
        after_digest: expect.stringMatching(/^[\da-f]{64}$/) as string,
      },
    ]);
    expect((await operator.get('/api/v1/installation/audit/verdict')).body).toMatchObject({ intact: true });
  });

  it('has the limit of a key, and of no tenant', async () => {
    const { headers } = await operator.get('/api/v1/me');
    expect(headers.get('ratelimit-policy')).toMatch(/^"key";q=\d+;w=\d+$/);
  });

  it('is asked for the key of a tenant where a tenant’s things are, and a tenant for one of the installation', async () => {
    const { client } = await gateway.client('acme');
    expect((await operator.get('/api/v1/tasks')).body).toMatchObject({
      code: 'tenant_required',
      detail: expect.stringContaining('use the key of a tenant') as string,
    });
    expect((await client.get('/api/v1/installation/pauses')).body).toMatchObject({
      code: 'installation_key_required',
      detail: expect.stringContaining('keys create --installation') as string,
    });
  });

  it('is refused when its key has ended', async () => {
    const { client, keyId: own } = await gateway.operator('viewer');
    await gateway.database.query(`update installation_key set revoked_at = now() where key_id = '${own}'`);
    expect((await client.get('/api/v1/installation/pauses')).status).toBe(401);
  });
});
