import type { AuditPage } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/audit';

describe('the audit trail of a tenant', () => {
  let gateway: GatewayUnderTest;
  let admin: Client;
  let keyId: string;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client: admin, keyId, tenantId } = await gateway.client());
  });

  const entries = async (query = ''): Promise<AuditPage['entries']> =>
    (await admin.get<AuditPage>(`${path}${query}`)).body.entries;

  it('shows each change with its key, its request and where it came from', async () => {
    await admin.call('/api/v1/agents/dash/pause', { body: { reason: 'maintenance' } });
    expect((await entries())[0]).toMatchObject({
      action: 'pause.created',
      targets: ['dash'],
      outcome: 'done',
      actor: { kind: 'key', id: keyId, name: 'test', origin: '127.0.0.1', via: 'POST /api/v1/agents/:name/pause' },
    });
  });

  it('knows keys that were made and revoked, and tasks that were cancelled', async () => {
    const made = await admin.call<{ key_id: string }>('/api/v1/keys', { body: { name: 'ci', role: 'viewer' } });
    await admin.call(`/api/v1/keys/${made.body.key_id}`, { method: 'DELETE' });
    const taskId = await admin.submit();
    await admin.call(`/api/v1/tasks/${taskId}/cancel`, { method: 'POST' });
    const newest = (await entries()).slice(0, 3);
    expect(newest.map(({ action, targets }) => [action, ...targets])).toEqual([
      ['task.cancelled', taskId],
      ['key.revoked', made.body.key_id],
      ['key.created', made.body.key_id],
    ]);
    expect((await entries('?action=task.cancelled')).map(({ targets }) => targets)).toEqual([[taskId]]);
    expect(await entries(`?target=${made.body.key_id}`)).toHaveLength(2);
    expect(await entries('?actor_id=nobody')).toEqual([]);
  });

  it('shows who tried what they may not', async () => {
    const { client: viewer, keyId: viewersId } = await gateway.client('acme', { role: 'viewer' });
    expect((await viewer.call(`/api/v1/keys/${keyId}`, { method: 'DELETE' })).status).toBe(403);
    expect((await entries())[0]).toMatchObject({
      action: 'request.refused',
      outcome: 'refused',
      targets: [keyId],
      actor: { id: viewersId, via: 'DELETE /api/v1/keys/:id' },
    });
  });

  it('comes in pages, from the newest to the first', async () => {
    const all = await entries();
    const seen: number[] = [];
    let before: number | null = null;
    do {
      const query: string = before === null ? '' : `&before=${before}`;
      const { body }: { body: AuditPage } = await admin.get<AuditPage>(`${path}?limit=2${query}`);
      seen.push(...body.entries.map(({ seq }) => seq));
      before = body.next_before;
    } while (before !== null);
    expect(seen).toEqual(all.map(({ seq }) => seq));
    expect(seen.at(-1)).toBe(1);
  });

  it('is another one in another tenant', async () => {
    const { client: other } = await gateway.client('other');
    const { body } = await other.get<AuditPage>(path);
    expect(body.entries.map(({ action }) => action)).toEqual(['key.created']);
  });

  it('tells whether it is whole', async () => {
    expect((await admin.get(`${path}/verdict`)).body).toMatchObject({ intact: true, first_broken: null });
    await gateway.database.query(`update audit_entry set action = 'key.read' where tenant_id = $1 and seq = 3`, [
      tenantId,
    ]);
    expect((await admin.get(`${path}/verdict`)).body).toMatchObject({ intact: false, first_broken: 3 });
  });
});
