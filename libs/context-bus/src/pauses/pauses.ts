// Pauses: agents and task types of which no task starts for now, for one tenant or for all.
import { Injectable } from '@nestjs/common';
import type { AgentName, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, asActor, actorJson } from '../audit/actor.js';

/** What is paused: an agent or a task type. */
export type PauseTarget =
  { readonly agent: AgentName; readonly taskType?: never } | { readonly taskType: TaskType; readonly agent?: never };

export interface PauseRow {
  readonly agent: AgentName | null;
  readonly taskType: TaskType | null;
  readonly reason: string | null;
  readonly pausedAt: Date;
  readonly forAllTenants: boolean;
}

const list = statement(
  'pauses.list',
  `select agent_name as agent, task_type as "taskType", reason, paused_at as "pausedAt",
     tenant_id is null as "forAllTenants"
   from task_pause where tenant_id is null or tenant_id = (select pulser.tenant_id())
   order by paused_at, agent_name, task_type`,
);

const exist = statement('pauses.exist', 'select exists (select from task_pause) as exist');

const pause = statement(
  'pauses.pause',
  `insert into task_pause (tenant_id, agent_name, task_type, reason, paused_by)
   values ((select pulser.tenant_id()), $1, $2, $3, $4)
   on conflict (tenant_id, agent_name, task_type) do nothing`,
);

// Tasks that were dispatched during the pause and could not start are due now, not at the end of their interval.
const resume = statement(
  'pauses.resume',
  `with gone as (
    delete from task_pause where tenant_id = (select pulser.tenant_id())
      and agent_name is not distinct from $1 and task_type is not distinct from $2
    returning 1
  ), awake as (
    update task_queue set due_at = now()
    where exists (select from gone) and status = 'queued' and due_at > now()
      and tenant_id = (select pulser.tenant_id()) and (assigned_agent = $1 or task_type = $2)
  )
  select count(*)::int as gone from gone`,
);

// The same for all tenants, as the administrator of the database. The trigger that writes the trail of the installation
// runs after the statement, and finds its author set.
const pauseAll = statement(
  'pauses.pause-all',
  `with acting as (select set_config('app.actor', $5, true) as author)
   insert into task_pause (tenant_id, agent_name, task_type, reason, paused_by)
   select null::uuid, $1, $2, $3, $4 from acting where author is not null
   on conflict (tenant_id, agent_name, task_type) do nothing`,
);

const resumeAll = statement(
  'pauses.resume-all',
  `with acting as (
    select set_config('app.actor', $3, true) as author
  ), gone as (
    delete from task_pause using acting where author is not null and tenant_id is null
      and agent_name is not distinct from $1 and task_type is not distinct from $2
    returning 1
  ), awake as (
    update task_queue set due_at = now()
    where exists (select from gone) and status = 'queued' and due_at > now() and (assigned_agent = $1 or task_type = $2)
  )
  select count(*)::int as gone from gone`,
);

// The same for gateways, in the name of a key of the installation, which the database checks again.
const pauseForAll = statement('pauses.pause-for-all', 'select pulser.pause_for_all($1, $2, $3, $4, $5)');
const resumeForAll = statement('pauses.resume-for-all', 'select pulser.resume_for_all($1, $2, $3, $4) as gone');

const targetColumns = ({ agent, taskType }: PauseTarget): unknown[] => [agent ?? null, taskType ?? null];

/** The pauses of one tenant, or without a tenant those of the whole installation. */
@Injectable()
export class Pauses {
  constructor(private readonly database: Database) {}

  /** Pauses that affect a tenant or, without one, those of all tenants; oldest first. */
  list(tenantId: string | undefined): Promise<PauseRow[]> {
    if (tenantId === undefined) return this.database.query<PauseRow>(list);
    return this.database.queryAs<PauseRow>(tenantId, list);
  }

  /** Whether anything is paused for any tenant. Needs the service role. */
  async exist(): Promise<boolean> {
    const [row] = await this.database.query<{ exist: boolean }>(exist);
    return row?.exist !== false;
  }

  /** Keeps the first reason when the target is paused already. */
  async pause(tenantId: string, actor: Actor, target: PauseTarget, reason?: string): Promise<void> {
    await this.change(tenantId, actor, pause, [...targetColumns(target), reason ?? null, actor.name]);
  }

  /** @returns false when the target was not paused */
  async resume(tenantId: string, actor: Actor, target: PauseTarget): Promise<boolean> {
    const [row] = await this.change<{ gone: number }>(tenantId, actor, resume, targetColumns(target));
    return row?.gone === 1;
  }

  /** A pause of all tenants, for good until it is resumed. @param keyId of an operator of the installation; without, needs the administrator of the database */
  async pauseForAll(actor: Actor, target: PauseTarget, reason?: string, keyId?: string): Promise<void> {
    const columns = [...targetColumns(target), reason ?? null];
    if (keyId === undefined) await this.database.query(pauseAll, [...columns, actor.name, actorJson(actor)]);
    else await this.database.query(pauseForAll, [keyId, actorJson(actor), ...columns]);
  }

  /** @returns false when the target was not paused for all tenants. @param keyId as of `pauseForAll` */
  async resumeForAll(actor: Actor, target: PauseTarget, keyId?: string): Promise<boolean> {
    const columns = targetColumns(target);
    const [row] = await (keyId === undefined
      ? this.database.query<{ gone: number }>(resumeAll, [...columns, actorJson(actor)])
      : this.database.query<{ gone: number }>(resumeForAll, [keyId, actorJson(actor), ...columns]));
    return row?.gone === 1;
  }

  private change<Row extends object>(
    tenantId: string,
    actor: Actor,
    wanted: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    return asActor(this.database, tenantId, actor, (transaction) => transaction.query<Row>(wanted, values));
  }
}
