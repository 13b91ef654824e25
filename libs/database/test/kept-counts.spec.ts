import { migrations } from '@pulser/migrations';
import { countMismatches, emptyDatabase, testDatabase, type TestDatabase } from '@pulser/testing';

import { migrateDown, migrateUp } from '../src/index.js';

// One row of each state and more, of two tenants, some of them weeks old; each of a kind repeated as often as its place says.
const addTasks = `
  insert into task_queue (tenant_id, task_type, priority, assigned_agent, payload, status, created_at, run_at, started_at,
    completed_at, updated_at, due_at, attempts)
  select tenant_id, t.task_type, t.priority::task_priority, t.agent, '{}', t.status::task_status, now() - t.age,
    case when t.status = 'scheduled' then now() + interval '1 day' end,
    case when t.attempts > 0 then now() - t.age + n * interval '1.37 s' end,
    case when t.due then null else now() - t.age + n * interval '2.1 s' end,
    now() - t.age + n * interval '2.1 s', case when t.due then now() end, t.attempts
  from tenant, (values
    ('analytics', 'high', 'dash', 'completed', interval '20 days', false, 1),
    ('analytics', 'medium', 'dash', 'completed', interval '1 hour', false, 2),
    ('analytics', 'medium', 'maya', 'failed', interval '3 days', false, 4),
    ('report', 'low', 'maya', 'cancelled', interval '1 minute', false, 0),
    ('analytics', 'medium', 'dash', 'queued', interval '1 minute', true, 0),
    ('analytics', 'medium', 'dash', 'running', interval '1 minute', true, 1),
    ('analytics', 'high', 'dash', 'retrying', interval '1 minute', true, 1),
    ('analytics', 'medium', 'maya', 'waiting', interval '9 days', true, 0),
    ('report', 'medium', 'maya', 'scheduled', interval '1 minute', true, 0)
  ) as t(task_type, priority, agent, status, age, due, attempts), generate_series(1, 20) n`;

const addEvents = `
  insert into task_event (tenant_id, task_id, seq, body)
  select tenant_id, task_id, n, jsonb_build_object('status', 'retrying', 'error', '{}', 'attempt', n)
  from task_queue, generate_series(1, attempts - 1) n where status = 'failed'`;

const addLetters = `
  insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
  select tenant_id, task_id, task_type, assigned_agent, 'handler_failed', '{"message": "no"}'
  from task_queue where status = 'failed'`;

const addMessage = `
  insert into dead_letter (reason, body, burial_key) values ('invalid_api_key', 'x', 'key')`;

/** The migration that makes the counts, and those after it. */
const sinceCounts = migrations.length - migrations.findIndex(({ name }) => name.startsWith('Rollups'));

describe('kept counts', () => {
  let database: TestDatabase;

  afterEach(() => database.drop());

  const mismatches = (): Promise<string[]> => countMismatches((text) => database.query(text));

  it('hold what was there before them', async () => {
    database = await emptyDatabase();
    await migrateUp(database.url());
    await database.query(`insert into tenant (name) values ('acme'), ('globex')`);
    for (const text of [addTasks, addEvents, addLetters, addMessage]) await database.query(text);
    await migrateDown(database.url(), sinceCounts);
    await migrateUp(database.url());

    expect(await mismatches()).toEqual([]);
    const [kept] = await database.query<{ tasks: string }>(
      `select (select sum(tasks) from task_count) || '/' || (select sum(submitted) from agent_rollup)
         || '/' || (select sum(letters) from dead_letter_count) as tasks`,
    );
    expect(kept?.tasks).toBe('200/360/41');
  });

  it('follow whatever a statement of an administrator or another version does', async () => {
    database = await testDatabase(migrateUp);
    await database.query(`insert into tenant (name) values ('acme'), ('globex')`);
    for (const text of [addTasks, addEvents, addLetters, addMessage]) await database.query(text);
    expect(await mismatches()).toEqual([]);

    await database.query(`update task_queue set priority = 'low', assigned_agent = 'arkie' where status = 'queued'`);
    await database.query(`update task_queue set status = 'queued' where status in ('scheduled', 'retrying')`);
    await database.query(`
      update task_queue set status = 'running', assigned_agent = 'dash', attempts = attempts + 1, started_at = now()
      where status = 'queued'`);
    await database.query(`
      update task_queue set status = 'completed', completed_at = now(), due_at = null where status = 'running'`);
    await database.query(`update dead_letter set state = 'discarded', settled_at = now(), discard_reason = 'no'`);
    await database.query(`delete from task_queue where status = 'waiting'`);
    await database.query(`delete from dead_letter where tenant_id is null`);

    // What was deleted while it was open is still in the rollups as submitted, and in no count of open tasks.
    expect((await mismatches()).filter((difference) => !difference.startsWith('submitted'))).toEqual([]);
    expect(await database.query('select tasks from task_count_live')).toEqual([]);
  });

  it('are found out when a row of them is missing or wrong', async () => {
    database = await testDatabase(migrateUp);
    await database.query(`insert into tenant (name) values ('acme')`);
    for (const text of [addTasks, addEvents, addLetters]) await database.query(text);
    const kindsAfter = async (text: string): Promise<string[]> => {
      await database.query(text);
      return [...new Set((await mismatches()).map((difference) => difference.split(' ')[0] ?? ''))];
    };
    expect(
      await kindsAfter(`update task_delta set priority = 'high' where status = 'queued' and priority = 'medium'`),
    ).toEqual(['open']);
    expect(await kindsAfter(`update task_delta set retries = retries + 1 where status = 'queued'`)).toContain(
      'retries',
    );
    expect(
      await kindsAfter(`update task_delta set wait_buckets[1] = 700 where cardinality(wait_buckets) > 0`),
    ).toContain('ended');
    expect(await kindsAfter(`delete from dead_letter_delta`)).toContain('dead');
    expect(await kindsAfter(`update task_delta set started = 0`)).toContain('started');
    expect(await kindsAfter(`update task_delta set tasks = tasks + 1 where status_was is null`)).toContain('submitted');
  });
});
