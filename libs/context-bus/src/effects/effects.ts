// The ledger of what tasks do outside: an effect is begun before it is done and finished after, each durably, so that a
// later attempt knows what was done.
import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { Database, statement } from '@pulser/database';

import { sharedFailure } from '../connection/pools.js';
import { byKeys, type ClaimRef, inLockOrder, keyValues } from '../tasks/claims.js';

interface EffectRef extends ClaimRef {
  readonly key: string;
}

interface FinishedEffect extends EffectRef {
  /** JSON. */
  readonly result: string;
}

export type EffectState = { readonly finished: false } | { readonly finished: true; readonly result: unknown };

interface BegunRow extends Record<string, unknown>, EffectRef {
  readonly finished: boolean;
  readonly result: unknown;
}

const columns = `"tenantId" uuid, "taskId" uuid, epoch int, key text`;

// Fenced by the epoch: only the current attempt may begin. It takes over an effect that an earlier attempt began and did
// not finish; of a finished one it gets the result and leaves the row unchanged.
const begin = statement(
  'effects.begin',
  `with wanted as (
     select distinct e."tenantId", e."taskId", e.epoch, e.key from json_to_recordset($1::json) as e(${columns})
     join task_queue t on t.tenant_id = e."tenantId" and t.task_id = e."taskId" and t.epoch = e.epoch
       and t.status = 'running'
     where ${byKeys('t', 2)}
   ), begun as (
     insert into task_effect (tenant_id, task_id, key, epoch)
     select "tenantId", "taskId", key, epoch from wanted order by "taskId", key
     on conflict (tenant_id, task_id, key) do update
       set epoch = case when task_effect.finished_at is null then excluded.epoch else task_effect.epoch end
       where task_effect.epoch <= excluded.epoch
     returning tenant_id, task_id, key, finished_at is not null as finished, result
   )
   select w.*, b.finished, b.result from wanted w
   join begun b on b.tenant_id = w."tenantId" and b.task_id = w."taskId" and b.key = w.key`,
);

// Idempotent: the answer to the first call may have been lost with its connection.
const finish = statement(
  'effects.finish',
  `update task_effect x set finished_at = now(), result = e.result::jsonb
   from json_to_recordset($1::json) as e(${columns}, result text)
   join task_queue t on t.tenant_id = e."tenantId" and t.task_id = e."taskId" and t.epoch = e.epoch
     and t.status = 'running'
   where ${byKeys('t', 2)} and x.tenant_id = e."tenantId" and x.task_id = e."taskId" and x.key = e.key and x.epoch = e.epoch
   returning x.tenant_id as "tenantId", x.task_id as "taskId", x.epoch, x.key`,
);

const named = ({ tenantId, taskId, epoch, key }: EffectRef): string => JSON.stringify([tenantId, taskId, epoch, key]);

const valuesOf = (items: readonly EffectRef[]): unknown[] => {
  const sorted = inLockOrder(items);
  return [JSON.stringify(sorted), ...keyValues(sorted)];
};

const stateOf = ({ finished, result }: BegunRow): EffectState =>
  finished ? { finished, result } : { finished: false };

/** Effects of tasks, coalesced into one statement per kind. Durable when a method returns. */
@Injectable()
export class TaskEffects {
  private readonly beginnings = new Coalescer<EffectRef, EffectState | undefined>({
    flush: (items) => this.beginAll(items),
    sharedFailure,
  });
  private readonly endings = new Coalescer<FinishedEffect, boolean>({
    flush: (items) => this.finishAll(items),
    sharedFailure,
  });

  constructor(private readonly database: Database) {}

  /**
   * @returns undefined when the lease is lost: then the effect must not be done
   * @throws DatabaseUnavailable
   */
  begin({ tenantId, taskId, epoch }: ClaimRef, key: string): Promise<EffectState | undefined> {
    return this.beginnings.add({ tenantId, taskId, epoch, key });
  }

  /**
   * @param result JSON
   * @returns false when the lease is lost, or this attempt did not begin the effect
   * @throws DatabaseUnavailable
   */
  finish({ tenantId, taskId, epoch }: ClaimRef, key: string, result: string): Promise<boolean> {
    return this.endings.add({ tenantId, taskId, epoch, key, result });
  }

  private async beginAll(items: readonly EffectRef[]): Promise<(EffectState | undefined)[]> {
    const rows = await this.database.query<BegunRow>(begin, valuesOf(items));
    const states = new Map(rows.map((row) => [named(row), stateOf(row)]));
    return items.map((item) => states.get(named(item)));
  }

  private async finishAll(items: readonly FinishedEffect[]): Promise<boolean[]> {
    const rows = await this.database.query<EffectRef>(finish, valuesOf(items));
    const written = new Set(rows.map(named));
    return items.map((item) => written.has(named(item)));
  }
}
