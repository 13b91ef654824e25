// Tenants with tasks in a real database, whose triggers count them, and the telemetry that a worker reads there.
import type { TaskContext } from '@pulser/agent-runtime/skill';
import { Agents, DeadLetterGrowths, TelemetryReads, TenantTelemetry, Tenants, Timelines } from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { testDatabase, type TestDatabase } from '@pulser/testing';

/** A task as it is written; times are in ms since 1970. */
export interface TaskOfTest {
  readonly agent: string;
  readonly operation: string;
  readonly status: 'completed' | 'failed' | 'cancelled' | 'queued';
  readonly createdMs: number;
  readonly waitMs: number;
  readonly runMs: number;
}

const insert = `
  insert into task_queue (tenant_id, task_type, assigned_agent, status, payload, operation, created_at, updated_at,
    started_at, completed_at, due_at, attempts)
  select $1, 'analytics', t.agent, t.status::task_status, '{}', t.operation, t.created, coalesce(t.ended, t.created),
    case when t.status <> 'queued' then t.started end, t.ended, case when t.ended is null then now() end,
    (t.status <> 'queued')::int
  from (
    select *, started + "runMs" * interval '1 ms' * (case when status = 'queued' then null else 1 end) as ended
    from (
      select *, created + "waitMs" * interval '1 ms' as started from (
        select *, to_timestamp("createdMs" / 1000) as created
        from json_to_recordset($2::json) as r(agent text, operation text, status text, "createdMs" float8,
          "waitMs" float8, "runMs" float8)
      ) a
    ) b
  ) t`;

export interface TaskRow extends Record<string, unknown> {
  readonly agent: string;
  readonly operation: string;
  readonly status: TaskOfTest['status'];
  readonly created: number;
  readonly ended: number | null;
  readonly wait: number | null;
  readonly run: number | null;
}

/** A database with tenants. */
export class TasksOfTests {
  private constructor(
    readonly server: TestDatabase,
    private readonly database: Database,
    private readonly reads: TenantTelemetry,
  ) {}

  static async start(): Promise<TasksOfTests> {
    const server = await testDatabase(migrateUp);
    const database = new Database({
      settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 4, DATABASE_PREPARE: true },
      applicationName: 'telemetry-report-spec',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    const [timelines, agents] = [new Timelines(database), new Agents(database)];
    for (const agent of ['dash', 'maya'])
      await agents.register({
        agent,
        version: 'test',
        task_types: [{ task_type: agent === 'dash' ? 'analytics' : 'documentation' }],
        operations: [],
      });
    const reads = new TelemetryReads(timelines, agents);
    const telemetry = new TenantTelemetry(reads, timelines, new DeadLetterGrowths(database), new Tenants(database));
    return new TasksOfTests(server, database, telemetry);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.server.drop();
  }

  tenant(name: string): Promise<string> {
    return new Tenants(this.database).ensure(name);
  }

  async add(tenantId: string, tasks: readonly TaskOfTest[]): Promise<void> {
    await this.server.query(insert, [tenantId, JSON.stringify(tasks)]);
  }

  /** Dead letters that came at a time, in ms since 1970. */
  async bury(tenantId: string, reason: string, agent: string, atMs: number, letters: number): Promise<void> {
    await this.server.query(
      `insert into dead_letter (dead_letter_id, tenant_id, task_id, task_type, agent_name, reason, error, created_at)
       select overlay(pulser.new_id()::text placing left(pulser.id_floor(to_timestamp($4))::text, 13) from 1 for 13)::uuid,
         $1, pulser.new_id(), 'analytics', $3, $2, '{"message": "no"}', to_timestamp($4)
       from generate_series(1, $5)`,
      [tenantId, reason, agent, atMs / 1_000, letters],
    );
  }

  /** Silent from now on. */
  async silence(agent: string): Promise<void> {
    await this.server.query(
      `update agent_registration set last_seen_at = now() - interval '3 hours' where agent_name = $1`,
      [agent],
    );
  }

  /** The rows of a tenant as they are kept. */
  rows(tenantId: string): Promise<TaskRow[]> {
    return this.server.query<TaskRow>(
      `select assigned_agent as agent, operation, status::text, extract(epoch from created_at)::float8 * 1000 as created,
         extract(epoch from completed_at)::float8 * 1000 as ended,
         extract(epoch from started_at - created_at)::float8 * 1000 as wait,
         extract(epoch from completed_at - started_at)::float8 * 1000 as run
       from task_queue where tenant_id = $1`,
      [tenantId],
    );
  }

  /** What the context of a task of this tenant has. */
  telemetry(tenantId: string): TaskContext['telemetry'] {
    return (question) => this.reads.answer(tenantId, question);
  }
}
