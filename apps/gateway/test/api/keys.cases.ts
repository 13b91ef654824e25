import type { KeyList, KeyView, NewKey } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const unknown = '019a0000-0000-7000-8000-000000000000';

describe('the keys of a tenant', () => {
  let gateway: GatewayUnderTest;
  let admin: Client;
  let adminId: string;

  beforeEach(async () => {
    ({ client: admin, keyId: adminId } = await gateway.client(`t-${crypto.randomUUID()}`));
  });

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  const make = async (order: object = {}): Promise<NewKey> => {
    const answer = await admin.call<NewKey>('/api/v1/keys', { body: { name: 'ci', role: 'operator', ...order } });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    return answer.body;
  };

  const list = async (): Promise<readonly KeyView[]> => (await admin.get<KeyList>('/api/v1/keys')).body.keys;

  const rotate = (keyId: string, overlap_s: number) =>
    admin.call<NewKey>(`/api/v1/keys/${keyId}/rotate`, { body: { overlap_s } });

  const revoke = (keyId: string) => admin.call<KeyView>(`/api/v1/keys/${keyId}`, { method: 'DELETE' });

  const statusFor = async (key: string): Promise<number> =>
    (await new Client(gateway.url, key).fetch('/api/v1/me')).status;

  it('are shown once when they are made, and never again', async () => {
    const { key, ...shown } = await make({ allowed_task_types: ['analytics'], expires_in_s: 3_600 });
    expect(key).toMatch(/^pulser_[\w-]{43}$/);
    expect(await list()).toMatchObject([shown, { key_id: adminId, role: 'admin', state: 'active' }]);
    const text = JSON.stringify(await list());
    const hashes = await gateway.database.query<{ hash: string }>(
      `select encode(key_hash, 'hex') as hash from api_key union all select encode(key_hash, 'base64') from api_key`,
    );
    for (const secret of [key, ...hashes.map(({ hash }) => hash)]) expect(text).not.toContain(secret);
  });

  it('say who they are', async () => {
    const { key, key_id, expires_at } = await make({ name: 'Ada', role: 'viewer', expires_in_s: 3_600 });
    const { body } = await new Client(gateway.url, key).get('/api/v1/me');
    expect(body).toEqual({
      session_id: null,
      tenant: expect.stringMatching(/^t-/) as string,
      tenant_id: expect.any(String) as string,
      name: 'Ada',
      key_id,
      role: 'viewer',
      allowed_task_types: null,
      expires_at,
    });
  });

  it.each([
    ['no name', { name: ' ' }, '/name'],
    ['a role that does not exist', { role: 'root' }, '/role'],
    ['no types', { allowed_task_types: [] }, '/allowed_task_types'],
    ['a type twice', { allowed_task_types: ['testing', 'testing'] }, '/allowed_task_types'],
    ['a life of a second', { expires_in_s: 1 }, '/expires_in_s'],
    ['a hash of its own', { key_hash: 'x' }, '/key_hash'],
  ])('are not made with %s', async (_, order, pointer) => {
    const { status, body } = await admin.call('/api/v1/keys', { body: { name: 'ci', role: 'viewer', ...order } });
    expect([status, body]).toMatchObject([400, { errors: [{ pointer }] }]);
  });

  it('make no keys that may more than they themselves', async () => {
    const { key } = await make({ role: 'admin', allowed_task_types: ['testing'] });
    const bounded = new Client(gateway.url, key);
    const refused = [
      await bounded.call('/api/v1/keys', { body: { name: 'wide', role: 'viewer' } }),
      await bounded.call(`/api/v1/keys/${adminId}/rotate`, { body: { overlap_s: 0 } }),
    ];
    for (const { status, body } of refused) expect([status, body]).toMatchObject([403, { code: 'forbidden' }]);
  });

  it('are replaced: both are valid until the overlap is over, and the new one is for the same', async () => {
    const old = await make({ allowed_task_types: ['testing'], expires_in_s: 7_200 });
    const { status, body: next } = await rotate(old.key_id, 600);
    expect(status).toBe(201);
    const { name, role, allowed_task_types } = old;
    expect(next).toMatchObject({ name, role, allowed_task_types, rotated_from: old.key_id });
    expect(await Promise.all([old.key, next.key].map(statusFor))).toEqual([200, 200]);
    const before = (await list()).find(({ key_id }) => key_id === old.key_id);
    expect(Date.parse(before?.expires_at ?? '')).toBeLessThan(Date.parse(old.expires_at ?? ''));
    expect(Date.parse(next.expires_at ?? '')).toBeGreaterThanOrEqual(Date.parse(old.expires_at ?? ''));
  });

  it('are replaced at once without an overlap, and only while they are valid', async () => {
    const old = await make();
    const { body: next } = await rotate(old.key_id, 0);
    expect([await statusFor(next.key), await statusFor(old.key)]).toEqual([200, 401]);
    expect((await rotate(old.key_id, 0)).status).toBe(409);
  });

  it('are revoked for good, as often as one asks for it', async () => {
    const { key, key_id } = await make();
    const first = await revoke(key_id);
    expect([first.status, first.body.state]).toEqual([200, 'revoked']);
    expect((await revoke(key_id)).body).toEqual(first.body);
    expect([await statusFor(key), (await rotate(key_id, 0)).status]).toEqual([401, 409]);
  });

  it('keep one of an administrator that lives as long as any', async () => {
    expect((await revoke(adminId)).body).toMatchObject({ code: 'conflict' });
    await make({ role: 'approver' });
    await make({ role: 'admin', expires_in_s: 3_600 });
    expect((await revoke(adminId)).status).toBe(409);
    const other = await make({ role: 'admin' });
    const both = await Promise.all([adminId, other.key_id].map(revoke));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('tell when they were used, written once a minute', async () => {
    const lastUse = async (): Promise<string | null | undefined> => (await list())[0]?.last_used_at;
    const noted = await eventually(async () => {
      const use = await lastUse();
      expect(use).not.toBeNull();
      return use;
    });
    const [row] = await gateway.database.query('select xmin::text from api_key where key_id = $1', [adminId]);
    // Longer than the gateway knows a key again without a read.
    for (const start = Date.now(); Date.now() < start + 1_500;) expect(await lastUse()).toBe(noted);
    expect(await gateway.database.query('select xmin::text from api_key where key_id = $1', [adminId])).toEqual([row]);
  });

  it('of another tenant are answered like keys that nobody has', async () => {
    const { keyId } = await gateway.client('stranger');
    const told = async (id: string) => {
      const answers = [await revoke(id), await rotate(id, 0)];
      return answers.map(({ body }) => ({ ...body, instance: '', trace_id: '' }));
    };
    expect(await told(keyId)).toEqual(await told(unknown));
    expect(await told(keyId)).toMatchObject([{ code: 'not_found' }, { code: 'not_found' }]);
  });
});
