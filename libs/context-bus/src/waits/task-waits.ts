// What a running task asks of its waits: whether what it waits for has happened, and what came of it. Once a wait is over its
// outcome stays as it is: signals are taken for good, times and limits are written down, and children do not end twice.
import { Injectable } from '@nestjs/common';
import { readFailure, type TaskFailure, type TaskStatus } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';

/** How a child ended. */
export interface ChildEnd {
  readonly taskId: string;
  readonly status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>;
  /** Missing when it is too large to be handed over with those of its siblings: wait for the child alone to get it. */
  readonly result?: unknown;
  readonly error?: TaskFailure;
}

/** A signal as it was sent. */
export interface TakenSignal {
  readonly name: string;
  readonly body: unknown;
  /** Id of an API key, or subject of a token. */
  readonly sentBy: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

const fenced = `t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1 and t.epoch = $2 and t.status = 'running'`;

/** Bytes of the result of one among several children. */
const maxSharedResult = 16_384;

const children = statement(
  'waits.children',
  `select c.task_id as "taskId", c.status, c.error,
     case when c.status = 'completed' and (cardinality($2::uuid[]) = 1 or pg_column_size(c.result) <= ${maxSharedResult})
       then jsonb_build_object('is', c.result) end as result
   from unnest($2::uuid[]) with ordinality as r(id, place)
   join task_queue c on c.tenant_id = (select pulser.tenant_id()) and c.task_id = r.id and c.parent_id = $1
   order by r.place`,
);

const openChildren = statement(
  'waits.open-children',
  `select count(*)::int as known, count(*) filter (where c.completed_at is null)::int as open
   from unnest($2::uuid[]) as r(id)
   join task_queue c on c.tenant_id = (select pulser.tenant_id()) and c.task_id = r.id and c.parent_id = $1`,
);

const settled = statement(
  'waits.settled',
  `select outcome, until, satisfied_at is not null as satisfied, coalesce(until <= now(), false) as reached from task_wait
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and key = $2`,
);

// The row of the task is locked first: a signal goes to the attempt that has the task, and to one wait of it.
const takeSignal = statement(
  'waits.take-signal',
  `with held as materialized (
     select t.tenant_id, t.task_id from task_queue t where ${fenced} for update
   ), oldest as materialized (
     select s.* from held h cross join lateral (
       select * from task_signal where tenant_id = h.tenant_id and task_id = h.task_id and name = $4 and taken_by is null
       order by signal_id limit 1 for update
     ) s
   ), taken as (
     update task_signal s set taken_by = $3 from oldest o
     where s.tenant_id = o.tenant_id and s.task_id = o.task_id and s.name = o.name and s.key = o.key
   )
   insert into task_wait (tenant_id, task_id, key, kind, ref, satisfied_at, outcome)
   select tenant_id, task_id, $3, 'signal', name, now(), jsonb_build_object('signal', jsonb_build_object('name', name,
     'body', body, 'sentBy', sent_by, 'receivedAt', to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
   from oldest
   on conflict (tenant_id, task_id, key) do update set satisfied_at = now(), outcome = excluded.outcome
   returning outcome`,
);

const settle = statement(
  'waits.settle',
  `update task_wait w set satisfied_at = coalesce(w.satisfied_at, now()) from task_queue t
   where ${fenced} and w.tenant_id = t.tenant_id and w.task_id = t.task_id and w.key = $3`,
);

interface ChildRow {
  readonly taskId: string;
  readonly status: ChildEnd['status'];
  readonly error: TaskFailure | null;
  readonly result: { readonly is: unknown } | null;
}

interface SettledRow {
  readonly outcome: Readonly<Record<string, unknown>> | null;
  readonly until: Date | null;
  readonly satisfied: boolean;
  readonly reached: boolean;
}

/** A wait as it was written down before; undefined: it was not. */
export interface KnownWait {
  /** What it came to: a signal, or that its time limit passed. */
  readonly outcome: Readonly<Record<string, unknown>> | undefined;
  /** The time that it waits for: that of the first attempt. */
  readonly until: Date | undefined;
  /** Whether that time has come. */
  readonly reached: boolean;
}

/** What a task has waited for and waits for. */
@Injectable()
export class TaskWaits {
  constructor(private readonly database: Database) {}

  /** What was written down of a wait. */
  async known({ tenantId, taskId }: ClaimRef, key: string): Promise<KnownWait | undefined> {
    const [row] = await this.database.queryAs<SettledRow>(tenantId, settled, [taskId, key]);
    if (row === undefined) return undefined;
    const { outcome, until, satisfied, reached } = row;
    return { outcome: (satisfied && outcome) || undefined, until: until ?? undefined, reached };
  }

  /**
   * How many of these are children of the task, and how many of them are open.
   * @param ids without one twice
   */
  async open({ tenantId, taskId }: ClaimRef, ids: readonly string[]): Promise<{ known: number; open: number }> {
    const [row] = await this.database.queryAs<{ known: number; open: number }>(tenantId, openChildren, [taskId, ids]);
    return row ?? { known: 0, open: 0 };
  }

  /** How children ended, in the order of their ids; to be asked when all of them have. */
  async ends(claim: ClaimRef, key: string, ids: readonly string[]): Promise<ChildEnd[]> {
    const { tenantId, taskId, epoch } = claim;
    const rows = await this.database.queryAs<ChildRow>(tenantId, children, [taskId, ids]);
    await this.database.queryAs(tenantId, settle, [taskId, epoch, key]);
    return rows.map(({ result, error, ...end }) => ({
      ...end,
      ...(result !== null && { result: result.is }),
      ...(error !== null && end.status === 'failed' && { error: readFailure(error) }),
    }));
  }

  /** The oldest signal of a name that no wait has got, for this one. @returns undefined: there is none, or the lease is lost */
  async takeSignal({ tenantId, taskId, epoch }: ClaimRef, key: string, name: string): Promise<TakenSignal | undefined> {
    const values = [taskId, epoch, key, name];
    const [row] = await this.database.queryAs<{ outcome: { signal: TakenSignal } }>(tenantId, takeSignal, values);
    return row?.outcome.signal;
  }

  /** Notes that a wait is over. */
  async settle({ tenantId, taskId, epoch }: ClaimRef, key: string): Promise<void> {
    await this.database.queryAs(tenantId, settle, [taskId, epoch, key]);
  }
}
