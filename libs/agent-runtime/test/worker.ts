import {
  Artifacts,
  type NewTask,
  systemActor,
  TaskCancel,
  TaskEntity,
  type TaskEntity as Task,
  TaskEventLog,
  TaskInserts,
  TaskReads,
  TaskSweep,
  Tenants,
} from '@pulser/context-bus';
import type { AgentName, TaskDispatch } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { type Broker, Publisher } from '@pulser/messaging';
import { Metrics, type RunningService, startService } from '@pulser/service-kit';
import { eventually, testDatabase, type TestDatabase } from '@pulser/testing';

import { AgentEnv, defineAgent, type Skill } from '../src/index.js';
import { type BrokerOfTest, inProcess } from './brokers.js';
import { inlineSkill } from './inline.skill.js';

/** A worker of the agent dash, or another, with test operations, and the stores to look at what it does. */
export class Worker {
  private readonly cancels: TaskCancel;
  readonly sweep: TaskSweep;
  readonly reads: TaskReads;
  readonly events: TaskEventLog;
  readonly artifacts: Artifacts;
  readonly publisher: Publisher;
  private readonly inserts: TaskInserts;

  private constructor(
    readonly server: TestDatabase,
    readonly service: RunningService,
    readonly database: Database,
    readonly tenantId: string,
    private readonly broker: BrokerOfTest,
    private readonly agent: AgentName,
  ) {
    this.inserts = new TaskInserts(database);
    this.cancels = new TaskCancel(database);
    this.sweep = new TaskSweep(database);
    this.reads = new TaskReads(database);
    this.events = new TaskEventLog(database);
    this.artifacts = new Artifacts(database);
    this.publisher = new Publisher(broker.client);
  }

  /** @param served what it can do: without, operations that run in the worker's own thread */
  static async start(
    env: Readonly<Record<string, string>> = {},
    served: Skill = inlineSkill,
    broker: BrokerOfTest = inProcess(),
    agent: AgentName = 'dash',
  ): Promise<Worker> {
    const server = await testDatabase(migrateUp);
    const database = await connected(server.url('pulser_service'));
    const service = await startService(defineAgent({ name: agent, defaultPort: 0, skills: [served] }), {
      env: AgentEnv.read({
        DATABASE_URL: server.url('pulser_service'),
        ...broker.env,
        LOG_LEVEL: 'silent',
        SHUTDOWN_TIMEOUT_S: '3',
        ...env,
      }),
      host: broker.host,
    });
    await broker.client.connect();
    return new Worker(server, service, database, await new Tenants(database).ensure('acme'), broker, agent);
  }

  /** The test's own way to the broker. */
  get client(): Broker {
    return this.broker.client;
  }

  async stop(): Promise<void> {
    await this.service.close();
    await this.broker.drop();
    await this.database.close();
    await this.server.drop();
  }

  /** In Prometheus' text format. */
  metrics(): Promise<string> {
    return this.service.app.get(Metrics).text();
  }

  /** A committed task that no worker knows of. */
  async submit(payload: Record<string, unknown>, change: Partial<NewTask> = {}): Promise<string> {
    const usual = { task_type: 'analytics', priority: 'medium', agent: this.agent, max_attempts: 3 } as const;
    const [accepted] = await this.inserts.insertAll(this.tenantId, [{ ...usual, payload, ...change }]);
    return accepted?.taskId ?? '';
  }

  /** Dispatches tasks to the worker, by one message. */
  dispatch(...taskIds: string[]): Promise<void> {
    const refs = taskIds.map((task_id) => ({ task_id, tenant_id: this.tenantId, task_type: 'analytics' as const }));
    return this.publisher.dispatch(
      this.agent,
      refs.map((ref) => ({ ...ref, dispatch_id: 1 })),
      5,
    );
  }

  /** What the intake of a new task makes the router send. */
  freshDispatch(taskId: string, payload: Record<string, unknown>): TaskDispatch {
    return {
      task_id: taskId,
      tenant_id: this.tenantId,
      task_type: 'analytics',
      dispatch_id: 1,
      fresh: true,
      payload,
    };
  }

  /** Dispatches a task that was just submitted. */
  dispatchFresh(taskId: string, payload: Record<string, unknown>): Promise<void> {
    return this.publisher.dispatch(this.agent, [this.freshDispatch(taskId, payload)], 5);
  }

  /** Cancels a task, and publishes nothing. */
  async cancelUnheard(taskId: string): Promise<void> {
    expect(await this.cancels.cancel(this.tenantId, systemActor('test'), taskId)).toHaveLength(1);
  }

  /** Cancels a task as the gateway does. */
  async cancel(taskId: string): Promise<void> {
    await this.cancelUnheard(taskId);
    const fact = {
      task_id: taskId,
      tenant_id: this.tenantId,
      task_type: 'analytics',
      agent: this.agent,
      attempt: 1,
    } as const;
    await this.publisher.publish('task.cancelled', [fact]);
  }

  /** Submits a task, dispatches it and waits until the task is in one of these states. */
  async run(payload: Record<string, unknown>, ...states: Task['status'][]): Promise<Task> {
    const taskId = await this.submit(payload);
    await this.dispatch(taskId);
    return this.reaches(taskId, ...states);
  }

  reaches(taskId: string, ...states: Task['status'][]): Promise<Task> {
    return eventually(async () => {
      const task = await this.reads.find(this.tenantId, taskId);
      expect(states).toContain(task?.status);
      if (task === null) throw new Error('There is no such task');
      return task;
    });
  }
}

const connected = async (url: string): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
    applicationName: 'worker-spec',
    synchronousCommit: 'on',
    entities: [TaskEntity],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};
