import { Injectable } from '@nestjs/common';
import type { AgentName, Priority } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import {
  dequeueAged,
  dequeueDue,
  dequeueResent,
  type Dispatchable,
  type FairSharesSnapshot,
  type Share,
} from './dequeue.js';

// The backlog as the router sees it: what to dispatch next, how much waits, what is on its way.

/** Rows from this id on were skipped; undefined when none had. */
export type Watermark = string | undefined;

const noId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const depths = statement(
  'backlog.depths',
  `select agent_name as agent, priority, sum(tasks)::int as tasks from task_count_live
   where status = 'queued' group by 1, 2`,
);

// Rows whose message should be on its way: those that are not due for another dispatch.
const dispatched = statement(
  'backlog.dispatched',
  `select assigned_agent as agent, count(*)::int as tasks from task_queue
   where status = 'queued' and due_at > now() group by 1`,
);

const redispatch = statement(
  'backlog.redispatch',
  `update task_queue t set due_at = now()
   from (select tenant_id, task_id from task_queue where status = 'queued' and assigned_agent = $1 and due_at > now()
     order by task_id for update skip locked) n
   where t.tenant_id = n.tenant_id and t.task_id = n.task_id`,
);

const makeDue = statement(
  'backlog.make-due',
  `update task_queue t set due_at = now() from unnest($1::uuid[], $2::uuid[]) as c(tenant_id, task_id)
   where t.tenant_id = any ($1) and t.task_id = any ($2) and t.task_id between $3 and $4
     and t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.status::text = 'queued' and t.due_at > now()`,
);

// A loose index scan: one step per pair, however many rows wait.
const waiting = statement(
  'backlog.waiting',
  `with recursive pairs as (
     (select assigned_agent, priority from task_queue where status = 'queued' order by 1, 2 limit 1)
     union all
     select n.* from pairs p cross join lateral (
       select q.assigned_agent, q.priority from task_queue q
       where q.status = 'queued' and (q.assigned_agent, q.priority) > (p.assigned_agent, p.priority)
       order by 1, 2 limit 1
     ) n
   )
   select assigned_agent as agent, priority from pairs`,
);

export interface BacklogKey {
  readonly agent: AgentName;
  readonly priority: Priority;
}

export interface Dispatched {
  readonly agent: AgentName;
  readonly tasks: number;
}

/** Rows taken from the backlog in the order in which they should run. */
export interface Batch {
  readonly rows: readonly Dispatchable[];
  readonly shares: readonly Share[];
  /** Whether more wait, as far as the statement looked. */
  readonly more: boolean;
}

export interface DequeueRequest {
  /** Most rows, up to `maxBatch`. */
  readonly limit: number;
  /** What the tenants got so far. */
  readonly shares: FairSharesSnapshot;
  /** Rows from here on were skipped. */
  readonly skippedFrom?: Watermark;
  /** Rows that were last sent before this time, by the database's clock, were sent to an agent that has failed. */
  readonly resendBefore?: Date | undefined;
}

interface DequeuedRow extends Dispatchable {
  readonly shareStart: number;
  readonly shareEnd: number;
  readonly more: boolean;
}

export interface Depth extends BacklogKey {
  readonly tasks: number;
}

/** Queued rows whose dispatch was lost, skipped or not sent yet. */
@Injectable()
export class TaskBacklog {
  constructor(private readonly database: Database) {}

  /**
   * Takes up to `limit` rows of one agent and priority that are due or were skipped, and counts the dispatch.
   * Several routers may call it at once: each row goes to one of them.
   */
  take({ agent, priority }: BacklogKey, request: DequeueRequest): Promise<Batch> {
    const { limit, shares, skippedFrom = noId, resendBefore } = request;
    const values = [agent, priority, priority, limit, ...columns(shares), skippedFrom];
    if (resendBefore === undefined) return this.run(dequeueDue, limit, values);
    return this.run(dequeueResent, limit, [...values, resendBefore]);
  }

  /** Boosts up to `limit` rows of an agent, of any priority but the highest, that have waited for `seconds`. */
  dequeueAged(agent: AgentName, seconds: number, { limit, shares }: DequeueRequest): Promise<Batch> {
    return this.run(dequeueAged, limit, [agent, 'low', 'medium', limit, ...columns(shares), seconds]);
  }

  /** Agents and priorities with at least one queued row. */
  waiting(): Promise<BacklogKey[]> {
    return this.database.query<BacklogKey>(waiting);
  }

  /** Queued rows whose message should be on its way, by agent. */
  dispatched(): Promise<Dispatched[]> {
    return this.database.query<Dispatched>(dispatched);
  }

  /** Makes all dispatched rows of an agent due again, because the messages that were on their way are lost. */
  async redispatch(agent: AgentName): Promise<void> {
    await this.database.query(redispatch, [agent]);
  }

  /** Makes these rows due again, where they are still queued: their messages went to an agent that has failed. */
  async makeDue(tasks: readonly Pick<Dispatchable, 'task_id' | 'tenant_id'>[]): Promise<void> {
    const sorted = tasks.toSorted((a, b) => (a.task_id < b.task_id ? -1 : 1));
    const ids = sorted.map(({ task_id }) => task_id);
    await this.database.query(makeDue, [sorted.map(({ tenant_id }) => tenant_id), ids, ids[0], ids.at(-1)]);
  }

  /** Queued rows, by agent and priority. */
  depths(): Promise<Depth[]> {
    return this.database.query<Depth>(depths);
  }

  private async run(wanted: Statement, limit: number, values: readonly unknown[]): Promise<Batch> {
    const rows = await this.database.query<DequeuedRow>(wanted, values);
    rows.sort((a, b) => a.shareStart - b.shareStart || (a.task_id < b.task_id ? -1 : 1));
    return { rows, shares: rows.map(shareOf), more: rows.length === limit || rows.some(({ more }) => more) };
  }
}

const columns = ({ tenants, ends, time }: FairSharesSnapshot): unknown[] => [tenants, ends, time];

const shareOf = ({ tenant_id, shareStart, shareEnd }: DequeuedRow): Share => ({
  tenantId: tenant_id,
  start: shareStart,
  end: shareEnd,
});
