import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import {
  defaultPartition,
  dropExpiredByRoot,
  ensurePartitions,
  pastPartitions,
  type Partitioned,
} from './sql/partition-functions.js';
import { tenantTable } from './sql/tenant-table.js';
import { toolCallComments, toolCallIndexes, toolCallTable, withoutCallApprovals } from './sql/tool-calls.js';

const approvals = ['approval', 'approval_decision'];
const before: Partitioned = {
  made: [
    ...['task_queue', 'task_event', 'task_artifact', 'task_effect', 'agent_telemetry', 'task_facet', 'task_span'],
    ...['task_join', 'task_wait', 'task_signal', ...approvals],
  ],
  dropped: [
    ...approvals,
    ...['task_join', 'task_wait', 'task_signal', 'task_span', 'task_facet', 'task_effect', 'task_artifact'],
    ...['task_event', 'task_queue'],
  ],
};

const table = 'tool_call';
const after: Partitioned = { made: [...before.made, table], dropped: [table, ...before.dropped] };

/** Calls of tools, what a key may call, and approvals of calls that no task makes. */
export class ToolCalls1763840000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table api_key add column tools text[]',
      'alter table approval alter column task_id drop not null',
      'alter table approval alter column root_id drop not null',
      'alter table approval add constraint approval_of_task_check check ((task_id is null) = (root_id is null))',
      toolCallTable,
      ...defaultPartition(table),
      pastPartitions([table]),
      ...tenantTable(table, ['select', 'insert']),
      // Never who called what.
      `grant update (at, epoch, approval_id, outcome, message, answer, duration_ms) on ${table} to pulser_app`,
      ...toolCallComments,
      ...toolCallIndexes,
      ensurePartitions(after),
      dropExpiredByRoot(after),
      'select pulser.ensure_partitions()',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ensurePartitions(before),
      dropExpiredByRoot(before),
      `drop table ${table}`,
      ...withoutCallApprovals,
      'alter table approval drop constraint approval_of_task_check',
      'alter table approval alter column task_id set not null',
      'alter table approval alter column root_id set not null',
      'alter table api_key drop column tools',
    ]);
  }
}
