import { eventually, testDatabase, type TestDatabase } from '@pulser/testing';
import pg from 'pg';

import { migrateUp } from '../src/index.js';

const [acme, globex, nobody] = [1, 2, 9].map((n) => `00000000-0000-7000-8000-00000000000${n}`);

const addTenants =
  'insert into tenant (tenant_id, name) select id, id::text from unnest($1::uuid[]) id on conflict do nothing';
const addTasks = `
  insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
  select id, 'analytics', 'dash', '{}', now() from unnest($1::uuid[]) id`;
const deleteTenant = 'delete from tenant where tenant_id = $1';
const foreignKeyViolation = { code: '23503' };

/** What waits for a lock. */
const waits = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

describe('tenants of tasks', () => {
  let database: TestDatabase;
  let other: pg.Client;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
    other = new pg.Client(database.url());
    await other.connect();
  });

  beforeEach(() => database.query(addTenants, [[acme, globex]]));

  afterAll(async () => {
    await other.end();
    await database.drop();
  });

  const somebodyWaits = () =>
    eventually(async () => {
      const [row] = await database.query<{ n: number }>(waits);
      expect(row?.n).toBe(1);
    });

  it.each([
    ['alone', [nobody]],
    ['after others', [acme, globex, nobody]],
    ['before others', [nobody, acme]],
  ])('must exist: a task of one that does not, %s, is refused with its statement', async (_, tenants) => {
    await expect(database.query(addTasks, [tenants])).rejects.toMatchObject({
      ...foreignKeyViolation,
      message: `there is no tenant ${nobody}`,
    });
    expect(await database.query('select from task_queue')).toEqual([]);
  });

  it('cannot be deleted while they have tasks', async () => {
    await database.query(addTasks, [[acme, globex, acme]]);
    await expect(database.query(deleteTenant, [globex])).rejects.toMatchObject(foreignKeyViolation);
    await database.query('delete from task_queue');
    await database.query(deleteTenant, [globex]);
  });

  it('cannot be deleted while tasks of theirs are being inserted', async () => {
    await other.query('begin');
    await other.query(addTasks, [[acme]]);
    const deleted = database.query(deleteTenant, [acme]).catch((error: unknown) => error);
    await somebodyWaits();
    await other.query('commit');
    expect(await deleted).toMatchObject(foreignKeyViolation);
    await database.query('delete from task_queue');
  });

  it('get no task once they are being deleted', async () => {
    await other.query('begin');
    await other.query(deleteTenant, [acme]);
    const inserted = database.query(addTasks, [[acme]]).catch((error: unknown) => error);
    await somebodyWaits();
    await other.query('commit');
    expect(await inserted).toMatchObject(foreignKeyViolation);
  });
});
