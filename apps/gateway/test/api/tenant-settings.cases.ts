import type { AuditPage, Setting, SettingList } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/settings/allowed-hosts';
const hosts = (...names: string[]) => names.map((host) => ({ host }));

describe('the settings of a tenant', () => {
  let gateway: GatewayUnderTest;
  let admin: Client;
  let tenant: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    tenant = `t-${crypto.randomUUID()}`;
    ({ client: admin } = await gateway.client(tenant));
  });

  const put = (value: unknown, headers: Readonly<Record<string, string>> = {}) =>
    admin.call<Setting>(path, { method: 'PUT', body: { value }, headers });

  const remove = async (headers: Readonly<Record<string, string>> = {}): Promise<number> =>
    (await admin.fetch(path, { method: 'DELETE', headers })).status;

  it('are made, read, listed, replaced and deleted', async () => {
    const made = await put(hosts('api.example.com'));
    expect([made.status, made.body]).toMatchObject([
      201,
      { name: 'allowed-hosts', value: hosts('api.example.com'), version: 1, updated_by: 'test' },
    ]);
    expect(made.headers.get('etag')).toBe(made.body.etag);
    const read = await admin.get<Setting>(path);
    expect([read.body, read.headers.get('etag')]).toEqual([made.body, made.body.etag]);
    const replaced = await put(hosts('*.example.com'));
    expect([replaced.status, replaced.body.version]).toEqual([200, 2]);
    expect((await admin.get<SettingList>('/api/v1/settings')).body.settings).toEqual([replaced.body]);
    expect(await remove()).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    expect(await remove()).toBe(404);
  });

  it('are not changed by whoever has read another value', async () => {
    const first = (await put(hosts('a.example.com'))).body.etag;
    const second = (await put(hosts('b.example.com'), { 'if-match': first })).body;
    expect(second.version).toBe(2);
    const late = await put(hosts('c.example.com'), { 'if-match': first });
    expect([late.status, late.body]).toMatchObject([412, { code: 'precondition_failed', etag: second.etag }]);
    expect(await remove({ 'if-match': first })).toBe(412);
    expect((await put(hosts('c.example.com'), { 'if-none-match': '*' })).status).toBe(412);
    expect((await put(hosts('c.example.com'), { 'if-match': `W/${second.etag}` })).status).toBe(412);
    expect((await admin.get<Setting>(path)).body).toEqual(second);
    const list = { 'if-match': `"other", ${second.etag}` };
    expect(await remove(list)).toBe(204);
    expect((await put(hosts('d.example.com'), { 'if-match': '*' })).status).toBe(412);
    const again = await put(hosts('a.example.com'), { 'if-none-match': '*' });
    expect(again.status).toBe(201);
    // The first version of a setting that was made again is another one.
    expect((await put(hosts('e.example.com'), { 'if-match': first })).status).toBe(412);
  });

  it('are changed once by many who have read the same', async () => {
    const { etag } = (await put([])).body;
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => put(hosts(`h${n}.example.com`), { 'if-match': etag })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
  });

  it.each([
    ['no list', {}, '/value'],
    ['a host with a port', hosts('example.com:80'), '/value/0/host'],
    ['a URL', hosts('https://example.com'), '/value/0/host'],
    ['capital letters', hosts('Example.com'), '/value/0/host'],
    ['a short address', hosts('127.1'), '/value/0/host'],
    ['a top-level domain', hosts('*.com'), '/value/0/host'],
    ['every host', hosts('*'), '/value/0/host'],
    ['a pattern', hosts('api*.example.com'), '/value/0/host'],
    ['a block of addresses', hosts('*.0.0.1'), '/value/0/host'],
    ['port 0', [{ host: 'example.com', ports: [0] }], '/value/0/ports/0'],
    ['another scheme', [{ host: 'example.com', schemes: ['ftp'] }], '/value/0/schemes/0'],
    ['a member of another kind', [{ host: 'example.com', path: '/' }], '/value/0/path'],
    ['201 hosts', hosts(...Array.from({ length: 201 }, (_, n) => `h${n}.example.com`)), '/value'],
  ])('are not made of %s', async (_, value, pointer) => {
    const { status, body } = await put(value);
    expect([status, body]).toMatchObject([400, { errors: [{ pointer }] }]);
    expect((await admin.get(path)).status).toBe(404);
  });

  it.each([
    ['person-tools', { admin: ['read', 'kubernetes__*'], operator: ['read'] }, 201, undefined],
    ['person-tools', { viewer: ['read'] }, 400, '/value/viewer'],
    ['person-tools', { admin: ['no/name'] }, 400, '/value/admin/0'],
    [
      'tool-approvals',
      [
        { tool: 'github__*', ask: false },
        { tool: '*', notify: ['on-call'] },
      ],
      201,
      undefined,
    ],
    ['tool-approvals', [{ tool: '*', notify: ['On Call'] }], 400, '/value/0/notify/0'],
  ])('of tools, %s, take %j: %i', async (name, value, status, pointer) => {
    const { status: answered, body } = await admin.call(`/api/v1/settings/${name}`, { method: 'PUT', body: { value } });
    expect([answered, body]).toMatchObject([status, pointer === undefined ? { name } : { errors: [{ pointer }] }]);
  });

  it('exist by name only', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const call = method === 'PUT' ? { method, body: { value: [] } } : { method };
      expect((await admin.call('/api/v1/settings/no-such-thing', call)).status).toBe(404);
      expect((await admin.call('/api/v1/settings/constructor', call)).status).toBe(404);
    }
  });

  it('are the tenant’s own', async () => {
    const { client: other } = await gateway.client(`t-${crypto.randomUUID()}`);
    const { etag } = (await put(hosts('api.example.com'))).body;
    expect((await other.get<SettingList>('/api/v1/settings')).body.settings).toEqual([]);
    expect((await other.get(path)).status).toBe(404);
    expect((await other.call(path, { method: 'DELETE' })).status).toBe(404);
    const headers = { 'if-match': etag };
    expect((await other.call(path, { method: 'PUT', body: { value: [] }, headers })).status).toBe(412);
    expect((await admin.get<Setting>(path)).body.value).toEqual(hosts('api.example.com'));
  });

  it('stand in the audit trail with who changed them, and who tried', async () => {
    await put(hosts('a.example.com'));
    await put(hosts('b.example.com'));
    await remove();
    const { client: operator } = await gateway.client(tenant, { role: 'operator' });
    expect((await operator.call(path, { method: 'PUT', body: { value: [] } })).status).toBe(403);
    const { entries } = (await admin.get<AuditPage>('/api/v1/audit?target=allowed-hosts')).body;
    expect(entries.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['request.refused', 'refused'],
      ['setting.deleted', 'done'],
      ['setting.changed', 'done'],
      ['setting.created', 'done'],
    ]);
    expect(entries[3]?.actor).toMatchObject({ kind: 'key', via: 'PUT /api/v1/settings/:name' });
  });
});
