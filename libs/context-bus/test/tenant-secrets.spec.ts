import { randomBytes } from 'node:crypto';

import { AuditTrail, SecretCipher, TenantSecrets } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

const [old, current] = [randomBytes(32), randomBytes(32)];
const hosts = [{ host: 'api.example.com' }];

describe('the secrets of a tenant', () => {
  let life: TaskLife;
  let secrets: TenantSecrets;
  let other: string;

  beforeEach(async () => {
    life = await TaskLife.start();
    secrets = new TenantSecrets(life.database, new SecretCipher([old]));
    other = await life.tenants.ensure('other');
  });

  afterEach(() => life.stop());

  const put = (name: string, value: string, tenantId = life.tenantId) =>
    secrets.put(tenantId, tester, { name, value, hosts });

  it('are read by name, listed without their values, replaced and removed', async () => {
    expect(await put('billing', 'first value')).toMatchObject({ name: 'billing', version: 1, hosts });
    expect(await put('billing', 'second value')).toMatchObject({ version: 2, updatedBy: tester.name });
    expect(await secrets.read(life.tenantId, 'billing')).toEqual({ value: 'second value', hosts });
    expect(JSON.stringify(await secrets.list(life.tenantId))).not.toContain('value');
    expect(await secrets.remove(life.tenantId, tester, 'billing')).toBe(true);
    expect(await secrets.remove(life.tenantId, tester, 'billing')).toBe(false);
    expect(await secrets.read(life.tenantId, 'billing')).toBeUndefined();
  });

  it('are their own tenant’s', async () => {
    await put('billing', 'of acme!');
    expect(await secrets.read(other, 'billing')).toBeUndefined();
    expect(await secrets.list(other)).toEqual([]);
    expect(await secrets.remove(other, tester, 'billing')).toBe(false);
  });

  it('keep the last of many writes at the same time, each with a version of its own', async () => {
    const rows = await Promise.all(Array.from({ length: 12 }, (_, n) => put('billing', `value number ${n}`)));
    expect(rows.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
    expect((await secrets.read(life.tenantId, 'billing'))?.value).toMatch(/^value number \d+$/);
  });

  it('cannot be put into another row, or another host into theirs, by whoever can write the table', async () => {
    await put('billing', 'of acme!');
    await put('mail', 'of acme too');
    await put('billing', 'of other', other);
    for (const deed of [
      `update tenant_secret s set ciphertext = o.ciphertext, nonce = o.nonce from tenant_secret o
       where s.tenant_id = '${other}' and o.tenant_id = '${life.tenantId}' and o.name = 'billing'`,
      `update tenant_secret set hosts = '[{"host": "evil.example.com"}]'`,
      `update tenant_secret set version = version + 1`,
    ]) {
      await life.server.query('begin');
      await life.server.query(deed);
      await life.server.query('commit');
      await expect(secrets.read(other, 'billing')).rejects.toThrow('altered');
      await put('billing', 'of other', other);
    }
  });

  it('stand in the audit trail by name, with digests of nothing that is secret', async () => {
    const trail = new AuditTrail(life.database);
    await put('billing', 'the value');
    await put('billing', 'the value');
    await secrets.remove(life.tenantId, tester, 'billing');
    const entries = await trail.page(life.tenantId, {}, 10);
    expect(entries.map(({ action, targets }) => [action, ...targets])).toEqual([
      ['secret.deleted', 'billing'],
      ['secret.changed', 'billing'],
      ['secret.created', 'billing'],
    ]);
  });

  it('are brought to a new key while services run, without a new version or an entry in the trail', async () => {
    for (let n = 0; n < 120; n += 1) await put(`secret-${n}`, `value number ${n}`, n % 2 === 0 ? life.tenantId : other);
    const rotating = new TenantSecrets(life.database, new SecretCipher([current, old]));
    await rotating.put(life.tenantId, tester, { name: 'secret-0', value: 'written meanwhile', hosts });
    const before = await new AuditTrail(life.database).page(life.tenantId, {}, 1_000);
    expect(await rotating.rotate()).toEqual({ resealed: 119, unreadable: [] });
    expect(await rotating.rotate()).toEqual({ resealed: 0, unreadable: [] });
    const after = new TenantSecrets(life.database, new SecretCipher([current]));
    expect((await after.read(life.tenantId, 'secret-0'))?.value).toBe('written meanwhile');
    expect((await after.read(other, 'secret-119'))?.value).toBe('value number 119');
    expect((await after.list(other)).map(({ version }) => version)).toEqual(Array.from({ length: 60 }, () => 1));
    expect(await new AuditTrail(life.database).page(life.tenantId, {}, 1_000)).toEqual(before);
  });

  it('that no key decrypts are named, and the others brought on', async () => {
    await put('lost', 'of a key that is gone');
    const { keyId = '' } = new SecretCipher([old]);
    const without = new TenantSecrets(life.database, new SecretCipher([current]));
    await without.put(life.tenantId, tester, { name: 'here', value: 'of the new key', hosts });
    expect(await without.rotate()).toEqual({
      resealed: 0,
      unreadable: [{ tenantId: life.tenantId, name: 'lost', keyId }],
    });
    await expect(without.read(life.tenantId, 'lost')).rejects.toThrow(`SECRETS_KEY lacks the key ${keyId}`);
  });

  it('are neither stored nor read by a service without a key, but listed and removed', async () => {
    await put('billing', 'the value');
    const without = new TenantSecrets(life.database, new SecretCipher());
    await expect(without.put(life.tenantId, tester, { name: 'x', value: 'the value', hosts })).rejects.toThrow(
      'SECRETS_KEY is not set',
    );
    await expect(without.read(life.tenantId, 'billing')).rejects.toThrow('SECRETS_KEY is not set');
    await expect(without.rotate()).rejects.toThrow('SECRETS_KEY is not set');
    expect(await without.list(life.tenantId)).toHaveLength(1);
    expect(await without.remove(life.tenantId, tester, 'billing')).toBe(true);
  });
});
