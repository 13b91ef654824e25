import { testDatabase, type TestDatabase } from '@pulser/testing';

import { migrateUp } from '../src/index.js';
import { complaints } from './rls/complaints.js';
import { rolledBack } from './rls/rolled-back.js';

describe('the catalogue of a migrated database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
  });

  afterAll(() => database.drop());

  const complaintsAfter = (...statements: readonly string[]): Promise<string[]> =>
    rolledBack(database.url(), async (client) => {
      for (const statement of statements) await client.query(statement);
      return complaints(client);
    });

  it('holds nothing by which a tenant could reach the rows of another', async () => {
    expect(await complaintsAfter()).toEqual([]);
  });

  it('holds the partitions of the coming weeks to the same', async () => {
    expect(
      await complaintsAfter('set local role pulser_service', 'select pulser.ensure_partitions(8)', 'reset role'),
    ).toEqual([]);
  });

  it('complains about a table that forgot everything', async () => {
    const own = '(tenant_id = ( SELECT pulser.tenant_id() AS tenant_id))';
    const found = await complaintsAfter('create table bad (id int primary key, tenant_id uuid)');
    expect(found.sort()).toEqual([
      expect.stringMatching(/^bad: belongs to \w+, not to pulser_owner$/),
      'bad: lacks the policy service: permissive all to pulser_service using true check true',
      `bad: lacks the policy tenant_delete: permissive delete to public using ${own} check null`,
      `bad: lacks the policy tenant_insert: permissive insert to public using null check ${own}`,
      `bad: lacks the policy tenant_select: permissive select to public using ${own} check null`,
      `bad: lacks the policy tenant_update: permissive update to public using ${own} check ${own}`,
      'bad: row-level security is not enabled',
      'bad: row-level security is not forced',
      'bad: the key or index bad_pkey does not lead with tenant_id',
    ]);
  });

  it.each([
    ['create table bad (id int)', 'bad: has no tenant_id, and no reason for that'],
    ['create schema hidden; create table hidden.bad (id int)', 'hidden.bad: has no tenant_id, and no reason for that'],
    ['create index bad on task_queue (status)', 'task_queue: the key or index bad does not lead with tenant_id'],
    [
      'create index bad on agent_memory (lower(content))',
      'agent_memory: the key or index bad does not lead with tenant_id',
    ],
    [
      'alter table idempotency_key add constraint bad unique (key)',
      'idempotency_key: the key or index bad does not lead with tenant_id',
    ],
    [
      'alter table dead_letter_replay add constraint bad foreign key (dead_letter_id) references dead_letter (dead_letter_id)',
      'dead_letter_replay: the foreign key bad to dead_letter does not include tenant_id',
    ],
    [
      'grant insert on tenant to pulser_app',
      'tenant: pulser_app may write the unique key tenant_name_key, which has no tenant_id',
    ],
    [
      'grant update (name) on tenant to pulser_app',
      'tenant: pulser_app may write the unique key tenant_name_key, which has no tenant_id',
    ],
    [
      'create policy bad on task_queue for select using (true)',
      'task_queue: has the policy bad: permissive select to public using true check null',
    ],
    [
      'create policy bad on task_queue_default using (true)',
      'task_queue_default: has the policy bad: permissive all to public using true check null',
    ],
    ['grant select on task_queue_default to pulser_service', 'task_queue_default: pulser_service is granted select'],
    ['grant truncate on task_queue to pulser_app', 'task_queue: pulser_app is granted truncate'],
    ['grant select on task_queue to pulser_mcp', 'task_queue: pulser_mcp is granted select, which no policy binds'],
    ['grant insert on agent_memory to pulser_mcp', 'agent_memory: pulser_mcp is granted insert, which no policy binds'],
    ['grant pulser_app to pulser_mcp', 'pulser_mcp: can become pulser_app'],
    ['grant select on task_queue to public', 'task_queue: public is granted select'],
    ['grant select on task_queue to pulser_app with grant option', 'task_queue: pulser_app is granted select'],
    [
      'grant references (task_id) on task_queue to pulser_service',
      'task_queue: pulser_service is granted references (task_id)',
    ],
    [
      'grant update (told_at) on dead_letter_alert to pulser_app',
      'dead_letter_alert: pulser_app is granted update (told_at)',
    ],
    ['create view bad as select * from task_queue', 'bad: the view is not security_invoker'],
    [
      'create view bad with (security_invoker = false) as select * from task_queue',
      'bad: the view is not security_invoker',
    ],
    ['create materialized view bad as select * from task_queue', 'bad: a materialized view has no policies'],
    [
      `create function pulser.bad() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1'`,
      'pulser.bad: runs as its owner, and everybody may execute it',
    ],
    [
      `create function pulser.bad() returns int language sql security definer set search_path = '' as 'select 1';
       revoke execute on function pulser.bad from public`,
      'pulser.bad: runs as its owner with the search path ""',
    ],
    [
      'alter function pulser.find_api_key reset search_path',
      'pulser.find_api_key: runs as its owner with the search path of its caller',
    ],
    ['alter function pulser.new_id owner to pulser_service', 'pulser_service: owns function pulser.new_id()'],
    ['grant create on schema pulser to pulser_app', 'pulser_app: may create in schema pulser'],
    ['grant pulser_owner to pulser_service', 'pulser_service: can become pulser_owner'],
    [
      'drop policy pause_of_all on task_pause',
      'task_pause: lacks the policy pause_of_all: permissive select to public using (tenant_id IS NULL) check null',
    ],
    ['drop index task_due', 'task_due: is excused, but does not exist'],
  ])('complains after: %s', async (statement, complaint) => {
    expect(await complaintsAfter(statement)).toContain(complaint);
  });

  it('is content with a view that asks as its caller', async () => {
    const view = 'create view good with (security_invoker = true) as select * from task_queue';
    expect(await complaintsAfter(view)).toEqual([]);
  });

  it.each(['superuser', 'bypassrls', 'createrole', 'createdb', 'replication'])(
    'complains about a role of Pulser that is %s',
    async (power) => {
      for (const role of ['pulser_app', 'pulser_service', 'pulser_mcp', 'pulser_owner'])
        expect(await complaintsAfter(`alter role ${role} ${power}`)).toContain(`${role}: is ${power}`);
    },
  );
});
