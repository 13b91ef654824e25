import { migrations } from '@pulser/migrations';
import { emptyDatabase, type TestDatabase } from '@pulser/testing';

import { migrateDown, migrateUp } from '../src/index.js';

const tables = async (database: TestDatabase): Promise<string[]> =>
  (
    await database.query<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
         and not c.relispartition and c.relname <> 'pulser_migration' order by 1`,
    )
  ).map(({ name }) => name);

const wanted = [
  'admitted_agent',
  'admitted_task_type',
  'agent',
  'agent_memory',
  'agent_registration',
  'agent_telemetry',
  'api_key',
  'audit_entry',
  'audit_head',
  'dead_letter',
  'dead_letter_alert',
  'dead_letter_replay',
  'idempotency_key',
  'rate_bucket',
  'task_artifact',
  'task_effect',
  'task_event',
  'task_pause',
  'task_queue',
  'tenant',
  'tenant_day',
];

const addRows = async (database: TestDatabase): Promise<void> => {
  await database.query(`
    with t as (insert into tenant (name) values ('acme') returning tenant_id),
    k as (insert into api_key (tenant_id, name, prefix, key_hash) select tenant_id, 'k', 'p', '\\x00' from t),
    q as (insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
      select tenant_id, 'analytics', 'dash', '{}', now() from t returning tenant_id, task_id),
    m as (insert into agent_memory (tenant_id, agent_name, memory_type, content, embedding, embedding_model)
      select tenant_id, 'dash', 'fact', 'sky is blue', array_fill(0.1, array[1536])::vector, 'test' from t),
    d as (insert into dead_letter (tenant_id, task_id, reason) select tenant_id, task_id, 'handler_failed' from q),
    m2 as (insert into agent_telemetry (tenant_id, agent_name, metric_name, metric_value, unit)
      select tenant_id, 'dash', 'tasks', 1, '1' from t)
    select 1`);
  await database.query(`
    insert into task_event (tenant_id, task_id, seq, body) select tenant_id, task_id, 1, '{}' from task_queue`);
  await database.query(`
    insert into task_artifact (tenant_id, task_id, name, media_type, content)
    select tenant_id, task_id, 'a', 'text/plain', 'x' from task_queue`);
};

describe('migrations', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await emptyDatabase();
  });

  afterEach(() => database.drop());

  it('go up, down and up again on a database with rows in it', async () => {
    expect(await migrateUp(database.url())).toHaveLength(migrations.length);
    expect(await tables(database)).toEqual(wanted);
    await addRows(database);

    await migrateDown(database.url(), migrations.length);
    expect(await tables(database)).toEqual([]);

    expect(await migrateUp(database.url())).toHaveLength(migrations.length);
    expect(await tables(database)).toEqual(wanted);
    await addRows(database);
  });

  it('undo one at a time and come back without losing the rows of other tables', async () => {
    await migrateUp(database.url());
    await addRows(database);
    await migrateDown(database.url(), 1);
    await migrateUp(database.url());
    const [row] = await database.query<{ tasks: number }>('select count(*)::int as tasks from task_queue');
    expect(row?.tasks).toBe(1);
  });

  it('run once when two deployments start at the same moment', async () => {
    const both = await Promise.all([migrateUp(database.url()), migrateUp(database.url())]);
    expect(both.flat().sort()).toEqual(migrations.map(({ name }) => name).sort());
  });

  it('put tasks of different weeks into different partitions, and never refuse one', async () => {
    await migrateUp(database.url());
    await addRows(database);
    const place = async (moment: string): Promise<string | undefined> => {
      const [row] = await database.query<{ partition: string }>(
        `insert into task_queue (task_id, tenant_id, task_type, assigned_agent, payload, due_at)
         select pulser.id_floor(${moment}), tenant_id, 'analytics', 'dash', '{}', now() from tenant
         returning tableoid::regclass::text as partition`,
      );
      return row?.partition;
    };
    const thisWeek = await place('now()');
    const nextWeek = await place(`now() + interval '1 week'`);
    expect(thisWeek).toMatch(/^task_queue_\d{4}w\d{2}$/);
    expect(nextWeek).toMatch(/^task_queue_\d{4}w\d{2}$/);
    expect(nextWeek).not.toBe(thisWeek);
    expect(await place(`now() + interval '1 year'`)).toBe('task_queue_default');
  });
});
