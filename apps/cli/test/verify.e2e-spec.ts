import { newSecretsKey, SecretCipher, secretsEnv, systemActor, TenantSecrets, Tenants } from '@pulser/context-bus';
import { Database } from '@pulser/database';
import { emptyDatabase, type TestDatabase } from '@pulser/testing';
import { z } from 'zod';

import { cli } from '../src/index.js';

const key = newSecretsKey();

const putSecret = async (url: string): Promise<void> => {
  const pool = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 1, DATABASE_PREPARE: false },
    applicationName: 'verify-spec',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await pool.connect();
  const cipher = new SecretCipher(z.object(secretsEnv).parse({ SECRETS_KEY: key }).SECRETS_KEY);
  const tenantId = (await new Tenants(pool).find('acme')) ?? '';
  await new TenantSecrets(pool, cipher).put(tenantId, systemActor('spec'), { name: 'a', value: 'b', hosts: [] });
  await pool.close();
};

const rows = `
  with t as (select tenant_id from tenant where name = 'acme'),
  q as (insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
    select tenant_id, 'analytics', 'dash', '{}', now() from t, generate_series(1, 3) returning tenant_id, task_id),
  d as (insert into dead_letter (tenant_id, task_id, reason) select tenant_id, task_id, 'handler_failed' from q limit 1),
  c as (insert into content (tenant_id, store, piece_bytes, bytes, sha256)
    select tenant_id, 'database', 1024, 3, sha256('abc') from t returning tenant_id, content_id)
  insert into content_piece (tenant_id, content_id, n, bytes) select tenant_id, content_id, 0, 'abc' from c`;

describe('a database that was restored', () => {
  let database: TestDatabase;
  const before = { ...process.env };

  beforeAll(async () => {
    database = await emptyDatabase();
    process.env['DATABASE_URL'] = database.url();
    await cli(['migrate']);
    await cli(['keys', 'create', '--tenant', 'acme']);
    await putSecret(database.url());
    await database.query(rows);
  });

  afterAll(async () => {
    process.env = before;
    await database.drop();
  });

  it('holds together, and says what it needs to be used', async () => {
    delete process.env['SECRETS_KEY'];
    const { exitCode, out } = await cli(['verify']);
    expect(out.split('\n')).toEqual([
      'ok     counts: 3 open tasks are as many as are kept',
      'ok     dead letters: 1 are as many as are kept',
      'ok     audit: 2 trails, each chain intact',
      'ok     due: 3 open tasks have a time to be looked at; 3 are due now',
      'ok     files: 1 files have all their bytes',
      expect.stringMatching(/^ok {5}secrets: 1 secrets need the key [\da-f]{16}$/),
      expect.stringMatching(/^ok {5}indexes: \d+ are complete$/),
      'The database holds together',
    ]);
    expect(exitCode).toBe(0);
  });

  // Each is undone: without its triggers nothing but the row itself changes.
  it.each([
    ['counts', 'delete from task_queue where task_id = (select max(task_id::text)::uuid from task_queue)'],
    ['dead letters', 'delete from dead_letter'],
    ['audit', `update audit_entry set targets = '{}' where seq = 1`],
    ['due', `update task_queue set due_at = now() + interval '2 days'`],
    ['files', `update content_piece set bytes = 'ab'`],
  ])('does not when %s are wrong, and the verdict says so', async (name, damage) => {
    await database.query(`begin; set local session_replication_role = replica; ${damage}; commit`);
    const { exitCode, out, err } = await cli(['verify']);
    expect(out).toContain(`WRONG  ${name}: `);
    expect(out).not.toContain('holds together');
    expect({ exitCode, err }).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/of 7 checks failed/) as string,
    });
  });

  it('does not when SECRETS_KEY lacks a key of its secrets', async () => {
    process.env['SECRETS_KEY'] = newSecretsKey();
    expect((await cli(['verify'])).out).toContain('WRONG  secrets: 1 secrets need the key');
    process.env['SECRETS_KEY'] = key;
    expect((await cli(['verify'])).out).toContain('ok     secrets: SECRETS_KEY has every key');
  });

  it('is not judged by a login that sees a part of it', async () => {
    process.env['DATABASE_URL'] = database.url('pulser_app');
    expect(await cli(['verify'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('does not see') as string,
    });
  });
});
