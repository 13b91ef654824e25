import {
  Agents,
  Artifacts,
  type Claim,
  TaskClaims,
  TaskEntity,
  TaskEventLog,
  TaskResults,
  TaskSweep,
} from '@pulser/context-bus';
import { builtInOwnerOf, type TaskType } from '@pulser/contracts';
import { Database } from '@pulser/database';

/** What happens to tasks outside of the gateway, as the role of the services. */
export class Worker {
  readonly artifacts: Artifacts;
  readonly events: TaskEventLog;
  readonly results: TaskResults;
  readonly sweep: TaskSweep;
  private readonly agents: Agents;
  private readonly claims: TaskClaims;
  private dispatchId = 0;

  private constructor(readonly database: Database) {
    this.agents = new Agents(database);
    this.artifacts = new Artifacts(database);
    this.claims = new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
    this.events = new TaskEventLog(database);
    this.results = new TaskResults(database);
    this.sweep = new TaskSweep(database);
  }

  static async start(url: string): Promise<Worker> {
    const database = new Database({
      settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
      applicationName: 'pulser-test-worker',
      synchronousCommit: 'on',
      entities: [TaskEntity],
      // The test drops its database under idle connections.
      onIdleError: () => undefined,
    });
    await database.connect();
    return new Worker(database);
  }

  /** Registers the built-in agents of these types, each with one operation. */
  async register(...types: TaskType[]): Promise<void> {
    for (const [agent = 'dash', own] of Map.groupBy(types, builtInOwnerOf)) {
      const operations = own.map((task_type) => ({
        task_type,
        operation: 'query',
        summary: 'Runs SQL',
        input_schema: { type: 'object' },
        example: { operation: 'query' },
      }));
      const task_types = own.map((task_type) => ({ task_type }));
      await this.agents.register({ agent, version: 'test', task_types, operations });
    }
  }

  /** @throws when the task cannot be claimed */
  async claim(tenantId: string, taskId: string): Promise<Claim> {
    this.dispatchId += 1;
    const claim = await this.claims.claim({ tenantId, taskId, dispatchId: this.dispatchId, wantsPayload: false });
    if (claim === undefined) throw new Error('The claim was lost');
    return claim;
  }

  async complete(tenantId: string, taskId: string, result: unknown = { answer: 42 }): Promise<Claim> {
    const claim = await this.claim(tenantId, taskId);
    await this.results.complete(claim, result);
    return claim;
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
