// What the tasks of each agent really did, over all tenants: read from kept counts and rollups alone.
import { Injectable } from '@nestjs/common';
import type { AgentName, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';
import { logSumOf } from '@pulser/sketch';

/** What happened to the tasks of one operation in one minute so far. */
export interface MinuteActivity {
  readonly agent: AgentName;
  readonly taskType: TaskType;
  readonly operation: string;
  /** Seconds since 1970. */
  readonly minuteS: number;
  readonly completed: number;
  readonly failed: number;
  /** Sum of the natural logarithms of the run times of tasks that completed, in ms. */
  readonly runLogs: number;
}

/** Of the last hour. */
export interface HourActivity {
  readonly agent: AgentName;
  readonly completed: number;
  readonly failed: number;
  /** Run times of tasks that completed, ms: 0.5, 0.95 and 0.99; null: none did. */
  readonly runMs: readonly [number, number, number] | null;
}

export interface AgentDepth {
  readonly agent: AgentName;
  /** Tasks that wait for a worker. */
  readonly queued: number;
  readonly running: number;
}

// By the primary key of each tenant: an index without the tenant would cost every fold.
const minutes = statement(
  'agent-activity.minutes',
  `select agent_name as agent, task_type as "taskType", operation, extract(epoch from r.at)::float8 as "minuteS",
     sum(completed)::float8 as completed, sum(failed)::float8 as failed, sum(buckets)::float8 as "runBuckets"
   from tenant t cross join lateral (
     select agent_name, task_type, operation, at, completed, failed, (
       select coalesce(sum(s.bucket * s.tasks), 0) from unnest(run_buckets, run_counts) as s(bucket, tasks)
     ) as buckets from agent_rollup
     where tenant_id = t.tenant_id and level = 'minute' and at >= date_trunc('minute', now()) - interval '1 minute'
   ) r group by 1, 2, 3, 4`,
);

const hour = statement(
  'agent-activity.hour',
  `select agent, completed, failed, case when completed > 0 then pulser.sketch_quantiles(sketch, '{0.5,0.95,0.99}') end as "runMs"
   from (
     select agent_name as agent, sum(completed)::float8 as completed, sum(failed)::float8 as failed,
       pulser.sketch_merge(run_buckets, run_counts) as sketch
     from tenant t cross join lateral (
       select agent_name, completed, failed, run_buckets, run_counts from agent_rollup
       where tenant_id = t.tenant_id and level = 'minute' and at >= date_trunc('minute', now()) - interval '1 hour'
     ) r group by 1
   ) of_agent`,
);

const depths = statement(
  'agent-activity.depths',
  `select agent_name as agent, coalesce(sum(tasks) filter (where status = 'queued'), 0)::float8 as queued,
     coalesce(sum(tasks) filter (where status = 'running'), 0)::float8 as running
   from task_count_live group by 1`,
);

// The lease of a running task ends at its `due_at`, which its worker moves on.
const renewing = statement(
  'agent-activity.renewing',
  `select distinct assigned_agent as agent from task_queue
   where status = 'running' and due_at > now() and due_at < now() + interval '1 hour' and assigned_agent = any ($1::text[])`,
);

const openDeadLetters = statement(
  'agent-activity.dead-letters',
  `select coalesce(sum(letters), 0)::float8 as letters from dead_letter_count_live where state = 'open'`,
);

/** Over all tenants. Needs the service role. */
@Injectable()
export class AgentActivity {
  constructor(private readonly database: Database) {}

  /** This minute and the one before; numbers of a minute only grow. */
  async minutes(): Promise<MinuteActivity[]> {
    const rows = await this.database.query<Omit<MinuteActivity, 'runLogs'> & { runBuckets: number }>(minutes);
    return rows.map(({ runBuckets, ...rest }) => ({ ...rest, runLogs: logSumOf(runBuckets) }));
  }

  hour(): Promise<HourActivity[]> {
    return this.database.query<HourActivity>(hour);
  }

  depths(): Promise<AgentDepth[]> {
    return this.database.query<AgentDepth>(depths);
  }

  /** Those of the agents with a running task whose lease lasts: its worker renews it. */
  async renewing(agents: readonly AgentName[]): Promise<AgentName[]> {
    if (agents.length === 0) return [];
    const rows = await this.database.query<{ agent: AgentName }>(renewing, [agents]);
    return rows.map(({ agent }) => agent);
  }

  async openDeadLetters(): Promise<number> {
    const [row] = await this.database.query<{ letters: number }>(openDeadLetters);
    return row?.letters ?? 0;
  }
}
