import { setTimeout as delay } from 'node:timers/promises';

import { TaskError } from '@pulser/contracts';
import {
  type Accepted,
  Artifacts,
  type NewTask,
  TaskCancel,
  TaskEntity,
  type TaskEntity as Task,
  TaskEvents,
  TaskIntake,
  TaskReads,
  TaskSweep,
  Tenants,
} from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { InProcessBroker, type InProcessClient, Publisher } from '@pulser/messaging';
import { Host, type RunningService, startService } from '@pulser/service-kit';
import { eventually, testDatabase, type TestDatabase } from '@pulser/testing';
import { z } from 'zod';

import { AgentEnv, defineAgent, operation, skill } from '../src/index.js';

const echoed = operation({
  name: 'echo',
  summary: 'Answers with what it was given',
  input: z.strictObject({ operation: z.literal('echo'), value: z.unknown() }),
  example: { operation: 'echo', value: 1 },
  handle: ({ value }) => Promise.resolve({ value }),
});

const told = operation({
  name: 'tell',
  summary: 'Says how it gets on',
  input: z.strictObject({ operation: z.literal('tell') }),
  example: { operation: 'tell' },
  handle: async (_input, context) => {
    context.log('info', 'half way', { step: 1 });
    context.progress(50, 'half');
    await context.artifact('note.txt', 'text/plain', Buffer.from('hello'));
    return { done: true };
  },
});

const broken = operation({
  name: 'break',
  summary: 'Fails as often as it is told to',
  input: z.strictObject({ operation: z.literal('break'), times: z.int(), permanent: z.boolean().default(false) }),
  example: { operation: 'break', times: 1 },
  handle: ({ times, permanent }, { attempt }) => {
    if (attempt > times) return Promise.resolve({ attempt });
    return Promise.reject(new TaskError('handler_failed', `attempt ${attempt}`, { permanent, retryAfterMs: 1 }));
  },
});

const endless = operation({
  name: 'wait',
  summary: 'Runs until it is told to stop',
  input: z.strictObject({ operation: z.literal('wait') }),
  example: { operation: 'wait' },
  handle: (_input, { signal }) => delay(3_600_000, undefined, { signal }),
});

const large = operation({
  name: 'large',
  summary: 'Answers with so many characters',
  input: z.strictObject({ operation: z.literal('large'), characters: z.int() }),
  example: { operation: 'large', characters: 1 },
  handle: ({ characters }) => Promise.resolve('x'.repeat(characters)),
});

const definition = defineAgent({
  name: 'dash',
  defaultPort: 0,
  skills: [skill('analytics', [echoed, told, broken, endless, large])],
});

/** A worker of the agent dash with test operations, and the stores to look at what it does. */
export class Worker {
  readonly cancels: TaskCancel;
  readonly sweep: TaskSweep;
  readonly reads: TaskReads;
  readonly events: TaskEvents;
  readonly artifacts: Artifacts;
  readonly publisher: Publisher;
  private readonly intake: TaskIntake;

  private constructor(
    readonly server: TestDatabase,
    readonly service: RunningService,
    readonly database: Database,
    readonly tenantId: string,
    private readonly client: InProcessClient,
  ) {
    this.intake = new TaskIntake(database);
    this.cancels = new TaskCancel(database);
    this.sweep = new TaskSweep(database);
    this.reads = new TaskReads(database);
    this.events = new TaskEvents(database);
    this.artifacts = new Artifacts(database);
    this.publisher = new Publisher(client);
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Worker> {
    const server = await testDatabase(migrateUp);
    const broker = new InProcessBroker();
    const database = await connected(server.url('pulser_service'));
    const service = await startService(definition, {
      env: AgentEnv.read({
        DATABASE_URL: server.url('pulser_service'),
        AMQP_URL: 'amqp://in-process',
        LOG_LEVEL: 'silent',
        SHUTDOWN_TIMEOUT_S: '1',
        ...env,
      }),
      host: new Host().share(InProcessBroker, broker),
    });
    const client = broker.client();
    await client.connect();
    return new Worker(server, service, database, await new Tenants(database).ensure('acme'), client);
  }

  async stop(): Promise<void> {
    await this.service.close();
    await this.client.close();
    await this.database.close();
    await this.server.drop();
  }

  /** A committed task that no worker knows of. */
  submit(payload: Record<string, unknown>, task: Partial<NewTask> = {}): Promise<string> {
    return this.intake
      .accept(this.tenantId, {
        task_type: 'analytics',
        priority: 'medium',
        agent: 'dash',
        payload,
        max_attempts: 3,
        ...task,
      })
      .then(({ taskId }: Accepted) => taskId);
  }

  /** Tells the worker to look at a task. */
  nudge(taskId: string, payload?: Record<string, unknown>): Promise<void> {
    const ref = { task_id: taskId, tenant_id: this.tenantId, task_type: 'analytics' } as const;
    return this.publisher.nudge('dash', { ...ref, nudge: 1, ...(payload !== undefined && { payload }) }, 5);
  }

  /** Submits a task, tells the worker and waits until the task is in one of these states. */
  async run(payload: Record<string, unknown>, ...states: Task['status'][]): Promise<Task> {
    const taskId = await this.submit(payload);
    await this.nudge(taskId);
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
