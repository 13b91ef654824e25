import type { AgentRegistration, SubmittedTask } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { testDatabase, type TestDatabase } from '@pulser/testing';

import {
  Agents,
  type Claim,
  DailyQuota,
  Destinations,
  DispatchPort,
  type GatedTask,
  Intake,
  type NewTask,
  PayloadChecks,
  type Principal,
  QueueQuota,
  Quotas,
  TaskBacklog,
  TaskCancel,
  TaskClaims,
  TaskEntity,
  TaskEventLog,
  TaskInserts,
  TaskReads,
  TaskResults,
  TaskSweep,
  TaskTypes,
  TenantDays,
  Tenants,
  WaitingTasks,
  systemActor,
} from '../src/index.js';

/** Every store over one fresh database, as the service role, with one tenant. */
export class TaskLife {
  readonly inserts: TaskInserts;
  readonly intake: Intake;
  /** What the intake published, a list for each commit. */
  readonly published: (readonly SubmittedTask[])[] = [];
  readonly claims: TaskClaims;
  readonly results: TaskResults;
  readonly reads: TaskReads;
  readonly sweep: TaskSweep;
  readonly backlog: TaskBacklog;
  readonly cancels: TaskCancel;
  readonly events: TaskEventLog;
  readonly tenants: Tenants;
  private onGated: (tasks: readonly GatedTask[]) => void = () => undefined;

  private constructor(
    readonly server: TestDatabase,
    readonly database: Database,
    readonly tenantId: string,
  ) {
    this.inserts = new TaskInserts(database);
    const published = this.published;
    const gated = (tasks: readonly GatedTask[]): void => {
      this.onGated(tasks);
    };
    const port = new (class extends DispatchPort {
      override submitted(tasks: readonly SubmittedTask[]): void {
        published.push(tasks);
      }

      override gated(tasks: readonly GatedTask[]): void {
        gated(tasks);
      }
    })();
    this.intake = intakeOver(database, port);
    this.claims = new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
    this.results = new TaskResults(database);
    this.reads = new TaskReads(database);
    this.sweep = new TaskSweep(database);
    this.backlog = new TaskBacklog(database);
    this.cancels = new TaskCancel(database);
    this.events = new TaskEventLog(database);
    this.tenants = new Tenants(database);
  }

  static async start(): Promise<TaskLife> {
    const server = await testDatabase(migrateUp);
    const database = await connected(server.url('pulser_service'));
    await new Agents(database).register(registration);
    return new TaskLife(server, database, await new Tenants(database).ensure('acme'));
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.server.drop();
  }

  /** Gets what the intake announces of concurrency keys. */
  gatedBy(listener: (tasks: readonly GatedTask[]) => void): void {
    this.onGated = listener;
  }

  async submit(task: Partial<NewTask> = {}, tenantId = this.tenantId): Promise<string> {
    const [accepted] = await this.inserts.insertAll(tenantId, [newTask(task)]);
    return accepted?.taskId ?? '';
  }

  claim(taskId: string, dispatchId = 1): Promise<Claim | undefined> {
    return this.claims.claim({ tenantId: this.tenantId, taskId, dispatchId, wantsPayload: false });
  }

  /** @throws when the task cannot be claimed */
  async claimed(taskId: string, dispatchId = 1): Promise<Claim> {
    const claim = await this.claim(taskId, dispatchId);
    if (claim === undefined) throw new Error('The claim was lost');
    return claim;
  }

  async status(taskId: string): Promise<string | undefined> {
    return (await this.reads.find(this.tenantId, taskId))?.status;
  }

  /** Lets the row's time come. */
  async makeDue(taskId: string): Promise<void> {
    await this.server.query('update task_queue set due_at = now() where task_id = $1', [taskId]);
  }
}

/** Whoever the tests are. */
export const tester = systemActor('laptop');

export const newTask = (task: Partial<NewTask> = {}): NewTask => ({
  task_type: 'analytics',
  priority: 'medium',
  agent: 'dash',
  payload: { operation: 'query' },
  max_attempts: 2,
  ...task,
});

/** What the agent of these tests can do. */
export const registration: AgentRegistration = {
  agent: 'dash',
  version: 'test',
  task_types: [{ task_type: 'analytics' }],
  operations: [
    {
      task_type: 'analytics',
      operation: 'query',
      summary: 'Runs SQL',
      input_schema: { type: 'object', properties: { n: { type: 'number' } } },
      example: { operation: 'query' },
    },
  ],
};

/** An intake with quotas of this size. */
export const intakeOver = (database: Database, port: DispatchPort, quota = 100_000): Intake =>
  new Intake(
    new TaskTypes(new Agents(database)),
    new PayloadChecks(),
    new Quotas(new QueueQuota(new WaitingTasks(database), quota), new DailyQuota(new TenantDays(database), 1_000_000)),
    new TaskInserts(database),
    new Destinations(database),
    port,
  );

/** An operator of a tenant. */
export const operatorOf = (tenantId: string): Principal => ({
  tenantId,
  name: 'tester',
  keyId: '019a0000-0000-7000-8000-000000000009',
  role: 'operator',
  allowedTaskTypes: null,
  expiresAt: null,
});

/** A connected pool on a test database. */
export const connected = async (url: string): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 10, DATABASE_PREPARE: true },
    applicationName: 'pulser-test',
    synchronousCommit: 'on',
    entities: [TaskEntity],
    // A test that drops its database breaks idle connections on purpose.
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};
