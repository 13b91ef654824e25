import type { MigrationInterface, QueryRunner } from 'typeorm';

import { migrations } from '../src/index.js';
import { problemsOf, type Rule } from './expand.policy.js';

/** The newest migration that is older than these rules: what those before it break is written down, and cannot change. */
const baseline = 43;

const known: Readonly<Record<number, readonly Rule[]>> = {
  1: ['opaque'],
  15: ['index'],
  16: ['backfill', 'index', 'work-under-lock'],
  18: ['index', 'lock', 'work-under-lock'],
  22: ['index', 'lock', 'opaque', 'work-under-lock'],
  27: ['index'],
  28: ['index', 'opaque'],
  34: ['index'],
  37: ['opaque', 'scan'],
  40: ['opaque', 'scan'],
  42: ['work-under-lock'],
};

const versionOf = (name: string): number => Number(/\d{13}$/.exec(name)?.[0]) - 1_763_840_000_000;

/** The statements of `up`. Migrations read nothing, so what answers them is no database. */
const statementsOf = async (migration: MigrationInterface): Promise<string[]> => {
  const statements: string[] = [];
  const query = (text: string): Promise<unknown[]> => {
    statements.push(text);
    return Promise.resolve([]);
  };
  await migration.up({ query } as unknown as QueryRunner);
  return statements;
};

/** What a migration breaks on purpose, with the reason of each: `readonly explained = { index: '...' }`. */
const explainedBy = (migration: MigrationInterface): Readonly<Record<string, string>> =>
  (Reflect.get(migration, 'explained') as Record<string, string> | undefined) ?? {};

describe('migrations', () => {
  const all = migrations.map((kind) => [versionOf(kind.name), new kind()] as const);

  it.each(all.filter(([version]) => version <= baseline))(
    '%i breaks what is known of it',
    async (version, migration) => {
      expect(await problemsOf(await statementsOf(migration))).toEqual(known[version] ?? []);
    },
  );

  it.each(all.filter(([version]) => version > baseline))('%i lets the last release work on', async (_, migration) => {
    const explained = explainedBy(migration);
    expect(await problemsOf(await statementsOf(migration))).toEqual(Object.keys(explained).sort());
    for (const reason of Object.values(explained)) expect(reason.length).toBeGreaterThan(20);
  });
});

describe('a migration', () => {
  it.each<[Rule, string]>([
    ['drop', 'alter table task_queue drop column payload'],
    ['drop', 'drop table api_key'],
    ['drop', 'drop view telemetry_depth'],
    ['drop', 'drop function pulser.new_id()'],
    ['rename', 'alter table task_queue rename column payload to body'],
    ['rename', 'alter table task_queue rename to tasks'],
    ['retype', 'alter table task_queue alter column retry_count type bigint'],
    ['revoke', 'revoke select on task_queue from pulser_app'],
    ['required', 'alter table task_queue add column region text not null'],
    ['required', 'alter table task_queue alter column result set not null'],
    ['scan', 'alter table task_queue add constraint sane check (epoch >= 0)'],
    ['scan', 'alter table task_queue add foreign key (parent_id) references task_queue'],
    ['scan', 'alter table task_queue add column code text unique'],
    ['index', 'create index task_queue_region on task_queue (tenant_id)'],
    ['index', 'drop index task_queue_due'],
    ['rewrite', 'alter table task_queue add column mark uuid default gen_random_uuid()'],
    ['rewrite', 'alter table task_queue add column size int generated always as (length(error)) stored'],
    ['rewrite', 'alter table task_queue add column n bigserial'],
    ['rewrite', 'alter table task_queue set unlogged'],
    ['lock', 'lock table task_queue in share mode'],
    ['lock', 'set local lock_timeout = 0'],
    ['backfill', 'update task_queue set labels = null'],
    ['backfill', 'delete from task_event'],
    ['backfill', 'insert into task_event select * from old_event'],
    [
      'work-under-lock',
      'alter table agent add column x int; create table y (a int); insert into y select 1 from agent',
    ],
    ['opaque', 'do $$ begin execute format($f$drop table x$f$); end $$'],
  ])('is refused for %s: %s', async (rule, sql) => {
    expect(await problemsOf([sql])).toContain(rule);
  });

  it.each([
    'alter table task_queue add column region text',
    'alter table task_queue add column region text not null default $$here$$',
    'alter table task_queue add column seen_at timestamptz not null default now()',
    'alter table task_queue add column code text generated always as (error ->> $$code$$) virtual',
    'alter table task_queue add constraint sane check (epoch >= 0) not valid',
    'alter table task_queue validate constraint sane',
    'alter table task_queue alter column error drop not null',
    'create index concurrently task_queue_region on task_queue (tenant_id)',
    'create table note (a int); create index note_a on note (a); insert into note select 1 from tenant; drop table note',
    'create function pulser.f() returns int language sql as $$ select 1 $$; revoke all on function pulser.f() from public',
    'create or replace function pulser.new_id() returns uuid language sql as $$ select uuidv7() $$',
    'drop trigger t on task_queue',
    'insert into tenant_setting values (1)',
  ])('is accepted: %s', async (sql) => {
    expect(await problemsOf([sql])).toEqual([]);
  });

  it('may drop what only releases read that it shuts out by the floor, and still not keep others waiting', async () => {
    const raised = 'update pulser.schema_floor set version = 50';
    expect(await problemsOf([raised, 'alter table task_queue drop column payload'])).toEqual([]);
    expect(await problemsOf([raised, 'create index i on task_queue (due_at)'])).toEqual(['index']);
  });
});
