import { Upkeep } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('the upkeep', () => {
  let life: TaskLife;
  let upkeep: Upkeep;

  beforeAll(async () => {
    life = await TaskLife.start();
    upkeep = new Upkeep(life.database);
  });

  afterAll(() => life.stop());

  it('creates a missing partition once, though the service owns no table', async () => {
    const [row] = await life.server.query<{ name: string }>(
      `select max(relname) as name from pg_class where relname ~ '^task_event_\\d{4}w\\d{2}$'`,
    );
    await life.server.query(`drop table ${row?.name ?? ''}`);
    expect(await Promise.all([upkeep.ensurePartitions(), upkeep.ensurePartitions()])).toEqual(
      expect.arrayContaining([0, 1]),
    );
  });

  it('deletes expired idempotency keys and no others', async () => {
    const bodyHash = 'ab'.repeat(32);
    await life.submit({ idempotency: { key: 'old', bodyHash } });
    await life.submit({ idempotency: { key: 'new', bodyHash } });
    await life.server.query(`update idempotency_key set expires_at = now() where key = 'old'`);
    await upkeep.dropExpiredKeys(10);
    expect(await life.server.query('select key from idempotency_key')).toEqual([{ key: 'new' }]);
  });

  it('deletes sessions and codes that ended more than a day ago, and no others', async () => {
    const { tenantId, server } = life;
    await server.query(`insert into api_key (tenant_id, name, prefix, key_hash) values ($1, 'k', 'p', 'k'::bytea)`, [
      tenantId,
    ]);
    await server.query(
      `insert into session (tenant_id, secret_hash, key_id, made_by, idle_ends_at, ends_at)
       select tenant_id, hash::bytea, key_id, 'key', now(), now() - make_interval(hours => age)
       from api_key, (values ('old', 25), ('young', 23)) s (hash, age)`,
    );
    await server.query(
      `insert into login_code (tenant_id, code_hash, key_id, expires_at)
       select tenant_id, hash::bytea, key_id, now() - make_interval(hours => age)
       from api_key, (values ('old', 25), ('young', 23)) s (hash, age)`,
    );
    await upkeep.dropEndedLogins(10);
    const left = `select convert_from(secret_hash, 'UTF8') as hash from session
      union all select convert_from(code_hash, 'UTF8') from login_code`;
    expect(await server.query(left)).toEqual([{ hash: 'young' }, { hash: 'young' }]);
  });
});
