import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import type { TaskFailure } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { sharedFailure } from '../connection/pools.js';
import { deadLetters } from '../dead-letters/of-failed-tasks.js';
import { byKeys, type ClaimRef, inLockOrder, keyValues } from './keys.js';

interface Completion extends ClaimRef {
  readonly result: unknown;
}

interface Failure extends ClaimRef {
  readonly error: TaskFailure;
  /** Milliseconds until the next attempt; undefined when there is none. */
  readonly retryAfterMs?: number | undefined;
}

const complete = statement(
  'tasks.complete',
  `update task_queue t set status = 'completed', result = c.result, error = null, due_at = null,
     completed_at = now(), updated_at = now()
   from json_to_recordset($1::json) as c("tenantId" uuid, "taskId" uuid, epoch int, result jsonb)
   where ${byKeys('t', 2)}
     and t.tenant_id = c."tenantId" and t.task_id = c."taskId" and t.epoch = c.epoch and t.status = 'running'
   returning t.task_id as "taskId"`,
  { genericPlan: true },
);

// The attempt's start and end become events, because the next attempt overwrites the row's own times.
const fail = statement(
  'tasks.fail',
  `with failed as (
     update task_queue t set status = case when c."retryAfterMs" is null then 'failed' else 'retrying' end::task_status,
       error = c.error, due_at = now() + c."retryAfterMs" * interval '1 ms', updated_at = now(),
       completed_at = case when c."retryAfterMs" is null then now() end
     from json_to_recordset($1::json) as c("tenantId" uuid, "taskId" uuid, epoch int, error jsonb, "retryAfterMs" int)
     where ${byKeys('t', 2)}
       and t.tenant_id = c."tenantId" and t.task_id = c."taskId" and t.epoch = c.epoch and t.status = 'running'
     returning t.*
   ), attempt as (
     insert into task_event (tenant_id, task_id, seq, at, body)
     select tenant_id, task_id, epoch * 1000000::bigint + e.place, e.at, e.body from failed, lateral (values
       (0, started_at, jsonb_build_object('type', 'status', 'status', 'running', 'attempt', attempts)),
       (999999, now(), jsonb_build_object('type', 'status', 'status', 'retrying', 'attempt', attempts, 'error', error))
     ) as e(place, at, body) where status = 'retrying'
   ), ${deadLetters('failed', 'dead')}
   select task_id as "taskId" from failed`,
  { genericPlan: true },
);

/** Ends attempts. Each write is durable when it returns, and does nothing once the lease is lost. */
@Injectable()
export class TaskResults {
  private readonly completions = this.coalesced<Completion>((items) => this.write(complete, items));
  private readonly failures = this.coalesced<Failure>((items) => this.write(fail, items));

  constructor(private readonly database: Database) {}

  /** @returns false when the lease was lost and the result is not wanted */
  complete(ref: ClaimRef, result: unknown): Promise<boolean> {
    return this.completions.add({ ...ref, result });
  }

  /** @returns false when the lease was lost */
  fail(ref: ClaimRef, error: TaskFailure, retryAfterMs?: number): Promise<boolean> {
    return this.failures.add({ ...ref, error, retryAfterMs });
  }

  private coalesced<Item>(flush: (items: Item[]) => Promise<boolean[]>): Coalescer<Item, boolean> {
    return new Coalescer({ flush, sharedFailure });
  }

  private async write(wanted: typeof complete, items: readonly ClaimRef[]): Promise<boolean[]> {
    const sorted = inLockOrder(items);
    const rows = await this.database.query<{ taskId: string }>(wanted, [JSON.stringify(sorted), ...keyValues(sorted)]);
    const written = new Set(rows.map(({ taskId }) => taskId));
    return items.map(({ taskId }) => written.has(taskId));
  }
}
