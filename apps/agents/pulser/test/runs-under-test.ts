import { randomUUID } from 'node:crypto';

import {
  Agents,
  DailyQuota,
  Destinations,
  DispatchPort,
  Intake,
  type NewRun,
  PayloadChecks,
  QueueQuota,
  Quotas,
  type ReusedStep,
  RunEnds,
  RunScopes,
  TaskCancel,
  TaskClaims,
  TaskEntity,
  TaskInserts,
  TaskResults,
  TaskSignals,
  TaskTypes,
  TenantDays,
  Tenants,
  WaitingTasks,
  WorkflowBegins,
  WorkflowRuns,
  systemActor,
} from '@pulser/context-bus';
import { WorkflowDefinition } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { testDatabase, type TestDatabase } from '@pulser/testing';

import { FirstDecisions } from '../src/runs/first-decisions.js';
import { RunAdvance } from '../src/runs/run-advance.js';
import { RunDecisions } from '../src/runs/run-decisions.js';
import { RunSubmissions } from '../src/runs/run-submissions.js';

const silent = { debug: () => undefined } as unknown as ConstructorParameters<typeof RunAdvance>[5];

/** Keeps what would be published. */
class HeardEvents {
  readonly heard: { readonly key: string; readonly ids: readonly string[] }[] = [];

  publish(key: string, events: readonly { readonly task_id: string }[]): Promise<void> {
    this.heard.push({ key, ids: events.map(({ task_id }) => task_id) });
    return Promise.resolve();
  }
}

const port = new (class extends DispatchPort {
  override submitted(): void {
    // The tests play the workers themselves.
  }
})();

/** What advances runs, in a process of its own: when that dies, another one is made over the same tables. */
export interface Advancer {
  readonly advance: RunAdvance;
  /** Begins runs with their first decision. */
  readonly begins: FirstDecisions;
  readonly runs: WorkflowRuns;
  readonly events: HeardEvents;
  readonly close: () => void;
}

export const advancerOver = (database: Database, quota = 1_000_000): Advancer => {
  const quotas = new Quotas(
    new QueueQuota(new WaitingTasks(database), quota),
    new DailyQuota(new TenantDays(database), 1_000_000),
  );
  const types = new TaskTypes(new Agents(database));
  const intake = new Intake(
    types,
    new PayloadChecks(),
    quotas,
    new TaskInserts(database),
    new Destinations(database),
    port,
  );
  const [runs, scopes] = [new WorkflowRuns(database), new RunScopes(database)];
  const decisions = new RunDecisions(scopes, runs);
  const events = new HeardEvents();
  const publisher = events as unknown as ConstructorParameters<typeof RunAdvance>[4];
  const submissions = new RunSubmissions(intake, runs);
  const advance = new RunAdvance(runs, decisions, submissions, new RunEnds(database), publisher, silent);
  return {
    advance,
    begins: new FirstDecisions(new WorkflowBegins(database), decisions, intake),
    runs,
    events,
    close: () => {
      decisions.onApplicationShutdown();
    },
  };
};

const connected = async (url: string): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 10, DATABASE_PREPARE: true },
    applicationName: 'pulser-test',
    synchronousCommit: 'on',
    entities: [TaskEntity],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};

interface OpenTask {
  readonly task_id: string;
  readonly step: string;
  readonly index: number;
}

export type Verdict = { readonly result: unknown } | { readonly code: string };

type Begins = Pick<FirstDecisions, 'begin'>;

/** What a handler begins of an inline definition. */
export const newRun = (steps: readonly object[], more: object = {}): NewRun => {
  const base = { workflow: null, version: null, rerunOf: null, reused: [], inputs: {} };
  return { ...base, definition: WorkflowDefinition.parse({ steps, ...more }) };
};

/** One tenant with a key, a database, and tests in place of the workers. */
export class RunsUnderTest {
  private constructor(
    readonly server: TestDatabase,
    readonly database: Database,
    readonly tenantId: string,
    readonly keyId: string,
  ) {}

  static async start(): Promise<RunsUnderTest> {
    const server = await testDatabase(migrateUp);
    const database = await connected(server.url('pulser_service'));
    const example = { operation: 'do' };
    await new Agents(database).register({
      agent: 'dash',
      version: 'test',
      task_types: [{ task_type: 'analytics' }],
      operations: [
        {
          task_type: 'analytics',
          operation: 'do',
          summary: 'Does it',
          input_schema: { type: 'object', properties: { n: { type: 'number' } } },
          example,
        },
      ],
    });
    await new Agents(database).register({
      agent: 'pulser',
      version: 'test',
      task_types: [{ task_type: 'orchestration' }],
      operations: [
        { task_type: 'orchestration', operation: 'run', summary: 'Runs', input_schema: { type: 'object' }, example },
        {
          task_type: 'orchestration',
          operation: 'approve',
          summary: 'Asks',
          input_schema: { type: 'object' },
          example,
        },
      ],
    });
    const tenantId = await new Tenants(database).ensure('acme');
    const [key] = await server.query<{ id: string }>(
      `insert into api_key (tenant_id, name, role, prefix, key_hash) values ($1, 'ci', 'operator', 'pk', '\\x01')
       returning key_id as id`,
      [tenantId],
    );
    return new RunsUnderTest(server, database, tenantId, key?.id ?? '');
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.server.drop();
  }

  /** A run whose handler has begun it and let go. */
  async begin(steps: readonly object[], more: object = {}, inputs: object = {}): Promise<string> {
    const definition = WorkflowDefinition.parse({ steps, ...more });
    const runId = await this.root();
    await this.suspend(runId, definition, inputs);
    return runId;
  }

  /** The task of a run, queued. */
  async root(): Promise<string> {
    const [accepted] = await new TaskInserts(this.database).insertAll(this.tenantId, [
      {
        task_type: 'orchestration',
        priority: 'medium',
        agent: 'pulser',
        payload: { operation: 'run' },
        max_attempts: 2,
        submitted_by: this.keyId,
      },
    ]);
    return accepted?.taskId ?? '';
  }

  /** What a worker of pulser does when it gets the task of a run. */
  async suspend(
    runId: string,
    definition: WorkflowDefinition,
    inputs: object = {},
    reused: readonly ReusedStep[] = [],
  ): Promise<void> {
    const base = { workflow: null, version: null, rerunOf: null, reused };
    const run = { ...base, definition, inputs: { ...inputs } };
    await this.attempt(runId, run, new WorkflowBegins(this.database), this.database);
  }

  /** A run whose handler has begun it together with its first decision, and let go. */
  async beginDecided(advancer: Advancer, steps: readonly object[], more: object = {}): Promise<string> {
    const runId = await this.root();
    await this.attempt(runId, newRun(steps, more), advancer.begins, this.database);
    return runId;
  }

  /** One attempt of the task of a run, by whatever begins it. */
  async attempt(runId: string, run: NewRun, begins: Begins, database: Database): Promise<void> {
    const claims = new TaskClaims(this.database, { agent: 'pulser', worker: 'pulser-1', leaseMs: 30_000 });
    const claim = await claims.claim({ tenantId: this.tenantId, taskId: runId, dispatchId: 1, wantsPayload: false });
    if (claim === undefined) throw new Error('The claim was lost');
    if ((await begins.begin(claim, run)) !== 'begun') throw new Error('The run does not begin');
    await new TaskResults(database).suspend(claim, { timeLimitMs: 3_600_000 });
  }

  /** The worker that has the task is gone, and the router has noticed. */
  async loseWorker(runId: string): Promise<void> {
    await this.server.query(
      `update task_queue set status = 'queued', epoch = epoch + 1, attempts = 0 where task_id = $1 and status = 'running'`,
      [runId],
    );
  }

  /** What the gateway does with a signal. */
  async signal(runId: string, name: string, body: object): Promise<void> {
    const signal = { name, key: randomUUID(), body, sentBy: 'ann' };
    const outcome = await new TaskSignals(this.database).send(this.tenantId, runId, signal);
    if (outcome.kind !== 'kept') throw new Error(`The signal is ${outcome.kind}`);
  }

  open(runId: string): Promise<OpenTask[]> {
    return this.server.query<OpenTask>(
      `select k.task_id, k.step, k.index from workflow_task k join task_queue t using (tenant_id, task_id)
       where k.run_id = $1 and t.completed_at is null order by k.step, k.index`,
      [runId],
    );
  }

  /** Plays the worker of a task. */
  async finish(taskId: string, verdict: Verdict = { result: {} }): Promise<void> {
    const isDone = 'result' in verdict;
    await this.server.query(
      `update task_queue set status = $2, result = $3, error = $4, completed_at = now(), due_at = null where task_id = $1`,
      [
        taskId,
        isDone ? 'completed' : 'failed',
        isDone ? JSON.stringify(verdict.result) : null,
        isDone ? null : JSON.stringify({ code: verdict.code, message: 'It failed', permanent: true }),
      ],
    );
  }

  /** Advances what is due and plays all workers until nothing is open, or the run has ended. */
  async play(runId: string, advancer: Advancer, verdict: (task: OpenTask) => Verdict = () => ({ result: {} })) {
    for (let round = 0; round < 200; round += 1) {
      await advancer.advance.advance({ tenantId: this.tenantId, runId });
      const open = await this.open(runId);
      if (open.length === 0 || (await this.rootOf(runId)).status !== 'waiting') return;
      for (const task of open) await this.finish(task.task_id, verdict(task));
    }
    throw new Error('The run does not end');
  }

  async rootOf(runId: string): Promise<{ status: string; result: unknown; error: { code: string; message: string } }> {
    const [row] = await this.server.query<{
      status: string;
      result: unknown;
      error: { code: string; message: string };
    }>(`select status, result, error from task_queue where task_id = $1`, [runId]);
    if (row === undefined) throw new Error('There is no such task');
    return row;
  }

  /** How often each item became a task. */
  async times(runId: string): Promise<Record<string, number>> {
    const rows = await this.server.query<{ item: string; times: number }>(
      `select metadata ->> 'workflow_step' || ' ' || (metadata ->> 'index') as item, count(*)::int as times
       from task_queue where parent_id = $1 group by 1 order by 1`,
      [runId],
    );
    return Object.fromEntries(rows.map(({ item, times }) => [item, times]));
  }

  async steps(runId: string): Promise<Record<string, string>> {
    const rows = await this.server.query<{ name: string; status: string }>(
      `select name, status from workflow_step where run_id = $1 order by position`,
      [runId],
    );
    return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
  }

  cancel(runId: string): Promise<unknown> {
    return new TaskCancel(this.database).cancel(this.tenantId, systemActor('laptop'), runId);
  }
}
