import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { type AgentName, keptFailure, type TaskFailure, type TaskType } from '@pulser/contracts';
import { Database, isRefusal, statement, type Statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { sharedFailure } from '../connection/pools.js';
import { byKeys, type ClaimRef, inLockOrder, keyValues } from './claims.js';
import { attemptEvents, attemptSpan, cancelled, deadLetters, families, isNoOrphan } from './ending-parts.js';

// How attempts and tasks end: completed, failed, suspended (and woken) by their workers, cancelled by their tenant. What the
// router ends when it is due is in sweep.ts; the parts that the statements share are in ending-parts.ts.

const fence = `t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.epoch = c.epoch and t.status = 'running'`;

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

// The lock of a descendant may be waited for while those of other tasks of the batch are held: all are taken in one order,
// the batch's own too. Only then is it known which of its tasks fail, with their descendants.
const fencedRoots = `
     select c.tenant_id, c.task_id from given c join held t on ${fence} where c.retry_ms is null`;

const fail = statement(
  'tasks.fail',
  `with recursive given as (
     select "tenantId" as tenant_id, "taskId" as task_id, epoch, error, "retryAfterMs" as retry_ms
     from json_to_recordset($1::json) as c("tenantId" uuid, "taskId" uuid, epoch int, error jsonb, "retryAfterMs" int)
   ), roots as (
     select tenant_id, task_id, retry_ms is null as last from given
   ), ${families('wait', fencedRoots)}, failed as (
     update task_queue t set status = case when c.retry_ms is null then 'failed' else 'retrying' end::task_status,
       error = c.error, due_at = now() + c.retry_ms * interval '1 ms', updated_at = now(),
       completed_at = case when c.retry_ms is null then now() end
     from given c where ${byKeys('t', 2)} and ${fence} and ${isNoOrphan}
     returning t.*
   ), ${attemptEvents('failed', 'attempt', { status: 'retrying', epoch: 'epoch', attempt: 'attempts', hasError: true })},
   ${cancelled('orphans')}, ${deadLetters('failed', 'dead')}
   select task_id as "taskId" from failed`,
  { genericPlan: true },
);

// The attempt goes on when the task is woken, so it is not counted twice: it is given back here and counted by the next claim.
const suspend = statement(
  'tasks.suspend',
  `with suspended as (
     update task_queue t set status = 'waiting', attempts = t.attempts - 1, worker = null,
       due_at = now() + c."timeLimitMs" * interval '1 ms', updated_at = now()
     from json_to_recordset($1::json) as c("tenantId" uuid, "taskId" uuid, epoch int, "timeLimitMs" float8)
     where ${byKeys('t', 2)}
       and t.tenant_id = c."tenantId" and t.task_id = c."taskId" and t.epoch = c.epoch and t.status = 'running'
     returning t.*
   ), ${attemptEvents('suspended', 'attempt', { status: 'waiting', epoch: 'epoch', attempt: 'attempts + 1', hasError: false })}
   select task_id as "taskId" from suspended`,
  { genericPlan: true },
);

// The epoch counts on, so that the event has a place between those of the suspended claim and those of the next one.
const wake = statement(
  'tasks.wake',
  `with woken as (
     update task_queue t set status = 'queued', epoch = t.epoch + 1, due_at = now(), updated_at = now()
     where t.tenant_id = $1 and t.task_id = $2 and t.status = 'waiting' returning t.*
   ), resumed as (
     insert into task_event (tenant_id, task_id, seq, at, body)
     select tenant_id, task_id, epoch * ${attemptSpan}::bigint, now(),
       jsonb_build_object('type', 'status', 'status', 'queued', 'attempt', attempts + 1) from woken
   )
   select task_id as "taskId" from woken`,
);

interface Completion extends ClaimRef {
  readonly result: unknown;
}

interface Failure extends ClaimRef {
  readonly error: TaskFailure;
  /** Milliseconds until the next attempt; undefined when there is none. */
  readonly retryAfterMs?: number | undefined;
}

interface Suspension extends ClaimRef {
  readonly timeLimitMs: number;
}

/** A task that was cancelled, by its tenant or because an ancestor ended for good. */
export interface Cancelled {
  readonly taskId: string;
  readonly taskType: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

/** Ends attempts. Each write is durable when it returns, and does nothing once the lease is lost. */
@Injectable()
export class TaskResults {
  private readonly completions = coalesced<Completion, boolean>((items) => this.write(complete, items));
  private readonly failures = coalesced<Failure, boolean>((items) => this.write(fail, items));
  private readonly suspensions = coalesced<Suspension, boolean>((items) => this.write(suspend, items));

  constructor(private readonly database: Database) {}

  /** @returns false when the lease was lost: the result is not kept */
  complete(ref: ClaimRef, result: unknown): Promise<boolean> {
    return this.completions.add({ ...ref, result });
  }

  /**
   * Ends a failed attempt. Without another one the task fails for good: it gets a dead letter, and its open descendants
   * are cancelled. The error is bounded; one that the database still refuses is replaced by one that says so.
   * @param retryAfterMs milliseconds until the next attempt
   * @returns false when the lease was lost
   */
  async fail(ref: ClaimRef, error: TaskFailure, retryAfterMs?: number): Promise<boolean> {
    const failure = { ...ref, error: keptFailure(error), retryAfterMs };
    try {
      return await this.failures.add(failure);
    } catch (refusal) {
      if (!isRefusal(refusal)) throw refusal;
      return this.failures.add({ ...failure, error: refusedFailure(failure.error, refusal) });
    }
  }

  /**
   * Lets a task wait for others, without a worker: the attempt is not counted until the task is woken and claimed again.
   * @param timeLimitMs after which the task fails with `wait_limit_exceeded`
   * @returns false when the lease was lost
   */
  suspend(ref: ClaimRef, { timeLimitMs }: { readonly timeLimitMs: number }): Promise<boolean> {
    return this.suspensions.add({ ...ref, timeLimitMs });
  }

  /** Queues a task that waits; it resumes under the same attempt number. Needs the service role. @returns false when it does not wait */
  async wake(tenantId: string, taskId: string): Promise<boolean> {
    return (await this.database.query(wake, [tenantId, taskId])).length > 0;
  }

  private async write(wanted: Statement, items: readonly ClaimRef[]): Promise<boolean[]> {
    const sorted = inLockOrder(items);
    const rows = await this.database.query<{ readonly taskId: string }>(wanted, [
      JSON.stringify(sorted),
      ...keyValues(sorted),
    ]);
    const written = new Set(rows.map(({ taskId }) => taskId));
    return items.map(({ taskId }) => written.has(taskId));
  }
}

/** What is left of an error that the database refuses: a task must end, whatever its handler threw. */
export const refusedFailure = ({ code, permanent }: TaskFailure, refusal: unknown): TaskFailure => {
  const state: unknown = Reflect.get(Object(refusal) as object, 'code');
  const sqlState = typeof state === 'string' ? state : 'unknown';
  const message = `The attempt failed, but its error cannot be stored (SQLSTATE ${sqlState})`;
  return { code, message, permanent };
};

const coalesced = <Item, Answer>(flush: (items: Item[]) => Promise<Answer[]>): Coalescer<Item, Answer> =>
  new Coalescer({ flush, sharedFailure });

const wholeFamily = `(
     select tenant_id, task_id, task_id as root from roots union all select tenant_id, task_id, root from orphans
   )`;

const cancel = statement(
  'tasks.cancel',
  `with recursive roots as (
     select tenant_id, task_id, true as last from task_queue
     where tenant_id = (select pulser.tenant_id()) and task_id = $1 and completed_at is null for update
   ), ${families('wait')}, ${cancelled(wholeFamily)}
   select task_id as "taskId", task_type as "taskType", assigned_agent as agent, attempts as attempt from cancelled`,
);

/** Cancels tasks for their tenant. */
@Injectable()
export class TaskCancel {
  constructor(private readonly database: Database) {}

  /** Ends a task and its open descendants. @returns what was ended: nothing when the task had ended */
  cancel(tenantId: string, actor: Actor, taskId: string): Promise<Cancelled[]> {
    return asActor(this.database, tenantId, actor, (transaction) => transaction.query<Cancelled>(cancel, [taskId]));
  }
}
