import { newSecretsKey, SecretCipher, secretsEnv, systemActor, TenantSecrets, Tenants } from '@pulser/context-bus';
import { Database } from '@pulser/database';
import { emptyDatabase, type TestDatabase } from '@pulser/testing';
import { z } from 'zod';

import { cli } from '../src/index.js';

const [old, current] = [newSecretsKey(), newSecretsKey()];

const cipher = (text: string): SecretCipher =>
  new SecretCipher(z.object(secretsEnv).parse({ SECRETS_KEY: text }).SECRETS_KEY);

describe('secrets on the command line', () => {
  let database: TestDatabase;
  let pool: Database;
  let tenantId: string;
  const before = { ...process.env };

  beforeAll(async () => {
    database = await emptyDatabase();
    process.env['DATABASE_URL'] = database.url();
    await cli(['migrate']);
    pool = new Database({
      settings: { DATABASE_URL: database.url(), DATABASE_POOL_MAX: 1, DATABASE_PREPARE: false },
      applicationName: 'secrets-spec',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await pool.connect();
    tenantId = await new Tenants(pool).ensure('acme');
    const secrets = new TenantSecrets(pool, cipher(old));
    await secrets.put(tenantId, systemActor('spec'), { name: 'billing', value: 'the value', hosts: [] });
  });

  afterAll(async () => {
    process.env = before;
    await pool.close();
    await database.drop();
  });

  const rotate = (keys: string) => {
    process.env['SECRETS_KEY'] = keys;
    return cli(['secrets', 'rotate']);
  };

  it('are named when a key of theirs is missing, and stay as they are', async () => {
    expect(await rotate(current)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('billing of acme (key ') as string,
    });
    expect(await new TenantSecrets(pool, cipher(old)).read(tenantId, 'billing')).toMatchObject({ value: 'the value' });
  });

  it('are brought to the first key, so that the second one can go', async () => {
    expect((await rotate(`${current},${old}`)).out).toMatch(/^1 encrypted anew; all have the key [\da-f]{16} now$/);
    expect((await rotate(current)).out).toMatch(/^0 encrypted anew/);
    expect(await new TenantSecrets(pool, cipher(current)).read(tenantId, 'billing')).toMatchObject({
      value: 'the value',
    });
  });

  it('want a key', async () => {
    expect(await rotate('')).toMatchObject({ exitCode: 78, err: expect.stringContaining('SECRETS_KEY') as string });
    expect(await rotate('a password')).toMatchObject({
      exitCode: 78,
      err: expect.not.stringContaining('a password') as string,
    });
  });
});
