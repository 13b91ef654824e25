// How many tasks of a concurrency key run at a time. A task with a key is `waiting` from its insert (or its start) until it
// gets a place among those that hold the key, which it keeps until it has ended: through retries and waits too. Places are
// given here alone, by one router at a time, so that there are never too many; tasks without a key are not looked at.
import { Injectable } from '@nestjs/common';
import type { SubmittedTask } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { dispatchColumns, resumedEvents, wokenNow, type WokenRow, wokenTask } from './ending-parts.js';

/** SQL: of a row that waits for no time. */
export const noLimit = `timestamptz '9999-12-31'`;

/** A condition that a row has to wait for its place under a concurrency key before it is queued. */
export const isGated = (row: string): string => `(${row}.concurrency_key is not null and not ${row}.holds_key)`;

/** A key of a tenant. */
export interface ConcurrencyKeyOfTenant {
  readonly tenantId: string;
  readonly key: string;
}

/** Tasks that get a place in one statement, of one key. */
const maxPlaces = 500;
/** Keys that the sweep looks at in one statement. */
const maxKeys = 200;

// The next statement of the transaction sees all places that were given before.
const lock = statement('keys.lock', `select pg_advisory_xact_lock(hashtext('pulser.key-gate'))`);

// Priority, then age. A task has room by its own limit: the limit belongs to the task, not to the key.
const admitting = (keys: string): string => `${keys}, held as (
     select k.*, (
       select count(*)::int from task_queue h where h.tenant_id = k.tenant_id and h.concurrency_key = k.key
         and h.concurrency_key is not null and h.holds_key and h.completed_at is null
     ) as held from keys k
   ), next as (
     select r.*, h.held + row_number() over (partition by h.tenant_id, h.key order by r.priority desc, r.created_at, r.task_id) as place
     from held h cross join lateral (
       select tenant_id, task_id, priority, created_at, concurrency_limit from task_queue q
       where q.tenant_id = h.tenant_id and q.concurrency_key = h.key and q.concurrency_key is not null
         and q.status = 'waiting' and not q.holds_key
       order by q.priority desc, q.created_at, q.task_id limit ${maxPlaces}
     ) r
   ), ready as materialized (
     select p.* from (select * from next where place <= concurrency_limit order by task_id) n cross join lateral (
       select tenant_id, task_id, status from task_queue
       where tenant_id = n.tenant_id and task_id = n.task_id for update skip locked
     ) p
   ), admitted as (
     update task_queue t set ${wokenNow}, holds_key = true
     from ready r where t.tenant_id = r.tenant_id and t.task_id = r.task_id and r.status = 'waiting' returning t.*
   ), ${resumedEvents('admitted', 'resumed')}`;

const admit = statement(
  'keys.admit',
  `with ${admitting(`keys as (select distinct tenant_id, key from unnest($1::uuid[], $2::text[]) as k(tenant_id, key))`)}
   select ${dispatchColumns} from admitted`,
);

// A loose scan of the keys with tasks that wait, from one on: those before it have their turn when it begins anew.
const admitFrom = statement(
  'keys.admit-from',
  `with recursive line as (
     (select tenant_id, concurrency_key as key, 1 as place from task_queue
      where concurrency_key is not null and status = 'waiting' and not holds_key and (tenant_id, concurrency_key) > ($1::uuid, $2)
      order by tenant_id, concurrency_key limit 1)
     union all
     select n.tenant_id, n.key, l.place + 1 from line l cross join lateral (
       select q.tenant_id, q.concurrency_key as key from task_queue q
       where q.concurrency_key is not null and q.status = 'waiting' and not q.holds_key
         and (q.tenant_id, q.concurrency_key) > (l.tenant_id, l.key)
       order by q.tenant_id, q.concurrency_key limit 1
     ) n where l.place < ${maxKeys}
   ), ${admitting(`keys as (select tenant_id, key from line)`)}, last as (
     select tenant_id, key from line order by place desc limit 1
   )
   select case when a.task_id is not null then to_jsonb(a) end as admitted, l.tenant_id as "lastTenant", l.key as "lastKey", (select count(*)::int from line) as keys
   from last l left join (select ${dispatchColumns} from admitted) a on true`,
);

interface SweptRow {
  readonly admitted: WokenRow | null;
  readonly lastTenant: string;
  readonly lastKey: string;
  readonly keys: number;
}

const first = { tenantId: '00000000-0000-0000-0000-000000000000', key: '' };

/** Gives tasks their places. Needs the service role. */
@Injectable()
export class KeyGate {
  private from: ConcurrencyKeyOfTenant = first;

  constructor(private readonly database: Database) {}

  /** Queues the tasks of these keys that have a place now. @returns them */
  async admit(keys: readonly ConcurrencyKeyOfTenant[]): Promise<SubmittedTask[]> {
    const values = [keys.map(({ tenantId }) => tenantId), keys.map(({ key }) => key)];
    const rows = await this.database.query<WokenRow>(admit, values, [{ wanted: lock }]);
    return rows.map(wokenTask);
  }

  /** The same for the next keys that tasks wait for, whoever did not say that a place is free. @returns what it queued */
  async sweep(): Promise<SubmittedTask[]> {
    const values = [this.from.tenantId, this.from.key];
    const rows = await this.database.query<SweptRow>(admitFrom, values, [{ wanted: lock }]);
    const [one] = rows;
    this.from = one === undefined || one.keys < maxKeys ? first : { tenantId: one.lastTenant, key: one.lastKey };
    return rows.flatMap(({ admitted }) => (admitted === null ? [] : [wokenTask(admitted)]));
  }
}
