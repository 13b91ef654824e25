import { InstallationKeys, systemActor } from '@pulser/context-bus';
import type { AuditPage, CallerView, SessionPage, SessionView } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';
import { Worker } from '../worker.js';

const path = '/api/v1/sessions';
const pause = '/api/v1/installation/agents/maya/pause';
const resume = '/api/v1/installation/agents/maya/resume';

describe('a browser that logs in with a key of the installation', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  const sessionOf = async (page: Client): Promise<string> =>
    (await page.get<CallerView>('/api/v1/me')).body.session_id ?? '';

  const idsSeenBy = async (client: Client): Promise<string[]> =>
    (await client.get<SessionPage>(`${path}?limit=100`)).body.sessions.map(({ session_id }) => session_id);

  it('acts as the key: on what all tenants share, and on nothing of a tenant', async () => {
    const { client, keyId } = await gateway.operator('operator');
    const page = await client.logIn();
    expect((await page.get('/api/v1/me')).body).toMatchObject({ tenant: null, key_id: keyId, role: 'operator' });
    expect((await page.call(pause, { method: 'POST' })).status).toBe(200);
    expect((await page.call(resume, { method: 'POST' })).status).toBe(200);
    expect(await page.get('/api/v1/tasks')).toMatchObject({ status: 403, body: { code: 'tenant_required' } });
    expect(await page.get('/api/v1/installation/audit')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('is named in the trail of the installation, with its session', async () => {
    const { client: admin, keyId } = await gateway.operator('admin');
    const page = await admin.logIn();
    const sessionId = await sessionOf(page);
    await page.call(pause, { method: 'POST' });
    await page.call(resume, { method: 'POST' });
    expect((await page.fetch(`${path}/current`, { method: 'DELETE' })).status).toBe(204);
    const { entries } = (await admin.get<AuditPage>('/api/v1/installation/audit?limit=4')).body;
    expect(entries).toMatchObject([
      { action: 'session.revoked', targets: [sessionId], actor: { id: keyId } },
      { action: 'pause.deleted', actor: { id: keyId, session_id: sessionId } },
      { action: 'pause.created', actor: { id: keyId, session_id: sessionId } },
      { action: 'session.created', targets: [sessionId], actor: { id: keyId, via: 'POST /api/v1/sessions' } },
    ]);
    expect((await admin.get('/api/v1/installation/audit/verdict')).body).toMatchObject({ intact: true });
  });

  it('sees and ends its own sessions, an administrator those of every key, and a tenant none of them', async () => {
    const [viewer, admin, tenant] = await Promise.all([
      gateway.operator('viewer'),
      gateway.operator('admin'),
      gateway.client('acme'),
    ]);
    const [page, other] = [await viewer.client.logIn(), await admin.client.logIn()];
    const [own, others] = [await sessionOf(page), await sessionOf(other)];
    const [ofTenant] = [await sessionOf(await tenant.client.logIn())];

    expect(await idsSeenBy(page)).toEqual([own]);
    expect(await idsSeenBy(other)).toEqual(expect.arrayContaining([own, others]));
    expect(await idsSeenBy(other)).not.toContain(ofTenant);
    expect(await idsSeenBy(tenant.client)).not.toContain(own);

    const end = async (client: Client, id: string): Promise<number> =>
      (await client.fetch(`${path}/${id}`, { method: 'DELETE' })).status;
    expect(await end(page, others)).toBe(404);
    expect(await end(tenant.client, own)).toBe(404);
    expect(await end(other, ofTenant)).toBe(404);
    expect((await other.get('/api/v1/me')).status).toBe(200);
    expect(await end(other, own)).toBe(204);
    await eventually(async () => {
      expect((await page.get('/api/v1/me')).status).toBe(401);
    });
  });

  it('ends with its key', async () => {
    const { client, keyId } = await gateway.operator('viewer');
    const page = await client.logIn();
    expect((await page.get('/api/v1/me')).status).toBe(200);
    const administrator = await Worker.start(gateway.database.url());
    await new InstallationKeys(administrator.database).revoke(systemActor('test'), keyId);
    await administrator.close();
    await eventually(async () => {
      expect((await page.get('/api/v1/me')).status).toBe(401);
    });
  });

  it('has one login at a time, of a tenant or of the installation', async () => {
    const { client: operator } = await gateway.operator('viewer');
    const { client: tenant } = await gateway.client();
    const first = await operator.logIn();
    const answer = await gateway.stranger.call<SessionView>(path, {
      body: { key: tenant.key },
      headers: { cookie: first.cookie ?? '', 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.status).toBe(201);
    expect((await first.get('/api/v1/me')).status).toBe(401);
  });

  it('keeps fifty sessions of a key: a further one ends the oldest', async () => {
    const { client } = await gateway.operator('viewer');
    const pages = [];
    for (let n = 0; n < 51; n += 1) pages.push(await client.logIn());
    expect(await idsSeenBy(client)).toHaveLength(50);
    const [oldest, next] = pages;
    expect([(await oldest?.get('/api/v1/me'))?.status, (await next?.get('/api/v1/me'))?.status]).toEqual([401, 200]);
  });
});
