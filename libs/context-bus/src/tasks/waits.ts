// How long a task may have to wait, from what happened to others of its tenant.
import { Injectable } from '@nestjs/common';
import { type AgentName, priorities, type Priority, type TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';
import { countOf, merge, quantile, type Sketch } from '@pulser/sketch';

/** Minutes that count as recent. */
const recentMinutes = 15;

// From kept counts and rollups alone, however many tasks there are.
const forecast = statement(
  'tasks.expected-wait',
  `select (
     select coalesce(sum(tasks), 0)::int from task_count_live
     where tenant_id = (select pulser.tenant_id()) and agent_name = $1 and status = 'queued' and priority = any ($3)
   ) as ahead, (
     select coalesce(json_agg(json_build_object('buckets', wait_buckets, 'counts', wait_counts)), '[]') from rollup_live
     where tenant_id = (select pulser.tenant_id()) and level = 'minute' and agent_name = $1 and task_type = $2
       and at > now() - interval '${recentMinutes} minutes'
   ) as waits`,
);

export interface ExpectedWait {
  /** Queued tasks of the tenant for the agent, of the same priority or a higher one. */
  readonly ahead: number;
  /** How long tasks of the type waited that completed in the last 15 minutes; undefined: none did. */
  readonly recent: { readonly tasks: number; readonly p50Ms: number; readonly p95Ms: number } | undefined;
}

/** What a task has to wait for. */
@Injectable()
export class TaskForecasts {
  constructor(private readonly database: Database) {}

  /** @throws DatabaseUnavailable */
  async expectedWait(
    tenantId: string,
    agent: AgentName,
    taskType: TaskType,
    priority: Priority,
  ): Promise<ExpectedWait> {
    const before = priorities.slice(0, priorities.indexOf(priority) + 1);
    const [row] = await this.database.queryAs<{ ahead: number; waits: Sketch[] }>(tenantId, forecast, [
      ...[agent, taskType, before],
    ]);
    const waits = merge(row?.waits ?? []);
    const [p50Ms, p95Ms] = [quantile(waits, 0.5), quantile(waits, 0.95)];
    const recent = p50Ms === null || p95Ms === null ? undefined : { tasks: countOf(waits), p50Ms, p95Ms };
    return { ahead: row?.ahead ?? 0, recent };
  }
}
