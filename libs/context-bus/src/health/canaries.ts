// Canaries: tasks of Pulser's own tenant that the leader of the health services sends through the queue of each agent. Their
// rows are there until they are judged.
import { Injectable } from '@nestjs/common';
import { type AgentName, canaryOperation, systemTenantId, type TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { leaderOf } from './lease.js';

/** A canary to send: any task type of its agent. */
export interface CanaryOrder {
  readonly agent: AgentName;
  readonly taskType: TaskType;
}

/** A canary whose row is written. */
export interface SentCanary extends CanaryOrder {
  readonly taskId: string;
}

/** How far a canary has come. */
export interface CanaryProgress {
  readonly taskId: string;
  /** Milliseconds since its row was written, by the clock of the database. */
  readonly ageMs: number;
  /** Milliseconds from its row to its result; null: it has none. */
  readonly latencyMs: number | null;
  /** It ended without a result: a worker that does not know canaries, or that was lost. */
  readonly failed: boolean;
}

// The name may be taken by a tenant of before.
const makeTenant = statement(
  'canaries.tenant',
  `insert into tenant (tenant_id, name) select $1, case when exists (select from tenant where name = 'pulser-system')
     then 'pulser-system-' || left(pulser.new_id()::text, 8) else 'pulser-system' end
   where not exists (select from tenant where tenant_id = $1) on conflict do nothing`,
);

const since = `task_id >= pulser.id_floor(now() - interval '1 day')`;

// Those before are gone with the next one, and what is left of others after a while. No router looks at a row before its time, which is long past its judgement.
const send = statement(
  'canaries.send',
  `with ${leaderOf('$1')}, gone as (
     delete from task_queue where tenant_id = $2 and ${since} and exists (select from leader)
       and (assigned_agent = any ($3::text[]) or created_at < now() - interval '10 minutes')
   )
   insert into task_queue (tenant_id, task_type, priority, assigned_agent, payload, operation, max_attempts, due_at)
   select $2, o.task_type, 'high', o.agent, jsonb_build_object('operation', $5::text), $5, 1, now() + interval '1 hour'
   from unnest($3::text[], $4::text[]) as o(agent, task_type) where exists (select from leader)
   returning task_id as "taskId", assigned_agent as agent, task_type as "taskType"`,
);

const progress = statement(
  'canaries.progress',
  `select task_id as "taskId", extract(epoch from now() - created_at)::float8 * 1000 as "ageMs",
     case when status = 'completed' then extract(epoch from completed_at - created_at)::float8 * 1000 end as "latencyMs",
     status = 'failed' or status = 'cancelled' as failed
   from task_queue where tenant_id = $1 and ${since} and task_id = any ($2::uuid[])`,
);

const clear = statement(
  'canaries.clear',
  `delete from task_queue where tenant_id = $1 and ${since} and task_id = any ($2::uuid[])`,
);

/** Needs the service role. */
@Injectable()
export class Canaries {
  private hasTenant = false;

  constructor(private readonly database: Database) {}

  /** Writes the row of one canary per agent, in place of the one before. @returns none when the epoch is not the leader's */
  async send(orders: readonly CanaryOrder[], epoch: number): Promise<SentCanary[]> {
    if (orders.length === 0) return [];
    if (!this.hasTenant) await this.database.query(makeTenant, [systemTenantId]);
    this.hasTenant = true;
    const values = [orders.map(({ agent }) => agent), orders.map(({ taskType }) => taskType)];
    return this.database.query<SentCanary>(send, [epoch, systemTenantId, ...values, canaryOperation]);
  }

  async progress(taskIds: readonly string[]): Promise<CanaryProgress[]> {
    if (taskIds.length === 0) return [];
    return this.database.query<CanaryProgress>(progress, [systemTenantId, taskIds]);
  }

  /** They are judged. */
  async clear(taskIds: readonly string[]): Promise<void> {
    if (taskIds.length > 0) await this.database.query(clear, [systemTenantId, taskIds]);
  }
}
