// Dead letters of one tenant: the row, the list, one with all that belongs to it, and the groups by cause.
import { Injectable } from '@nestjs/common';
import {
  type AttemptView,
  type DeadLetterState,
  readFailure,
  type ReplayEdits,
  type TaskFailure,
  type TaskStatus,
} from '@pulser/contracts';
import { Database, statement, type Statement, type TenantTransaction } from '@pulser/database';

import { derivedEvents, readEvent } from '../events/history.js';
import { shortError, shortText } from '../tasks/errors-in-lists.js';
import { TaskEntity } from '../tasks/task.entity.js';
import { attemptsOf } from './attempts.policy.js';
import { type Condition, criteriaCondition, type DeadLetterCriteria } from './criteria.policy.js';

/** A task that failed for good, or a message that became no task, with what a list shows. */
export interface DeadLetterRow {
  readonly deadLetterId: string;
  readonly state: DeadLetterState;
  readonly taskId: string | null;
  readonly taskType: string | null;
  readonly agent: string | null;
  readonly reason: string;
  /** Short, but in a story. */
  readonly error: TaskFailure | null;
  readonly fingerprint: string;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  readonly settledBy: string | null;
  readonly discardReason: string | null;
}

/** A message as it arrived; `body` is null for the dead letter of a task. */
export interface MessageColumns {
  readonly messageId: string | null;
  readonly sourceQueue: string | null;
  readonly routingKey: string | null;
  readonly headers: Record<string, unknown> | null;
  readonly body: Buffer | null;
}

/** A task that was made from a dead letter. */
export interface ReplayRow {
  readonly taskId: string;
  /** Null once the task is past its retention. */
  readonly status: TaskStatus | null;
  readonly replayedAt: Date;
  readonly replayedBy: string | null;
  readonly edits: ReplayEdits;
}

/** A dead letter with all that belongs to it. */
export interface DeadLetterStory extends DeadLetterRow, MessageColumns {
  /** With payload and metadata; null for a message, and once the task is past its retention. */
  readonly task: TaskEntity | null;
  readonly attempts: readonly AttemptView[];
  readonly replays: readonly ReplayRow[];
}

/** With a short error. */
export const deadLetterColumns = `dead_letter_id as "deadLetterId", state, task_id as "taskId", task_type as "taskType",
  agent_name as agent, reason, ${shortError('error')} as error, fingerprint, created_at as "createdAt", settled_at as "settledAt",
  settled_by as "settledBy", discard_reason as "discardReason"`;

const messageColumns = `message_id as "messageId", source_queue as "sourceQueue", routing_key as "routingKey",
  headers, body`;

export const ofTenant = 'tenant_id = (select pulser.tenant_id())';

const find = statement(
  'dead-letters.find',
  `select ${deadLetterColumns}, error as "wholeError", ${messageColumns}
   from dead_letter where ${ofTenant} and dead_letter_id = $1`,
);

// Log lines and progress, of which there may be thousands, are left out: they do not describe attempts.
const statusEvents = statement(
  'dead-letters.attempts',
  `select at, body from task_event where ${ofTenant} and task_id = $1 and body ->> 'type' = 'status' order by seq`,
);

const replays = statement(
  'dead-letters.replays',
  `select r.task_id as "taskId", t.status, r.replayed_at as "replayedAt", r.replayed_by as "replayedBy", r.edits
   from dead_letter_replay r left join task_queue t using (tenant_id, task_id)
   where r.${ofTenant} and r.dead_letter_id = $1`,
);

type FoundRow = DeadLetterRow & MessageColumns & { readonly wholeError: TaskFailure | null };

/** Reads of one tenant's dead letters. */
@Injectable()
export class DeadLetterReads {
  constructor(private readonly database: Database) {}

  /** Newest first, starting after the cursor (an id). */
  list(tenantId: string, filter: DeadLetterCriteria, limit: number): Promise<DeadLetterRow[]> {
    const { name, text, values } = criteriaCondition(filter, 2);
    const list = statement(
      `dead-letters.list/${name}`,
      `select ${deadLetterColumns} from dead_letter d where ${ofTenant}${text} order by dead_letter_id desc limit $1`,
    );
    return this.database.queryAs<DeadLetterRow>(tenantId, list, [limit, ...values]);
  }

  find(tenantId: string, deadLetterId: string): Promise<DeadLetterStory | undefined> {
    return this.database.withTenant(tenantId, async (transaction) => {
      const [found] = await transaction.query<FoundRow>(find, [deadLetterId]);
      if (found === undefined) return undefined;
      const { wholeError, ...row } = found;
      const task = row.taskId === null ? null : await taskOf(transaction, tenantId, row.taskId);
      return {
        ...row,
        error: wholeError && readFailure(wholeError),
        task,
        attempts: task === null ? [] : await attempts(transaction, task),
        replays: await transaction.query<ReplayRow>(replays, [deadLetterId]),
      };
    });
  }
}

const taskOf = ({ manager }: TenantTransaction, tenantId: string, taskId: string): Promise<TaskEntity | null> =>
  manager
    .createQueryBuilder(TaskEntity, 'task')
    .addSelect(['task.payload', 'task.metadata'])
    .where({ tenantId, taskId })
    .getOne();

const attempts = async (transaction: TenantTransaction, task: TaskEntity): Promise<AttemptView[]> => {
  const rows = await transaction.query<{ at: Date; body: object }>(statusEvents, [task.taskId]);
  const earlier = rows.map(({ at, body }) => readEvent(at, body));
  return attemptsOf([...earlier, ...derivedEvents(task).map(({ event }) => event)]);
};

/** Dead letters whose errors have the same fingerprint. */
export interface DeadLetterCause {
  readonly fingerprint: string;
  readonly reason: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly agents: readonly string[];
  readonly taskTypes: readonly string[];
  /** Message of the newest error, short. */
  readonly sample: string | null;
}

const causeColumns = `coalesce(array_agg(distinct agent_name) filter (where agent_name is not null), '{}') as agents,
         coalesce(array_agg(distinct task_type) filter (where task_type is not null), '{}') as "taskTypes"`;

// The index of fingerprints alone has this order. By equality another one, of all groups by id, would seem as good, and read
// every group to find one of a rare cause.
const ofGroup = 'd.fingerprint >= g.fingerprint and d.fingerprint <= g.fingerprint';

// By the kept counts; the oldest and the newest one of each group are found by index. Its conditions hold for either.
const causes = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.causes/${name}`,
    `with grouped as (
       select fingerprint, sum(letters)::int as count, ${causeColumns}
       from dead_letter_count_live d where ${ofTenant}${text} group by fingerprint order by count desc, fingerprint limit $1
     )
     select g.*, f."firstAt", n."lastAt", n.reason, n.sample from grouped g cross join lateral (
       select d.created_at as "firstAt" from dead_letter d
       where d.${ofTenant} and ${ofGroup}${text} order by d.fingerprint, d.dead_letter_id limit 1
     ) f cross join lateral (
       select d.dead_letter_id, d.created_at as "lastAt", d.reason, ${shortText(`d.error ->> 'message'`)} as sample
       from dead_letter d
       where d.${ofTenant} and ${ofGroup}${text}
       order by d.fingerprint desc, d.dead_letter_id desc limit 1
     ) n
     order by g.count desc, n.dead_letter_id desc`,
  );

// Within a time there is no count: its rows are read. UUIDs have no max() before PostgreSQL 18; as text they sort the same.
const causesWithin = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.causes/${name}`,
    `with grouped as (
       select fingerprint, count(*)::int as count, min(created_at) as "firstAt", max(created_at) as "lastAt", ${causeColumns},
         max(dead_letter_id::text)::uuid as newest
       from dead_letter d where ${ofTenant}${text}
       group by fingerprint order by count(*) desc, max(dead_letter_id::text) desc limit $1
     )
     select g.fingerprint, g.count, g."firstAt", g."lastAt", g.agents, g."taskTypes", n.reason,
       ${shortText(`n.error ->> 'message'`)} as sample
     from grouped g join dead_letter n on n.${ofTenant} and n.dead_letter_id = g.newest
     order by g.count desc, g.newest desc`,
  );

/** One tenant's dead letters by cause. */
@Injectable()
export class DeadLetterCauses {
  constructor(private readonly database: Database) {}

  /** Causes with the most dead letters first. */
  list(tenantId: string, filter: DeadLetterCriteria, limit: number): Promise<DeadLetterCause[]> {
    const condition = criteriaCondition(filter, 2);
    const isWithin = filter.created_after !== undefined || filter.created_before !== undefined;
    const wanted = isWithin ? causesWithin(condition) : causes(condition);
    return this.database.queryAs<DeadLetterCause>(tenantId, wanted, [limit, ...condition.values]);
  }
}
