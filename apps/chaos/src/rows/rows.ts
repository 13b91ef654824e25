import { type Database, statement } from '@pulser/database';

const begunAt = statement(
  'chaos.begun',
  `select pid from chaos.effect_calls where ref = $1 and phase = 'begin' order by call_id limit 1`,
);

const endedSince = statement(
  'chaos.ended-since',
  `select true as ended from task_queue where task_id >= pulser.id_floor(to_timestamp($1 / 1000.0))
     and status = 'completed' limit 1`,
);

const someRecent = statement(
  'chaos.some-recent',
  `select task_id as "taskId", tenant_id as "tenantId", task_type as "taskType", priority, dispatch_id::text as "dispatchId", payload
   from task_queue order by task_id desc limit $1`,
);

const open = statement('chaos.open', `select count(*)::int as tasks from task_queue where completed_at is null`);

const missing = statement(
  'chaos.missing',
  `select count(*)::int as tasks from unnest($1::text[]) as wanted(ref)
   where ref not in (select payload ->> 'ref' from task_queue where payload ->> 'ref' is not null)`,
);

const terminate = statement(
  'chaos.terminate',
  `select count(pg_terminate_backend(pid))::int as ended from (
     select pid from pg_stat_activity where datname = current_database() and usename in ('pulser_app', 'pulser_service')
     order by random() limit $1) as victims`,
);

export interface RecentTask {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: string;
  readonly priority: 'low' | 'medium' | 'high';
  readonly dispatchId: string | null;
  readonly payload: Record<string, unknown>;
}

/** What the harness asks of Pulser's rows while it runs, as the administrator. */
export class Rows {
  constructor(private readonly database: Database) {}

  /** The process that first ran the task of this reference; undefined before it did. */
  async begunBy(ref: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ pid: number }>(begunAt, [ref]);
    return row?.pid;
  }

  /** Whether a task completed that was submitted after this moment (milliseconds since the epoch). */
  async endedSince(at: number): Promise<boolean> {
    return (await this.database.query(endedSince, [at])).length > 0;
  }

  /** The newest tasks. */
  someRecent(limit: number): Promise<RecentTask[]> {
    return this.database.query<RecentTask>(someRecent, [limit]);
  }

  /** Tasks that have not ended. */
  async open(): Promise<number> {
    const [row] = await this.database.query<{ tasks: number }>(open);
    return row?.tasks ?? 0;
  }

  /** Of these references, how many no task has. */
  async missing(refs: readonly string[]): Promise<number> {
    const [row] = await this.database.query<{ tasks: number }>(missing, [refs]);
    return row?.tasks ?? 0;
  }

  /** @returns how many of Pulser's sessions were ended */
  async terminateBackends(limit: number): Promise<number> {
    const [row] = await this.database.query<{ ended: number }>(terminate, [limit]);
    return row?.ended ?? 0;
  }
}
