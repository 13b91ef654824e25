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
});
