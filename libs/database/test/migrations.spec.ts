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
  'agent_health',
  'agent_memory',
  'agent_registration',
  'agent_rollup',
  'agent_status',
  'agent_status_change',
  'agent_telemetry',
  'api_key',
  'approval',
  'approval_decision',
  'audit_entry',
  'audit_head',
  'content',
  'content_piece',
  'conversation',
  'conversation_turn',
  'data_use',
  'dataset',
  'dataset_version',
  'dead_letter',
  'dead_letter_alert',
  'dead_letter_count',
  'dead_letter_delta',
  'dead_letter_replay',
  'destination',
  'embedding_model',
  'health_leader',
  'hook',
  'hook_event',
  'hook_firing',
  'idempotency_key',
  'incident',
  'incident_event',
  'installation_audit',
  'installation_audit_head',
  'installation_bucket',
  'installation_key',
  'installation_session',
  'login_code',
  'mcp_pin',
  'memory_chunk',
  'notification',
  'notification_delivery',
  'rate_bucket',
  'schedule',
  'schedule_fire',
  'session',
  'spend_budget',
  'spend_call',
  'spend_day',
  'task_artifact',
  'task_count',
  'task_delta',
  'task_effect',
  'task_event',
  'task_facet',
  'task_join',
  'task_pause',
  'task_queue',
  'task_signal',
  'task_span',
  'task_wait',
  'tenant',
  'tenant_day',
  'tenant_secret',
  'tenant_setting',
  'tool_call',
  'upload',
  'workflow_definition',
  'workflow_inbox',
  'workflow_run',
  'workflow_step',
  'workflow_task',
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
    with j as (insert into task_join (tenant_id, task_id, depth, children) select tenant_id, task_id, 0, 1 from task_queue),
    w as (insert into task_wait (tenant_id, task_id, key, kind)
      select tenant_id, task_id, kind, kind from task_queue, unnest(array['time', 'approval']) kind),
    a as (insert into approval (tenant_id, approval_id, task_id, root_id, task_type, wait_key, title, arguments, hash, requesters,
        expires_at)
      select tenant_id, task_id, task_id, task_id, 'analytics', 'approval', 'a', '{}', '\\x00', '{}', now() from task_queue
      returning tenant_id, approval_id),
    v as (insert into approval_decision (tenant_id, approval_id, person, verdict, aliases, name)
      select tenant_id, approval_id, 'ada', 'approved', '{}', 'ada' from a),
    c as (insert into tool_call (tenant_id, call_id, tool, task_id, arguments, arguments_hash, outcome)
      select tenant_id, task_id, 'a__b', task_id, '{}', '\\x00', 'done' from task_queue),
    n as (insert into approval (tenant_id, approval_id, task_type, wait_key, title, arguments, hash, requesters, expires_at)
      select tenant_id, pulser.new_id(), '', '', 'a', '{}', '\\x00', '{}', now() from tenant returning tenant_id, approval_id),
    nv as (insert into approval_decision (tenant_id, approval_id, person, verdict, aliases, name)
      select tenant_id, approval_id, 'ada', 'approved', '{}', 'ada' from n)
    insert into task_signal (tenant_id, task_id, name, key, body, body_hash, sent_by)
    select tenant_id, task_id, 'go', 'a', '{}', '', 'test' from task_queue`);
  await database.query(`
    insert into task_span (tenant_id, task_id, span_id, trace_id, name, kind, service, at, duration_ms)
    select tenant_id, task_id, 's', 't', 'run', 'consumer', 'dash', now(), 1 from task_queue`);
  await database.query(`
    insert into task_artifact (tenant_id, task_id, name, media_type, content)
    select tenant_id, task_id, 'a', 'text/plain', 'x' from task_queue`);
  await database.query(`
    with c as (insert into content (tenant_id, store, piece_bytes, bytes, sha256)
      select tenant_id, 'database', 1024, 1, sha256('x') from tenant returning tenant_id, content_id),
    p as (insert into content_piece (tenant_id, content_id, n, bytes) select tenant_id, content_id, 0, 'x' from c),
    u as (insert into upload (tenant_id, sha256, content_id, media_type)
      select tenant_id, sha256('x'), content_id, 'text/csv' from c),
    d as (insert into dataset (tenant_id, name, last_version) select tenant_id, 'sales', 1 from c returning dataset_id),
    v as (insert into dataset_version (tenant_id, dataset_id, version, content_id, task_id, row_count, columns, preview)
      select tenant_id, dataset_id, 1, content_id, task_id, 1, '[]', '[]' from c, d, (select task_id from task_queue) t)
    insert into data_use (tenant_id, task_id, asked, reference, sha256, bytes)
    select tenant_id, task_id, 'dataset:sales', 'dataset:sales@1', sha256('x'), 1 from task_queue`);
  await database.query(`
    insert into tenant_setting (tenant_id, name, value, updated_by) select tenant_id, 'a', '[]', 'test' from tenant`);
  await database.query(`
    with s as (insert into session (tenant_id, secret_hash, key_id, made_by, idle_ends_at, ends_at)
      select tenant_id, '\\x00', key_id, 'key', now(), now() from api_key returning tenant_id)
    insert into login_code (tenant_id, code_hash, key_id, expires_at)
    select tenant_id, '\\x00', key_id, now() from api_key`);
  await database.query(`
    insert into tenant_secret (tenant_id, name, ciphertext, nonce, key_id, updated_by)
    select tenant_id, 'a', 'x', 'twelve bytes', 'k', 'test' from tenant`);
  await database.query(`
    with k as (insert into installation_key (name, role, prefix, key_hash) values ('k', 'admin', 'p', 'x') returning key_id)
    insert into installation_session (secret_hash, key_id, idle_ends_at, ends_at) select '\\x00', key_id, now(), now() from k`);
  await database.query(`insert into task_pause (agent_name) values ('dash')`);
  await database.query(`
    with i as (insert into incident (key, kind, subject, severity, told_severity, summary)
      values ('a', 'budget', 'a', 'info', 'info', 'a') returning incident_id)
    insert into incident_event (incident_id, change, severity) select incident_id, 'opened', 'info' from i`);
  await database.query(`
    with d as (insert into destination (tenant_id, name, kind, made_by)
      select tenant_id, 'a', 'email', 'test' from tenant returning tenant_id, destination_id),
    n as (insert into notification (tenant_id, kind, content) select tenant_id, 'test', '{}' from tenant
      returning tenant_id, notification_id)
    insert into notification_delivery (tenant_id, notification_id, destination_id, message_id)
    select tenant_id, notification_id, destination_id, notification_id from d join n using (tenant_id)`);
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
