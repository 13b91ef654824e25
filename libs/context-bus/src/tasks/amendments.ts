// Changes of tasks that wait: priority, start and deadline.
import { Injectable } from '@nestjs/common';
import type { AgentName, Priority, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { type AmendableTask, type Amendment, amendmentOf, type AmendmentVerdict } from './amendment.policy.js';
import { isGated, noLimit } from './key-gate.js';
import { versionTag } from './reads.js';

const lock = statement(
  'tasks.lock-for-amendment',
  `select t.status, t.priority, t.run_at as "runAt", t.deadline_at as "deadlineAt", now() as now, ${versionTag} as tag
   from task_queue t where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1 for update`,
);

// By the clock of the statement, not of its transaction: two changes never have the same tag.
const amend = statement(
  'tasks.amend',
  `update task_queue t set priority = coalesce($2::task_priority, t.priority),
     run_at = case when $3::bool then $4::timestamptz else t.run_at end,
     deadline_at = case when $5::bool then $6::timestamptz else t.deadline_at end,
     status = case when $7 = 'queued' and ${isGated('t')} then 'waiting' else coalesce($7, t.status::text) end::task_status,
     due_at = case when $7 = 'queued' and ${isGated('t')} then ${noLimit} else coalesce($8::timestamptz, t.due_at) end,
     updated_at = clock_timestamp()
   where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1
   returning t.task_type as "taskType", t.assigned_agent as agent, t.attempts as attempt, t.status, t.priority, t.operation`,
);

/** A task after a change. */
export interface AmendedTask {
  readonly taskType: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
  readonly status: 'scheduled' | 'queued' | 'retrying' | 'waiting';
  readonly priority: Priority;
  readonly operation: string | null;
}

export type AmendmentOutcome =
  | { readonly kind: 'amended'; readonly task: AmendedTask }
  | { readonly kind: 'no_task' }
  | Exclude<AmendmentVerdict, { readonly kind: 'amended' }>;

/** Changes tasks for their tenant. */
@Injectable()
export class TaskAmendments {
  constructor(private readonly database: Database) {}

  /**
   * Changes a task that waits for its start, its message or its next attempt.
   * @param tags of the versions that may be changed; undefined: any
   */
  amend(
    tenantId: string,
    actor: Actor,
    taskId: string,
    { amendment, tags }: { readonly amendment: Amendment; readonly tags: readonly string[] | undefined },
  ): Promise<AmendmentOutcome> {
    return asActor(this.database, tenantId, actor, async (transaction) => {
      const [row] = await transaction.query<AmendableTask>(lock, [taskId]);
      if (row === undefined) return { kind: 'no_task' };
      const verdict = amendmentOf(amendment, row, tags);
      if (verdict.kind !== 'amended') return verdict;
      const { priority, runAt, deadlineAt } = amendment;
      const { status, dueAt } = verdict.state;
      const [task] = await transaction.query<AmendedTask>(amend, [
        ...[taskId, priority, runAt !== undefined, runAt, deadlineAt !== undefined, deadlineAt, status, dueAt],
      ]);
      if (task === undefined) throw new Error('A locked row was not changed');
      return { kind: 'amended', task };
    });
  }
}
