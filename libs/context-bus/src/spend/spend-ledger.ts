// The ledger of what models cost: a reservation before each request, in all budgets or in none, and its settlement after. What
// nobody settles is charged as reserved, so that no crash makes a request free.
import { Injectable } from '@nestjs/common';
import type { Usage } from '@pulser/models';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';
import { type Amount, type BudgetLimits, budgetScopes, type BudgetUse, usedShare, warnShare } from './budget.policy.js';

/** How a request ended. `refused` by the server and `unsent` cost nothing; `unknown` broke off, and `lost` its worker. */
export type SpendOutcome = 'answered' | 'overrun' | 'refused' | 'unsent' | 'unknown' | 'lost';

/** A request that is to be sent. */
export interface SpendOrder {
  readonly agent: string;
  readonly taskType: string;
  readonly model: string;
  /** Which step of the task asks: `ask:3`. */
  readonly step: string;
  /** What it may cost at most. */
  readonly micros: number;
  readonly tokens: number;
  /** Milliseconds after which it has surely ended. */
  readonly withinMs: number;
}

/** A request that may be sent. */
export interface Reservation {
  readonly tenantId: string;
  readonly callId: string;
}

/** Why there is no reservation: a budget has no room for it, or the task is another worker's. */
export type ReserveOutcome =
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'lease_lost' };

export interface SpendSettlement {
  readonly outcome: Exclude<SpendOutcome, 'lost'>;
  /** What is charged; undefined: as much as was reserved. */
  readonly cost?: (Usage & { readonly micros: number }) | undefined;
  readonly httpStatus?: number | undefined;
}

const today = `(now() at time zone 'UTC')::date`;

const root = `root as (
    select coalesce(root_id, task_id) as root_id from task_queue
    where tenant_id = (select pulser.tenant_id()) and task_id = $1
  )`;

const keyed = `case scope when 'task' then $1::uuid::text when 'tree' then root_id::text else ${today}::text end`;

const look = statement(
  'spend.look',
  `with ${root}
   select scope, (spent_micros + reserved_micros)::float8 as micros, (spent_tokens + reserved_tokens)::float8 as tokens,
     (spent_calls + reserved_calls)::float8 as calls
   from root join spend_budget on tenant_id = (select pulser.tenant_id())
     and (scope, key) in (('task', $1::uuid::text), ('tree', root_id::text), ('day', ${today}::text))`,
);

// In all three or, because the caller rolls back when a row is missing, in none. Rows are made by their first use and locked
// in one order, whoever asks.
const take = statement(
  'spend.take',
  `with ${root}, running as (
     select from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = $1 and epoch = $2 and status = 'running'
   ), wanted as (
     select scope, ${keyed} as key, place, w.micros, w.tokens, w.calls
     from json_to_recordset($3::json) as w(place int, scope text, micros bigint, tokens bigint, calls bigint), root, running
   )
   insert into spend_budget as b
     (tenant_id, scope, key, max_micros, max_tokens, max_calls, reserved_micros, reserved_tokens, reserved_calls)
   select (select pulser.tenant_id()), scope, key, micros, tokens, calls, $4::bigint, $5::bigint, 1 from wanted
   where $4::bigint <= micros and $5::bigint <= tokens and 1 <= calls
   order by place
   on conflict (tenant_id, scope, key) do update set
     max_micros = excluded.max_micros, max_tokens = excluded.max_tokens, max_calls = excluded.max_calls,
     reserved_micros = b.reserved_micros + excluded.reserved_micros,
     reserved_tokens = b.reserved_tokens + excluded.reserved_tokens,
     reserved_calls = b.reserved_calls + 1, touched_at = now()
   where b.spent_micros + b.reserved_micros + excluded.reserved_micros <= excluded.max_micros
     and b.spent_tokens + b.reserved_tokens + excluded.reserved_tokens <= excluded.max_tokens
     and b.spent_calls + b.reserved_calls + 1 <= excluded.max_calls
   returning scope, key, warned, (spent_micros + reserved_micros)::float8 as micros,
     (spent_tokens + reserved_tokens)::float8 as tokens, (spent_calls + reserved_calls)::float8 as calls`,
);

const enter = statement(
  'spend.enter',
  `with ${root}
   insert into spend_call (tenant_id, task_id, root_id, day, epoch, step, agent, task_type, model, reserved_micros,
     reserved_tokens, until)
   select (select pulser.tenant_id()), $1::uuid, root_id, ${today}, $2, $3, $4, $5, $6, $7::bigint, $8::bigint,
     now() + $9::int * interval '1 millisecond'
   from root
   returning call_id as "callId"`,
);

const isRunning = statement(
  'spend.is-running',
  `select from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = $1 and epoch = $2 and status = 'running'`,
);

// To the destinations of the tenant that are told of warnings. $1: day, $2: what the message says.
const warn = statement(
  'spend.warn',
  `with budget as (
     update spend_budget set warned = true
     where tenant_id = (select pulser.tenant_id()) and scope = 'day' and key = $1 and not warned
     returning tenant_id
   ), told as (
     select d.destination_id, d.tenant_id from budget join destination d using (tenant_id)
     where d.confirmed_at is not null and d.incidents_from in ('info', 'warning')
   ), notified as (
     insert into notification (tenant_id, kind, content)
     select tenant_id, 'report', $2::jsonb from told limit 1
     returning tenant_id, notification_id
   )
   insert into notification_delivery (tenant_id, notification_id, destination_id, message_id)
   select n.tenant_id, n.notification_id, t.destination_id, n.notification_id from notified n join told t using (tenant_id)
   returning delivery_id as "deliveryId"`,
);

// Once: a call that was settled or given up for lost stays as it is. What was not refused and is not known is charged as
// reserved. $2 outcome, $3 to $5 cost or null, $6 status of HTTP.
const settle = statement(
  'spend.settle',
  `with call as (
     update spend_call set state = 'settled', outcome = $2, http_status = $6::int, ended_at = now(),
       input_tokens = coalesce($3::bigint, 0),
       output_tokens = coalesce($4::bigint, case when $2 in ('refused', 'unsent') then 0 else reserved_tokens end),
       micros = coalesce($5::bigint, case when $2 in ('refused', 'unsent') then 0 else reserved_micros end)
     where tenant_id = (select pulser.tenant_id()) and call_id = $1 and state = 'reserved'
     returning *, case when $2 = 'unsent' then 0 else 1 end as counted
   ), locked as materialized (
     select b.scope, b.key from call c join spend_budget b on b.tenant_id = c.tenant_id
       and (b.scope, b.key) in (('task', c.task_id::text), ('tree', c.root_id::text), ('day', c.day::text))
     order by array_position(array['task', 'tree', 'day'], b.scope) for update of b
   ), charged as (
     update spend_budget b set touched_at = now(),
       reserved_micros = b.reserved_micros - c.reserved_micros, spent_micros = b.spent_micros + c.micros,
       reserved_tokens = b.reserved_tokens - c.reserved_tokens,
       spent_tokens = b.spent_tokens + c.input_tokens + c.output_tokens,
       reserved_calls = b.reserved_calls - 1, spent_calls = b.spent_calls + c.counted
     from locked l, call c
     where b.tenant_id = c.tenant_id and b.scope = l.scope and b.key = l.key
   ), summed as (
     insert into spend_day as d (tenant_id, day, agent, task_type, model, calls, input_tokens, output_tokens, micros)
     select tenant_id, day, agent, task_type, model, counted, input_tokens, output_tokens, micros from call
     where counted > 0
     on conflict (tenant_id, day, agent, task_type, model) do update set calls = d.calls + excluded.calls,
       input_tokens = d.input_tokens + excluded.input_tokens, output_tokens = d.output_tokens + excluded.output_tokens,
       micros = d.micros + excluded.micros
   )
   select micros::float8 as micros from call`,
);

// A worker that is gone settles nothing: its task has another claim, has ended, or the time of the call is over.
const orphans = statement(
  'spend.orphans',
  `select c.tenant_id as "tenantId", c.call_id as "callId" from spend_call c
   where c.state = 'reserved' and (c.until <= now() or not exists (
     select from task_queue t where t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.epoch = c.epoch
       and t.status = 'running'))
   order by c.until limit $1`,
);

interface TakenRow extends Amount {
  readonly scope: (typeof budgetScopes)[number];
  readonly key: string;
  readonly warned: boolean;
}

/** Rolls back what was taken of some budgets only. */
class NotAll extends Error {}

const percent = (share: number): number => Math.floor(share * 100);

const warningOf = (day: string, share: number): string =>
  JSON.stringify({
    title: 'The budget for models is nearly used',
    text: `${percent(share)} % of what may be spent on models on ${day} (UTC) is spent or reserved. What goes beyond it is refused until the next day.`,
    artifacts: [],
  });

/** Reservations and settlements, one tenant at a time. */
@Injectable()
export class SpendLedger {
  constructor(private readonly database: Database) {}

  /** What is spent and reserved of the budgets of a task. */
  async use({ tenantId, taskId }: Pick<ClaimRef, 'tenantId' | 'taskId'>): Promise<BudgetUse> {
    const rows = await this.database.queryAs<TakenRow>(tenantId, look, [taskId]);
    return Object.fromEntries(rows.map(({ scope, micros, tokens, calls }) => [scope, { micros, tokens, calls }]));
  }

  /** Reserves what a request may cost, in all budgets or in none. Durable when it returns. @throws DatabaseUnavailable */
  async reserve(claim: ClaimRef, limits: BudgetLimits, order: SpendOrder): Promise<ReserveOutcome> {
    const { tenantId } = claim;
    try {
      return await this.database.withTenant(tenantId, async (transaction) => {
        const rows = await this.take(transaction, claim, limits, order);
        const callId = await this.enter(transaction, claim, order);
        await this.warnOf(transaction, limits, rows);
        return { kind: 'reserved', reservation: { tenantId, callId } };
      });
    } catch (error) {
      if (!(error instanceof NotAll)) throw error;
      const running = await this.database.queryAs(tenantId, isRunning, [claim.taskId, claim.epoch]);
      return { kind: running.length === 0 ? 'lease_lost' : 'no_room' };
    }
  }

  /** Charges what a request has cost, once. @returns false when it was settled before, or given up for lost */
  async settle({ tenantId, callId }: Reservation, { outcome, cost, httpStatus }: SpendSettlement): Promise<boolean> {
    return this.close(tenantId, [
      callId,
      outcome,
      cost?.inputTokens ?? null,
      cost?.outputTokens ?? null,
      cost?.micros ?? null,
      httpStatus ?? null,
    ]);
  }

  /** Charges requests that nobody will settle any more, as they were reserved. Needs the service role. @returns how many */
  async chargeLost(limit: number): Promise<number> {
    const rows = await this.database.query<Reservation>(orphans, [limit]);
    let lost = 0;
    for (const { tenantId, callId } of rows)
      if (await this.close(tenantId, [callId, 'lost', null, null, null, null])) lost += 1;
    return lost;
  }

  private async close(tenantId: string, values: readonly unknown[]): Promise<boolean> {
    return (await this.database.queryAs(tenantId, settle, values)).length === 1;
  }

  private async take(
    transaction: TenantTransaction,
    { taskId, epoch }: ClaimRef,
    limits: BudgetLimits,
    { micros, tokens }: SpendOrder,
  ): Promise<TakenRow[]> {
    const wanted = budgetScopes.map((scope, place) => ({ place, scope, ...limits[scope] }));
    const values = [taskId, epoch, JSON.stringify(wanted), micros, tokens];
    const rows = await transaction.query<TakenRow>(take, values);
    if (rows.length < budgetScopes.length) throw new NotAll();
    return rows;
  }

  private async enter(transaction: TenantTransaction, { taskId, epoch }: ClaimRef, order: SpendOrder): Promise<string> {
    const { step, agent, taskType, model, micros, tokens, withinMs } = order;
    const values = [taskId, epoch, step, agent, taskType, model, micros, tokens, Math.round(withinMs)];
    const [row] = await transaction.query<{ callId: string }>(enter, values);
    if (row === undefined) throw new NotAll();
    return row.callId;
  }

  private async warnOf(
    transaction: TenantTransaction,
    { day }: BudgetLimits,
    rows: readonly TakenRow[],
  ): Promise<void> {
    const row = rows.find(({ scope }) => scope === 'day');
    if (row === undefined || row.warned) return;
    const share = usedShare(day, row);
    if (share >= warnShare) await transaction.query(warn, [row.key, warningOf(row.key, share)]);
  }
}
