// Replays: new tasks from dead letters, one with edits, or many by a filter. The row of a dead letter is the lock, so that
// each is replayed once.
import { Injectable } from '@nestjs/common';
import type { AgentName, ReplayEdits, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement, type TenantTransaction } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import type { Accepted, NewTask } from '../tasks/inserts.js';
import { TaskIntake } from '../tasks/deprecated.js';
import { type Condition, criteriaCondition, type DeadLetterCriteria } from './criteria.policy.js';
import { ofTenant } from './dead-letters.js';

/** The dead letter is no longer open: another request replayed or discarded it. */
export class DeadLetterSettled extends Error {}

/** A task to be made from a dead letter. */
export interface Replay {
  readonly letterId: string;
  readonly task: NewTask;
  readonly edits: ReplayEdits;
  readonly actor: Actor;
}

// Of two replays at the same moment the second finds the row settled, and its task is rolled back.
const settle = statement(
  'dead-letters.replay',
  `with taken as (
     update dead_letter set state = 'replayed', settled_at = now(), settled_by = $4::text
     where ${ofTenant} and dead_letter_id = $1 and state = 'open'
     returning tenant_id, dead_letter_id, settled_by
   )
   insert into dead_letter_replay (tenant_id, dead_letter_id, task_id, edits, replayed_by)
   select tenant_id, dead_letter_id, $2, $3, settled_by from taken
   returning task_id as "taskId"`,
);

/** Makes new tasks from dead letters, one by one. */
@Injectable()
export class DeadLetterReplays {
  constructor(private readonly intake: TaskIntake) {}

  /**
   * The task and the state of the dead letter are one commit: the task is accepted, and announced, like any submission.
   * With an idempotency key that was used before, the dead letter is tied to the task of that time; a conflict changes
   * nothing.
   * @throws DeadLetterSettled when the dead letter is not open, or does not exist
   */
  async replay(tenantId: string, replay: Replay): Promise<Accepted> {
    const [accepted] = await this.intake.insertAll(tenantId, [replay.task], async (transaction, [answer]) => {
      if (answer !== undefined && answer.kind !== 'conflict') await tie(transaction, replay, answer.taskId);
    });
    if (accepted === undefined) throw new Error('A replay has no answer');
    return accepted;
  }
}

const tie = async (transaction: TenantTransaction, replay: Replay, taskId: string): Promise<void> => {
  const { letterId: deadLetterId, edits, actor } = replay;
  await actingAs(transaction, actor);
  const tied = await transaction.query(settle, [deadLetterId, taskId, JSON.stringify(edits), actor.name]);
  if (tied.length === 0) throw new DeadLetterSettled('The dead letter is not open');
};

/** What a new task of a type gets. */
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
  /** The types that an agent serves: dead letters of other types stay open. */
  readonly kinds: readonly TaskKind[];
  readonly actor: Actor;
  readonly traceparent: string | undefined;
}

export interface BulkReplayed {
  /** New tasks by type. */
  readonly replayed: readonly { readonly taskType: TaskType; readonly tasks: number }[];
  readonly remaining: number;
  /** Open dead letters of the filter that only a single replay can take. */
  readonly skipped: number;
}

const kinds = `json_to_recordset($1::json) as k(task_type text, agent text, max_attempts int)`;

const ownTask = `t.tenant_id = (select pulser.tenant_id()) and t.task_id = d.task_id`;

const matching = (text: string): string => `d.${ofTenant}${text}`;

// These rows, which may be ten thousand with their payloads, are not announced by a message: without a rate they are due
// at once, and the dispatcher takes them like any backlog, in its order and at the agents' pace.
const replayMany = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.replay-many/${name}`,
    `with locked as (
       select d.dead_letter_id, d.task_id, k.agent, k.max_attempts, t.task_type, t.priority, t.payload, t.metadata,
         t.deadline_at - greatest(t.run_at, t.created_at) as time_limit
       from dead_letter d join task_queue t on ${ownTask} join ${kinds} on k.task_type = d.task_type
       where ${matching(text)} order by d.dead_letter_id limit $2 for update of d skip locked
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

const countLeft = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.left/${name}`,
    `select count(*) filter (where t.task_id is not null)::int as remaining,
       count(*) filter (where t.task_id is null)::int as skipped
     from dead_letter d left join (task_queue t join ${kinds} on k.task_type = t.task_type) on ${ownTask}
     where ${matching(text)}`,
  );

/** Makes new tasks from many dead letters at once. */
@Injectable()
export class BulkReplays {
  constructor(private readonly database: Database) {}

  /** Takes the oldest open dead letters of failed tasks; the new tasks and the state of the dead letters are one statement. */
  replay(tenantId: string, { filter, limit, ratePerS, ...order }: BulkReplay): Promise<BulkReplayed> {
    const open = { ...filter, state: 'open' } as const;
    const taken = criteriaCondition(open, 7);
    const rest = criteriaCondition(open, 2);
    const served = JSON.stringify(order.kinds);
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, order.actor);
      const values = [served, limit, ratePerS, order.traceparent, order.actor.name, order.actor.id, ...taken.values];
      const replayed = await transaction.query<{ taskType: TaskType; tasks: number }>(replayMany(taken), values);
      const [counts] = await transaction.query<{ remaining: number; skipped: number }>(countLeft(rest), [
        served,
        ...rest.values,
      ]);
      return { replayed, remaining: counts?.remaining ?? 0, skipped: counts?.skipped ?? 0 };
    });
  }
}
