import type { MigrationInterface, QueryRunner } from 'typeorm';

import {
  approvalComments,
  approvalFunctionNames,
  approvalFunctions,
  approvalIndexes,
  approvalTables,
  approvalTriggers,
} from './sql/approvals.js';
import { runAsOwner } from './sql/owner.js';
import {
  defaultPartition,
  dropExpiredByRoot,
  ensurePartitions,
  pastPartitions,
  type Partitioned,
} from './sql/partition-functions.js';
import { tenantTable } from './sql/tenant-table.js';

const tables = ['approval', 'approval_decision'] as const;

const dropped = ['task_join', 'task_wait', 'task_signal', 'task_span', 'task_facet', 'task_effect', 'task_artifact'];

const before: Partitioned = {
  made: [
    ...['task_queue', 'task_event', 'task_artifact', 'task_effect', 'agent_telemetry', 'task_facet', 'task_span'],
    ...['task_join', 'task_wait', 'task_signal'],
  ],
  dropped: [...dropped, 'task_event', 'task_queue'],
};

const after: Partitioned = { made: [...before.made, ...tables], dropped: [...tables, ...before.dropped] };

// Who made the keys that are there stands in the audit trail; what was done at a shell has no person in it. In the order in
// which they were made: a key counts as its maker, and so do the keys that it made.
const knownMakers = [
  'create policy made_by_fill on api_key for update to pulser_owner using (true)',
  'alter table api_key disable trigger user',
  `do $$
  declare
    made record;
  begin
    for made in
      select k.tenant_id, k.key_id, coalesce(maker.made_by, e.actor ->> 'id', old.made_by, old.key_id::text) as person
      from public.api_key k
      left join public.api_key old on old.tenant_id = k.tenant_id and old.key_id = k.rotated_from
      left join public.audit_entry e on e.tenant_id = k.tenant_id and e.action = 'key.created' and e.outcome = 'done'
        and e.targets @> array[k.key_id::text] and e.actor ->> 'kind' in ('key', 'person')
      left join public.api_key maker on maker.tenant_id = k.tenant_id and maker.key_id::text = e.actor ->> 'id'
      order by k.key_id
    loop
      update public.api_key k set made_by = coalesce((
        select m.made_by from public.api_key m where m.tenant_id = k.tenant_id and m.key_id::text = made.person
      ), made.person)
      where k.tenant_id = made.tenant_id and k.key_id = made.key_id and made.person is not null;
    end loop;
  end $$`,
  'alter table api_key enable trigger user',
  'drop policy made_by_fill on api_key',
];

const waitKinds = (kinds: readonly string[]): string[] => [
  'alter table task_wait drop constraint task_wait_kind_check',
  `alter table task_wait add constraint task_wait_kind_check check (kind in (${kinds.map((kind) => `'${kind}'`).join(', ')}))`,
];

// FORCE binds the owner too.
const withoutApprovals = [
  'create policy approvals_look on task_wait for select to pulser_owner using (true)',
  'create policy approvals_end on task_wait for delete to pulser_owner using (true)',
  `delete from task_wait where kind = 'approval'`,
  'drop policy approvals_look on task_wait',
  'drop policy approvals_end on task_wait',
];

const kindsBefore = ['child', 'children', 'signal', 'time', 'run'];

/** What tasks ask persons for, what these decide, and who made which key. */
export class Approvals1763840000037 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table api_key add column made_by text',
      ...knownMakers,
      ...waitKinds([...kindsBefore, 'approval']),
      ...Object.values(approvalTables),
      ...tables.flatMap(defaultPartition),
      pastPartitions(tables),
      ...tenantTable('approval', ['select', 'insert']),
      // Never what is asked for, nor who had a part in it.
      'grant update (status, ended_at, used_at, deciders) on approval to pulser_app',
      ...tenantTable('approval_decision', ['select', 'insert']),
      ...approvalComments,
      ...approvalIndexes,
      ...approvalFunctions,
      'revoke execute on function pulser.audit_decision() from public',
      ...approvalTriggers,
      ensurePartitions(after),
      dropExpiredByRoot(after),
      'select pulser.ensure_partitions()',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ensurePartitions(before),
      dropExpiredByRoot(before),
      'drop trigger withdraw_approvals on task_queue',
      ...[...tables].reverse().map((table) => `drop table ${table}`),
      ...approvalFunctionNames.map((name) => `drop function pulser.${name}`),
      ...withoutApprovals,
      ...waitKinds(kindsBefore),
      'alter table api_key drop column made_by',
    ]);
  }
}
