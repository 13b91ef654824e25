// What a tenant reads of the waits of its tasks.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

const ofTask = `tenant_id = (select pulser.tenant_id()) and task_id = $1`;

/** Rows of each kind. */
const most = 100;

const find = statement(
  'waits.find',
  `select coalesce((select jsonb_agg(w order by w."isCurrent" desc, w."askedAt" desc) from (
       select key, kind, case kind when 'signal' then ref end as name, case kind when 'approval' then ref end as approval, coalesce(refs[1:${most}], '{}') as children, until,
         on_limit as "onLimit", asked_at as "askedAt", satisfied_at as "satisfiedAt", outcome ? 'timedOut' as "timedOut",
         is_current and t.status = 'waiting' as "isCurrent"
       from task_wait where ${ofTask} order by asked_at desc limit ${most}) w), '[]') as waits,
     coalesce((select jsonb_agg(s order by s."receivedAt" desc) from (
       select name, key, sent_by as "sentBy", received_at as "receivedAt", taken_by as "takenBy"
       from task_signal where ${ofTask} order by signal_id desc limit ${most}) s), '[]') as signals,
     coalesce(j.children, 0) as total, coalesce(cardinality(j.awaited), 0) as awaited, coalesce(j.remaining, 0) as open
   from task_queue t left join task_join j using (tenant_id, task_id)
   where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1`,
);

/** Times are texts as PostgreSQL writes them in JSON. */
export interface WaitRow {
  readonly key: string;
  readonly kind: 'child' | 'children' | 'signal' | 'time' | 'run' | 'approval';
  readonly name: string | null;
  readonly approval: string | null;
  readonly children: readonly string[];
  readonly until: string | null;
  readonly onLimit: 'fail' | 'continue';
  readonly askedAt: string;
  readonly satisfiedAt: string | null;
  readonly timedOut: boolean | null;
  readonly isCurrent: boolean;
}

export interface SignalRow {
  readonly name: string;
  readonly key: string;
  readonly sentBy: string;
  readonly receivedAt: string;
  readonly takenBy: string | null;
}

export interface WaitsOfTask {
  readonly waits: readonly WaitRow[];
  readonly signals: readonly SignalRow[];
  /** Children of the task. */
  readonly total: number;
  /** Those for which it waits. */
  readonly awaited: number;
  /** Of these, those that are open. */
  readonly open: number;
}

/** Reads what tasks wait for. */
@Injectable()
export class WaitReads {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the tenant has no such task */
  async find(tenantId: string, taskId: string): Promise<WaitsOfTask | undefined> {
    return (await this.database.queryAs<WaitsOfTask>(tenantId, find, [taskId]))[0];
  }
}
