import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { type AgentName, keptFailure, type SubmittedTask, type TaskFailure, type TaskType } from '@pulser/contracts';
import { Database, isRefusal, statement, type Statement, type TenantTransaction } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { sharedFailure } from '../connection/pools.js';
import { byKeys, type ClaimRef, inLockOrder, keyValues } from './claims.js';
import {
  attemptEvents,
  cancelled,
  deadLetters,
  dispatchColumns,
  families,
  isNoOrphan,
  wokenParents,
  type WokenRow,
  wokenTask,
} from './ending-parts.js';
import { lockJoins, lockSuspending, suspend, type Suspension, wake } from './suspensions.js';

// How attempts and tasks end: completed, failed, suspended (and woken) by their workers, cancelled by their tenant. What the
// router ends when it is due is in sweep.ts; the parts that the statements share are in ending-parts.ts. Those of tasks that
// have a parent are statements of their own, so that others pay nothing for it.

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

/** SQL: what a statement over tasks that have parents returns: the tasks it wrote, and the parents that it woke. */
const writtenAndWoken = (written: string): string =>
  `select ${dispatchColumns}, false as woken from ${written} union all select ${dispatchColumns}, true from woken`;

const completeChildren = statement(
  'tasks.complete-children',
  `with ended as (
     update task_queue t set status = 'completed', result = c.result, error = null, due_at = null,
       completed_at = now(), updated_at = now()
     from json_to_recordset($1::json) as c("tenantId" uuid, "taskId" uuid, epoch int, result jsonb)
     where ${byKeys('t', 2)}
       and t.tenant_id = c."tenantId" and t.task_id = c."taskId" and t.epoch = c.epoch and t.status = 'running'
     returning t.*
   ), ${wokenParents('ended')}
   ${writtenAndWoken('ended')}`,
  { genericPlan: true },
);

// The lock of a descendant may be waited for while those of other tasks of the batch are held: all are taken in one order,
// the batch's own too. Only then is it known which of its tasks fail, with their descendants.
const fencedRoots = `
     select c.tenant_id, c.task_id from given c join held t on ${fence} where c.retry_ms is null`;

const failing = `with recursive given as (
     select "tenantId" as tenant_id, "taskId" as task_id, epoch, error, "retryAfterMs" as retry_ms
     from json_to_recordset($1::json) as c("tenantId" uuid, "taskId" uuid, epoch int, error jsonb, "retryAfterMs" int)
   ), roots as (
     select tenant_id, task_id, retry_ms is null as last from given
   ), ${families('wait', fencedRoots)}, failed as (
     update task_queue t set status = case when c.retry_ms is null then 'failed' else 'retrying' end::task_status,
       error = c.error, due_at = now() + c.retry_ms * interval '1 ms', updated_at = now(),
       closing = t.has_children and c.retry_ms is null,
       completed_at = case when c.retry_ms is null then now() end
     from given c where ${byKeys('t', 2)} and ${fence} and ${isNoOrphan}
     returning t.*
   ), ${attemptEvents('failed', 'attempt', { status: 'retrying', epoch: 'epoch', attempt: 'attempts', hasError: true })},
   ${cancelled('orphans')}, ${deadLetters('failed', 'dead')}`;

const fail = statement('tasks.fail', `${failing} select task_id as "taskId" from failed`, { genericPlan: true });

const failChildren = statement(
  'tasks.fail-children',
  `${failing}, ${wokenParents(`(select * from failed where status = 'failed') e`)}
   ${writtenAndWoken('failed')}`,
  { genericPlan: true },
);

/** An attempt that ends. */
interface Ending extends ClaimRef {
  /** Of its task, as its claim says. */
  readonly parentId?: string | null;
}

interface Completion extends ClaimRef {
  readonly result: unknown;
}

interface Failure extends ClaimRef {
  readonly error: TaskFailure;
  /** Milliseconds until the next attempt; undefined when there is none. */
  readonly retryAfterMs?: number | undefined;
}

/** A task that was cancelled, by its tenant or because an ancestor ended for good. */
export interface Cancelled {
  readonly taskId: string;
  readonly taskType: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

/** One as the event that says it. */
export const cancelledEvent = (tenantId: string, { taskId, taskType, agent, attempt }: Cancelled) => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: taskType,
  agent,
  attempt,
});

/** Ends attempts. Each write is durable when it returns, and does nothing once the lease is lost. */
@Injectable()
export class TaskResults {
  private readonly completions = coalesced<Completion, boolean>((items) => this.write(complete, items));
  private readonly failures = coalesced<Failure, boolean>((items) => this.write(fail, items));
  private readonly completionsOfChildren = coalesced<Completion, boolean>((items) =>
    this.writeChildren(completeChildren, items),
  );
  private readonly failuresOfChildren = coalesced<Failure, boolean>((items) => this.writeChildren(failChildren, items));
  private readonly suspensions = coalesced<Suspension, boolean>((items) => this.writeSuspensions(items));
  private wakened: (tasks: readonly SubmittedTask[]) => void = () => undefined;

  constructor(private readonly database: Database) {}

  /** Gets the tasks that an end or a suspension has queued, to be dispatched: without, the router finds them when it looks. */
  onWoken(listener: (tasks: readonly SubmittedTask[]) => void): void {
    this.wakened = listener;
  }

  /** @returns false when the lease was lost: the result is not kept */
  complete({ tenantId, taskId, epoch, parentId = null }: Ending, result: unknown): Promise<boolean> {
    const completions = parentId === null ? this.completions : this.completionsOfChildren;
    return completions.add({ tenantId, taskId, epoch, result });
  }

  /**
   * Ends a failed attempt. Without another one the task fails for good: it gets a dead letter, and its open descendants
   * are cancelled. The error is bounded; one that the database still refuses is replaced by one that says so.
   * @param retryAfterMs milliseconds until the next attempt
   * @returns false when the lease was lost
   */
  async fail(
    { tenantId, taskId, epoch, parentId = null }: Ending,
    error: TaskFailure,
    retryAfterMs?: number,
  ): Promise<boolean> {
    const failures = parentId === null ? this.failures : this.failuresOfChildren;
    const failure = { tenantId, taskId, epoch, error: keptFailure(error), retryAfterMs };
    try {
      return await failures.add(failure);
    } catch (refusal) {
      if (!isRefusal(refusal)) throw refusal;
      return failures.add({ ...failure, error: refusedFailure(failure.error, refusal) });
    }
  }

  /**
   * Lets a task wait without a worker: the attempt is not counted until the task is woken and claimed again. When what it
   * waits for is there already, it is queued at once.
   * @param suspension what it waits for, and after how long it fails with `wait_limit_exceeded`
   * @returns false when the lease was lost
   */
  suspend({ tenantId, taskId, epoch }: ClaimRef, suspension: Omit<Suspension, keyof ClaimRef>): Promise<boolean> {
    return this.suspensions.add({ tenantId, taskId, epoch, ...suspension });
  }

  /** Queues a task that waits; it resumes under the same attempt number. Needs the service role. @returns false when it does not wait */
  async wake(tenantId: string, taskId: string): Promise<boolean> {
    const woken = await this.database.query<WokenRow>(wake, [tenantId, taskId]);
    this.announce(woken);
    return woken.length > 0;
  }

  private announce(woken: readonly WokenRow[]): void {
    if (woken.length > 0) this.wakened(woken.map(wokenTask));
  }

  private async writeChildren(wanted: Statement, items: readonly ClaimRef[]): Promise<boolean[]> {
    const sorted = inLockOrder(items);
    const rows = await this.database.query<WokenRow & { readonly woken: boolean }>(wanted, [
      JSON.stringify(sorted),
      ...keyValues(sorted),
    ]);
    this.announce(rows.filter(({ woken }) => woken));
    const written = new Set(rows.flatMap(({ task_id, woken }) => (woken ? [] : [task_id])));
    return items.map(({ taskId }) => written.has(taskId));
  }

  private async writeSuspensions(items: readonly Suspension[]): Promise<boolean[]> {
    const sorted = inLockOrder(items);
    const [tenants, ids] = [sorted.map(({ tenantId }) => tenantId), sorted.map(({ taskId }) => taskId)];
    const rows = await this.database.query<WokenRow & { readonly queued: boolean }>(
      suspend,
      [JSON.stringify(sorted.map(({ wait, ...rest }) => ({ ...rest, ...wait }))), ...keyValues(sorted)],
      [
        { wanted: lockSuspending, values: [tenants, ids] },
        { wanted: lockJoins, values: [tenants, ids] },
      ],
    );
    this.announce(rows.filter(({ queued }) => queued));
    const written = new Set(rows.map(({ task_id }) => task_id));
    return items.map(({ taskId }) => written.has(taskId));
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
   ), ${families('wait')}, ${cancelled(wholeFamily)}, ${wokenParents('(select * from cancelled where task_id = root) e')}
   select task_id as "taskId", task_type as "taskType", assigned_agent as agent, attempts as attempt from cancelled`,
);

/** Ends a task and its open descendants, in a transaction of its tenant. @returns what was ended */
export const cancelIn = (transaction: TenantTransaction, taskId: string): Promise<Cancelled[]> =>
  transaction.query<Cancelled>(cancel, [taskId]);

/** Cancels tasks for their tenant. */
@Injectable()
export class TaskCancel {
  constructor(private readonly database: Database) {}

  /** Ends a task and its open descendants. @returns what was ended: nothing when the task had ended */
  cancel(tenantId: string, actor: Actor, taskId: string): Promise<Cancelled[]> {
    return asActor(this.database, tenantId, actor, (transaction) => cancelIn(transaction, taskId));
  }
}
