// The right to run a task: how a claim is named (by key, fenced by the epoch) and found by statements over many, then how
// it is made, renewed, taken over and released.
import { Coalescer } from '@pulser/concurrency';
import type { AgentName, Priority } from '@pulser/contracts';
import { type Database, statement } from '@pulser/database';

import { sharedFailure } from '../connection/pools.js';
import { expireLeases } from './ending-parts.js';
import type { Swept } from './sweep.js';

interface TaskKey {
  readonly tenantId: string;
  readonly taskId: string;
}

/** Names one attempt: a write that carries it does nothing once another one has begun. */
export interface ClaimRef extends TaskKey {
  readonly epoch: number;
}

/** Sorted by id, so that two statements over the same rows lock them in the same order. */
export const inLockOrder = <T extends { readonly taskId: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId)));

/** The columns of claims, as parameters of `unnest`. */
export const refColumns = (refs: readonly ClaimRef[]): [string[], string[], number[]] => [
  refs.map(({ tenantId }) => tenantId),
  refs.map(({ taskId }) => taskId),
  refs.map(({ epoch }) => epoch),
];

/**
 * A condition that the key of a row is among those of `keyValues`, as the parameters from number `first` on. A join by the
 * keys is not enough: a plan lives as long as its connection, and one that was made while a partition was empty reads
 * the whole of it (or of a partial index, with all its dead entries) for every statement. The min/max id range enables
 * partition pruning.
 */
export const byKeys = (row: string, first: number): string =>
  `${row}.tenant_id = any ($${first}) and ${row}.task_id = any ($${first + 1}) ` +
  `and ${row}.task_id between $${first + 2} and $${first + 3}`;

/** @param keys in lock order, at least one */
export const keyValues = (
  keys: readonly TaskKey[],
): readonly [string[], string[], string | undefined, string | undefined] => {
  const ids = keys.map(({ taskId }) => taskId);
  return [[...new Set(keys.map(({ tenantId }) => tenantId))], ids, ids[0], ids.at(-1)];
};

/** A message that asks for a task to be run. */
export interface ClaimRequest {
  readonly tenantId: string;
  readonly taskId: string;
  /** Undefined: no redelivery of this message can take the claim over. */
  readonly dispatchId: number | undefined;
  /** False when the message carried the payload. */
  readonly wantsPayload: boolean;
  /** Milliseconds that the attempt has run already, without a claim. */
  readonly ranMs?: number;
  /** An attempt may have begun without a claim, and was lost with its worker: this one counts as the second, if no other was claimed. */
  readonly afterUnclaimed?: boolean;
}

/** The right to run one attempt; every later write carries its epoch. */
export interface Claim extends ClaimRef {
  /** Attempts counted so far, this one included. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Milliseconds until the task's deadline, by the database's clock; null without one. */
  readonly deadlineInMs: number | null;
  /** Milliseconds from the time the task could start to this claim, or to the attempt that ran before it. */
  readonly waitedMs: number;
  /** Null: not known, because nothing of the task was read or written yet. */
  readonly priority: Priority | null;
  readonly payload: Record<string, unknown> | null;
  /** The parent, which may wait for it; null: it has none. */
  readonly parentId: string | null;
  /** Under which its task has a place, for which others may wait; null: none. */
  readonly concurrencyKey: string | null;
}

export interface Holder {
  readonly agent: AgentName;
  /** This process, as shown with the task. */
  readonly worker: string;
  readonly leaseMs: number;
}

/**
 * A condition that nothing pauses a row `t` for the agent of this parameter, nor the agent for which it waits, in whose place
 * that one may stand. `task_pause` is empty most of the time, which the uncorrelated `exists` finds out once per statement.
 */
export const isNotPaused = (agent: string): string =>
  `(not exists (select from task_pause) or not exists (select from task_pause p where (p.tenant_id is null or p.tenant_id = t.tenant_id)
       and (p.agent_name in (${agent}, t.assigned_agent) or p.task_type = t.task_type)))`;

/** Milliseconds from the time a row `t` could start until an attempt began that has run for `c.ran_ms`. */
export const waitedMs = `extract(epoch from now() - greatest(t.created_at, t.run_at))::float8 * 1000 - c.ran_ms`;

// The status is compared as text so that the planner cannot choose the index of queued rows, which holds dead entries of
// all that was queued before.
const claim = statement(
  'tasks.claim',
  `update task_queue t set status = 'running', epoch = t.epoch + 1, assigned_agent = $1, worker = $2,
     attempts = t.attempts + case when c.after_unclaimed and t.epoch = 0 and t.max_attempts > 1 then 2 else 1 end,
     dispatch_id = c.dispatch_id, claim_nudge = null, started_at = now() - c.ran_ms * interval '1 ms', updated_at = now(),
     due_at = now() + $3 * interval '1 ms'
   from unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::bool[], $8::float8[], $9::bool[])
     as c(tenant_id, task_id, dispatch_id, wants_payload, ran_ms, after_unclaimed)
   where ${byKeys('t', 10)}
     and t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.status::text = 'queued'
     and (t.deadline_at is null or t.deadline_at > now())
     and ${isNotPaused('$1')}
   returning t.task_id as "taskId", t.tenant_id as "tenantId", t.epoch, t.attempts as attempt,
     t.max_attempts as "maxAttempts",
     extract(epoch from t.deadline_at - now())::float8 * 1000 as "deadlineInMs",
     ${waitedMs} as "waitedMs", t.priority, case when c.wants_payload then t.payload end as payload,
     t.parent_id as "parentId", t.concurrency_key as "concurrencyKey"`,
  { genericPlan: true },
);

// A redelivery of the very message that made the claim shows that its holder died or lost its connection. One that still
// runs is shut out by the new epoch.
const takeOver = statement(
  'tasks.take-over',
  expireLeases(
    `select tenant_id, task_id, attempts >= max_attempts as last from task_queue
     where tenant_id = $1 and task_id = $2 and (dispatch_id = $3 or claim_nudge = $3) and status = 'running' for update`,
    'wait',
  ),
);

const renew = statement(
  'tasks.renew',
  `update task_queue t set due_at = now() + $1 * interval '1 ms'
   from unnest($2::uuid[], $3::uuid[], $4::int[]) as c(tenant_id, task_id, epoch)
   where ${byKeys('t', 5)}
     and t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.epoch = c.epoch and t.status = 'running'
   returning t.task_id as "taskId"`,
  { genericPlan: true },
);

const release = statement(
  'tasks.release',
  `update task_queue t set status = 'queued', attempts = t.attempts - 1, worker = null, updated_at = now(), due_at = now()
   from unnest($1::uuid[], $2::uuid[], $3::int[]) as c(tenant_id, task_id, epoch)
   where ${byKeys('t', 4)}
     and t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.epoch = c.epoch and t.status = 'running'`,
  { genericPlan: true },
);

/**
 * The right to run: compare-and-set on the row, so that any number of workers may ask. Losing one of these writes in a
 * crash only delays the task, so the connection need not wait for the disk.
 */
export class TaskClaims {
  private readonly claims = new Coalescer<ClaimRequest, Claim | undefined>({
    flush: (requests) => this.claimAll(requests),
    sharedFailure,
  });

  constructor(
    private readonly database: Database,
    private readonly holder: Holder,
  ) {}

  /** @returns undefined when another worker has the task, it is not queued any more, its deadline has passed, or it is paused */
  claim(request: ClaimRequest): Promise<Claim | undefined> {
    return this.claims.add(request);
  }

  /**
   * Takes the task away from the holder whose message this was, because the broker delivered the message again.
   * @returns the task as it is now, queued or failed; undefined when no worker held it by this message
   */
  async takeOver({ tenantId, taskId, dispatchId }: ClaimRequest): Promise<Swept | undefined> {
    const taken = await this.database.query<Swept>(takeOver, [tenantId, taskId, dispatchId]);
    return taken.find(({ task_id }) => task_id === taskId);
  }

  /** @returns ids of the tasks whose lease is renewed; the others were taken away */
  async renew(refs: readonly ClaimRef[]): Promise<Set<string>> {
    const sorted = inLockOrder(refs);
    const rows = await this.database.query<{ taskId: string }>(renew, [
      this.holder.leaseMs,
      ...refColumns(sorted),
      ...keyValues(sorted),
    ]);
    return new Set(rows.map(({ taskId }) => taskId));
  }

  /** Gives unfinished tasks back, uncounted: the worker is shutting down. */
  async release(refs: readonly ClaimRef[]): Promise<void> {
    const sorted = inLockOrder(refs);
    await this.database.query(release, [...refColumns(sorted), ...keyValues(sorted)]);
  }

  private async claimAll(requests: readonly ClaimRequest[]): Promise<(Claim | undefined)[]> {
    const sorted = inLockOrder(requests);
    const { agent, worker, leaseMs } = this.holder;
    const rows = await this.database.query<Claim>(claim, [
      agent,
      worker,
      leaseMs,
      sorted.map(({ tenantId }) => tenantId),
      sorted.map(({ taskId }) => taskId),
      sorted.map(({ dispatchId }) => dispatchId ?? null),
      sorted.map(({ wantsPayload }) => wantsPayload),
      sorted.map(({ ranMs = 0 }) => ranMs),
      sorted.map(({ afterUnclaimed = false }) => afterUnclaimed),
      ...keyValues(sorted),
    ]);
    return eachOnce(requests, rows);
  }
}

/** Two messages of one task in one batch: the first gets the row, the second nothing. */
export const eachOnce = <Row extends { readonly taskId: string }>(
  requests: readonly TaskKey[],
  rows: readonly Row[],
): (Row | undefined)[] => {
  const byTask = new Map(rows.map((row) => [row.taskId, row]));
  return requests.map(({ taskId }) => {
    const row = byTask.get(taskId);
    byTask.delete(taskId);
    return row;
  });
};
