import type { AuditPage, Secret, SecretList } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const marker = (): string => `marker-${crypto.randomUUID()}`;

describe('the secrets of a tenant', () => {
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

  const put = (name: string, body: object) => admin.call<Secret>(`/api/v1/secrets/${name}`, { method: 'PUT', body });

  it('are made, listed by name, replaced and deleted, and shown by none of it', async () => {
    const [first, second] = [marker(), marker()];
    const hosts = [{ host: 'api.example.com' }];
    const made = await put('billing', { value: first, hosts });
    expect([made.status, made.body]).toMatchObject([201, { name: 'billing', version: 1, hosts, updated_by: 'test' }]);
    const replaced = await put('billing', { value: second });
    expect([replaced.status, replaced.body]).toMatchObject([200, { version: 2, hosts: [] }]);
    await put('another', { value: marker() });
    const listed = await admin.get<SecretList>('/api/v1/secrets');
    expect(listed.body.secrets.map(({ name }) => name)).toEqual(['another', 'billing']);
    const trail = await admin.get<AuditPage>('/api/v1/audit?target=billing');
    expect(trail.body.entries.map(({ action }) => action)).toEqual(['secret.changed', 'secret.created']);
    for (const { body } of [made, replaced, listed, trail]) {
      for (const value of [first, second]) expect(JSON.stringify(body)).not.toContain(value);
    }
    const removed = () => admin.fetch('/api/v1/secrets/billing', { method: 'DELETE' });
    expect([(await removed()).status, (await removed()).status]).toEqual([204, 404]);
    const { client: other } = await gateway.client(`${tenant}-2`);
    expect((await other.get<SecretList>('/api/v1/secrets')).body.secrets).toEqual([]);
  });

  it.each([
    ['a short one', { value: 'short' }, '/value'],
    ['a long one', { value: 'ü'.repeat(4_097) }, '/value'],
    ['one that is no text', { value: { a: 1 } }, '/value'],
    ['none', {}, '/value'],
    ['a host that is a URL', { value: 'long enough', hosts: [{ host: 'https://api.example.com' }] }, '/hosts/0/host'],
    ['an unknown member', { value: 'long enough', host: 'api.example.com' }, '/host'],
  ])('are refused with the place, and never repeated: %s', async (_, body, pointer) => {
    const answer = await put('billing', body);
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'invalid_request', errors: [{ pointer }] }]);
    const { value } = body as { value?: unknown };
    if (typeof value === 'string') expect(JSON.stringify(answer.body)).not.toContain(value);
  });

  it.each(['Billing', '-x', 'a_b', 'a'.repeat(64), '9lives'])('have no name like %s', async (name) => {
    expect((await put(name, { value: marker() })).body).toMatchObject({ code: 'invalid_request' });
  });

  it('are listed by operators, and written by administrators alone', async () => {
    await put('billing', { value: marker() });
    const { client: operator } = await gateway.client(tenant, { role: 'operator' });
    expect((await operator.get<SecretList>('/api/v1/secrets')).body.secrets).toHaveLength(1);
    const body = { value: marker() };
    expect((await operator.call('/api/v1/secrets/billing', { method: 'PUT', body })).status).toBe(403);
  });

  it('are in no table as they are', async () => {
    const value = marker();
    await put('billing', { value });
    const tables = await gateway.database.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relkind in ('r', 'm') and relnamespace = 'public'::regnamespace`,
    );
    expect(tables.length).toBeGreaterThan(30);
    for (const { name } of tables) {
      const found = await gateway.database.query(
        `select 1 from ${name} t where t::text like '%${value}%' or t::text like '%${Buffer.from(value).toString('hex')}%'`,
      );
      expect([name, found]).toEqual([name, []]);
    }
  });
});
