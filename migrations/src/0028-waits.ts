import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import {
  defaultPartition,
  dropExpired,
  dropExpiredByRoot,
  ensurePartitions,
  pastPartitions,
  type Partitioned,
} from './sql/partition-functions.js';
import { tenantTable } from './sql/tenant-table.js';

const taskColumns = `
  alter table task_queue
    add column root_id uuid,
    add column has_children boolean not null default false,
    add column closing boolean not null default false,
    add column submitter jsonb`;

// A parent's count of the children that it waits for. A statement that ends children locks this row and counts down in it, and
// so does the one that suspends their parent: whichever comes second knows what the first one did.
const taskJoin = `
  create table task_join (
    tenant_id uuid not null,
    task_id uuid not null,
    depth int not null,
    children int not null,
    awaited uuid[],
    remaining int,
    primary key (tenant_id, task_id)
  ) partition by range (task_id)`;

const taskWait = `
  create table task_wait (
    tenant_id uuid not null,
    task_id uuid not null,
    key text not null,
    kind text not null check (kind in ('child', 'children', 'signal', 'time', 'run')),
    ref text,
    refs uuid[],
    until timestamptz,
    on_limit text not null default 'fail' check (on_limit in ('fail', 'continue')),
    is_current boolean not null default false,
    asked_at timestamptz not null default now(),
    satisfied_at timestamptz,
    outcome jsonb,
    primary key (tenant_id, task_id, key)
  ) partition by range (task_id)`;

const taskSignal = `
  create table task_signal (
    tenant_id uuid not null,
    task_id uuid not null,
    name text not null,
    key text not null,
    signal_id uuid not null default pulser.new_id(),
    body jsonb not null,
    body_hash bytea not null,
    sent_by text not null,
    received_at timestamptz not null default now(),
    taken_by text,
    primary key (tenant_id, task_id, name, key)
  ) partition by range (task_id)`;

const comments = [
  `comment on column task_queue.root_id is 'the first ancestor; null: the task has no parent'`,
  `comment on column task_queue.has_children is 'it has or had some: its end has to look for them'`,
  `comment on column task_queue.closing is 'it ended for good and may have open descendants: the sweep cancels them'`,
  `comment on column task_queue.submitter is 'what a person might at the time of submission, who has no key: its role'`,
  `comment on table task_join is 'one row per task that has children'`,
  `comment on column task_join.depth is 'generations above the task'`,
  `comment on column task_join.awaited is 'children for which the task waits; null: it waits for none'`,
  `comment on column task_join.remaining is 'how many of them have not ended; 0 or less: the task must be woken'`,
  `comment on table task_wait is 'what a task has waited for, by the key that its handler gave it'`,
  `comment on column task_wait.ref is 'name of a signal, id of an approval'`,
  `comment on column task_wait.refs is 'ids of children'`,
  `comment on column task_wait.is_current is 'the last one for which the task was suspended'`,
  `comment on column task_wait.on_limit is 'what becomes of the task when its time limit passes: it fails, or is woken'`,
  `comment on table task_signal is 'signals sent to tasks, also before they are waited for'`,
  `comment on column task_signal.key is 'chosen by the sender: the same name and key are one signal'`,
  `comment on column task_signal.taken_by is 'key of the wait that got it; null: none did so far'`,
];

const tables = ['task_join', 'task_wait', 'task_signal'];

const indexes = [
  `create index task_closing on task_queue (tenant_id, task_id) where closing`,
  `create index task_of_root on task_queue (tenant_id, root_id, task_id) where root_id is not null`,
  `create index task_join_missed on task_join (tenant_id, task_id) where remaining <= 0`,
];

const before: Partitioned = {
  made: ['task_queue', 'task_event', 'task_artifact', 'task_effect', 'agent_telemetry', 'task_facet', 'task_span'],
  dropped: ['task_span', 'task_facet', 'task_effect', 'task_artifact', 'task_event', 'task_queue'],
};

const after: Partitioned = { made: [...before.made, ...tables], dropped: [...tables, ...before.dropped] };

/** What tasks wait for: children, signals, times. */
export class Waits1763840000028 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      taskColumns,
      ...[taskJoin, taskWait, taskSignal],
      ...tables.flatMap(defaultPartition),
      pastPartitions(tables),
      ...tables.flatMap((table) => tenantTable(table, ['select', 'insert', 'update'])),
      'grant insert on task_event to pulser_app',
      ...comments,
      ...indexes,
      ensurePartitions(after),
      dropExpiredByRoot(after),
      'select pulser.ensure_partitions()',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ensurePartitions(before),
      dropExpired(before),
      'revoke insert on task_event from pulser_app',
      ...tables.map((table) => `drop table ${table}`),
      'drop index task_of_root',
      'drop index task_closing',
      `alter table task_queue drop column root_id, drop column has_children, drop column closing, drop column submitter`,
    ]);
  }
}
