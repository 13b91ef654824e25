import { Injectable } from '@nestjs/common';
import type { AgentName, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import { type Condition, criteriaCondition, type DeadLetterCriteria } from './dead-letter-criteria.policy.js';

/** What a new task of a type is given. */
export interface TaskKind {
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly max_attempts: number;
}

export interface BulkReplay {
  readonly filter: DeadLetterCriteria;
  readonly limit: number;
  /** The n-th task starts n / rate seconds from now; undefined: all may start at once. */
  readonly ratePerS: number | undefined;
  /** The types that are served: letters of others are left alone. */
  readonly kinds: readonly TaskKind[];
  readonly actor: Actor;
  readonly traceparent: string | undefined;
}

export interface BulkReplayed {
  /** New tasks by type. */
  readonly replayed: readonly { readonly taskType: TaskType; readonly tasks: number }[];
  readonly remaining: number;
  /** Open letters of the filter that only a single replay can take. */
  readonly skipped: number;
}

const kinds = `json_to_recordset($1::json) as k(task_type text, agent text, max_attempts int)`;

const ownTask = `t.tenant_id = (select pulser.tenant_id()) and t.task_id = d.task_id`;

const open = (text: string): string => `d.tenant_id = (select pulser.tenant_id())${text}`;

// No message tells of these rows, which may be ten thousand with their payloads: without a rate they are due at once, and
// the dispatcher takes them like any backlog, in its order and at the agents' pace.
const replay = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.replay-many/${name}`,
    `with locked as (
       select d.dead_letter_id, d.task_id, k.agent, k.max_attempts, t.task_type, t.priority, t.payload, t.metadata,
         t.deadline_at - greatest(t.run_at, t.created_at) as time_limit
       from dead_letter d join task_queue t on ${ownTask} join ${kinds} on k.task_type = d.task_type
       where ${open(text)} order by d.dead_letter_id limit $2 for update of d skip locked
     ), numbered as (
       select *, now() + row_number() over (order by dead_letter_id) / $3::float8 * interval '1 second' as start
       from locked
     ), planned as materialized (
       select *, pulser.new_id() as new_id from numbered
     ), created as (
       insert into task_queue (task_id, tenant_id, task_type, priority, assigned_agent, status, payload, metadata,
         run_at, due_at, deadline_at, max_attempts, traceparent, replay_of, submitted_by)
       select new_id, (select pulser.tenant_id()), task_type, priority, agent,
         case when start is null then 'queued' else 'scheduled' end::task_status, payload, metadata, start,
         coalesce(start, now()), coalesce(start, now()) + time_limit, max_attempts, $4, task_id, $6 from planned
     ), settled as (
       update dead_letter d set state = 'replayed', settled_at = now(), settled_by = $5::text
       from planned p where d.tenant_id = (select pulser.tenant_id()) and d.dead_letter_id = p.dead_letter_id
       returning d.tenant_id, d.dead_letter_id, d.settled_by, p.new_id
     ), tied as (
       insert into dead_letter_replay (tenant_id, dead_letter_id, task_id, replayed_by)
       select tenant_id, dead_letter_id, new_id, settled_by from settled
     )
     select task_type as "taskType", count(*)::int as tasks from planned group by 1`,
  );

const left = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.left/${name}`,
    `select count(*) filter (where t.task_id is not null)::int as remaining,
       count(*) filter (where t.task_id is null)::int as skipped
     from dead_letter d left join (task_queue t join ${kinds} on k.task_type = t.task_type) on ${ownTask}
     where ${open(text)}`,
  );

/** Makes new tasks from many dead letters at once. */
@Injectable()
export class BulkReplays {
  constructor(private readonly database: Database) {}

  /** Takes the oldest open letters of failed tasks; the new tasks and the letters' state are one statement. */
  replay(tenantId: string, { filter, limit, ratePerS, ...order }: BulkReplay): Promise<BulkReplayed> {
    const openOnes = { ...filter, state: 'open' } as const;
    const taken = criteriaCondition(openOnes, 7);
    const rest = criteriaCondition(openOnes, 2);
    const served = JSON.stringify(order.kinds);
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, order.actor);
      const values = [served, limit, ratePerS, order.traceparent, order.actor.name, order.actor.id, ...taken.values];
      const replayed = await transaction.query<{ taskType: TaskType; tasks: number }>(replay(taken), values);
      const [counts] = await transaction.query<{ remaining: number; skipped: number }>(left(rest), [
        served,
        ...rest.values,
      ]);
      return { replayed, remaining: counts?.remaining ?? 0, skipped: counts?.skipped ?? 0 };
    });
  }
}
