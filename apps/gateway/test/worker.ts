import {
  Agents,
  Artifacts,
  type Claim,
  Contents,
  Datasets,
  type DatasetVersion,
  PieceStores,
  TaskClaims,
  TaskEntity,
  TaskEventLog,
  TaskInserts,
  TaskResults,
  TaskSweep,
} from '@pulser/context-bus';
import { builtInOwnerOf, type TaskType } from '@pulser/contracts';
import { Database } from '@pulser/database';

/** What passes for a Parquet file. */
export const parquet = Buffer.from(`PAR1${'0123456789'.repeat(10)}PAR1`);

const contentSettings = { CONTENT_STORE: 'database', S3_REGION: '', CONTENT_QUOTA_BYTES: 1_000_000_000 } as const;

/** Of other types it is a query. */
const operationsOf: Readonly<Record<string, readonly string[]>> = { data_pipeline: ['ingest', 'export'] };

/** What happens to tasks outside of the gateway, as the role of the services. */
export class Worker {
  readonly artifacts: Artifacts;
  readonly datasets: Datasets;
  readonly events: TaskEventLog;
  readonly results: TaskResults;
  readonly sweep: TaskSweep;
  private readonly agents: Agents;
  private dispatchId = 0;

  private constructor(
    readonly database: Database,
    readonly contents: Contents,
  ) {
    this.datasets = new Datasets(database);
    this.agents = new Agents(database);
    this.artifacts = new Artifacts(database);
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
    return new Worker(database, new Contents(database, await PieceStores.open(database, contentSettings)));
  }

  /** Registers the built-in agents of these types. */
  async register(...types: TaskType[]): Promise<void> {
    for (const [agent = 'dash', own] of Map.groupBy(types, builtInOwnerOf)) {
      const operations = own.flatMap((task_type) =>
        (operationsOf[task_type] ?? ['query']).map((operation) => ({
          task_type,
          operation,
          summary: 'Runs SQL',
          input_schema: { type: 'object' },
          example: { operation },
        })),
      );
      const task_types = own.map((task_type) => ({ task_type }));
      await this.agents.register({ agent, version: 'test', task_types, operations });
    }
  }

  /** Submits children of a task, as its handler does. @returns their ids */
  async children(tenantId: string, parent: string, count: number): Promise<string[]> {
    const child = { task_type: 'analytics', priority: 'medium', agent: 'dash', payload: {}, max_attempts: 1 } as const;
    const tasks = Array.from({ length: count }, () => ({ ...child, parent_id: parent }));
    const accepted = await new TaskInserts(this.database).insertAll(tenantId, tasks);
    return accepted.flatMap((one) => (one.kind === 'created' ? [one.taskId] : []));
  }

  /** Makes the next version of a dataset, as an agent does. @returns its id */
  async makeDataset(tenantId: string, claim: Claim, name: string, file = parquet, rows = 2): Promise<DatasetVersion> {
    const source = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(file);
    };
    const content = await this.contents.write(tenantId, source(), { maxBytes: Infinity, usualQuota: 1_000_000_000 });
    const columns = [
      { name: 'id', type: 'BIGINT' },
      { name: 'city', type: 'VARCHAR' },
    ];
    const preview = [
      [1, 'Oslo'],
      [2, null],
    ];
    const version = { name, contentId: content.contentId, rows, rejected: 1, columns, preview };
    const kept = await this.datasets.keep(claim, { ...version, report: { note: 'as it came' } });
    if (kept === undefined) throw new Error('The version was not kept');
    return kept;
  }

  /** @throws when the task cannot be claimed */
  async claim(tenantId: string, taskId: string, agent = 'dash'): Promise<Claim> {
    this.dispatchId += 1;
    const claims = new TaskClaims(this.database, { agent, worker: `${agent}-1`, leaseMs: 30_000 });
    const claim = await claims.claim({ tenantId, taskId, dispatchId: this.dispatchId, wantsPayload: false });
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
