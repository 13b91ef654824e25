import {
  AgentHistory,
  Agents,
  AgentStatuses,
  type StatusRow,
  TaskClaims,
  TaskEntity,
  TaskResults,
} from '@pulser/context-bus';
import { type AgentName, exchange, type MessageKey, messages, queue } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { type RunningService, startService } from '@pulser/service-kit';
import { testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

import { health, HealthEnv } from '../src/index.js';

/** Seconds for which what takes minutes elsewhere lasts here. */
const quick = {
  // Not so soon that a busy machine is taken for a sick agent.
  HEALTH_SILENT_S: '10',
  HEALTH_LEAVE_S: '10',
  HEALTH_CANARY_EVERY_S: '2',
  HEALTH_COOL_DOWN_S: '3',
  HEALTH_STEP_S: '1',
  HEALTH_CANARY_MS: '8000',
  HEALTH_CANARY_SLOW_MS: '6000',
  HEALTH_LEASE_S: '5',
};

/** Health services on a database and a broker of their own, and the workers that they watch. */
export class HealthUnderTest {
  readonly services: RunningService[] = [];
  readonly statuses: AgentStatuses;
  readonly history: AgentHistory;
  private readonly workers: WorkerStandIn[] = [];

  private constructor(
    readonly server: TestDatabase,
    readonly broker: TestBroker,
    readonly database: Database,
  ) {
    this.statuses = new AgentStatuses(database);
    this.history = new AgentHistory(database);
  }

  static async start(services = 1, variables: Readonly<Record<string, string>> = {}): Promise<HealthUnderTest> {
    const server = await testDatabase(migrateUp);
    const database = new Database({
      settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
      applicationName: 'health-test',
      synchronousCommit: 'on',
      entities: [TaskEntity],
      onIdleError: () => undefined,
    });
    await database.connect();
    const agents = new Agents(database);
    for (const [agent, task_type, backup] of [
      ['dash', 'analytics', 'data_fabcon'],
      ['data_fabcon', 'data_pipeline', 'dash'],
    ] as const) {
      const backups = { task_type: task_type === 'analytics' ? 'data_pipeline' : 'analytics' };
      const task_types = [{ task_type, backups: [backup] }, backups];
      await agents.register({ agent, version: 'test', task_types, operations: [] });
    }
    const under = new HealthUnderTest(server, testBroker(), database);
    for (let n = 0; n < services; n += 1) await under.addService(variables);
    return under;
  }

  async addService(variables: Readonly<Record<string, string>> = {}): Promise<RunningService> {
    const service = await startService(health, {
      env: HealthEnv.read({
        LOG_LEVEL: 'silent',
        PORT: '0',
        DATABASE_URL: this.server.url('pulser_service'),
        AMQP_URL: this.broker.url,
        AMQP_NAMESPACE: this.broker.namespace,
        ...quick,
        ...variables,
      }),
    });
    this.services.push(service);
    return service;
  }

  /** A worker that beats, and runs the canaries of its agent. */
  async worker(agent: AgentName): Promise<WorkerStandIn> {
    const worker = new WorkerStandIn(agent, this.broker, this.database);
    this.workers.push(worker);
    await worker.start();
    return worker;
  }

  async of(agent: AgentName): Promise<StatusRow | undefined> {
    return (await this.statuses.all()).find((row) => row.agent === agent);
  }

  async say(key: MessageKey, body: object): Promise<void> {
    await this.broker.use(async (channel) => {
      channel.publish(this.broker.named(exchange.events.name), key, Buffer.from(JSON.stringify(body)));
      await channel.waitForConfirms();
    });
  }

  async metrics(service = this.services[0]): Promise<string> {
    return (await service?.app.inject({ url: '/metrics' }))?.body ?? '';
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) await worker.stop();
    for (const service of this.services) await service.close();
    await this.broker.drop();
    await this.database.close();
    await this.server.drop();
  }
}

/** What a worker is to the health service: heartbeats, a consumer, and rows that end. */
export class WorkerStandIn {
  /** More of its heartbeats. */
  more: Record<string, unknown> = { memory_mb: 100, lag_ms: 1 };
  private readonly claims: TaskClaims;
  private readonly results: TaskResults;
  private beats: NodeJS.Timeout | undefined;
  private deafen: (() => void) | undefined;
  private listening: Promise<void> = Promise.resolve();
  private isListening = false;
  /** Takes canaries without running them. */
  isStuck = false;

  constructor(
    private readonly agent: AgentName,
    private readonly broker: TestBroker,
    database: Database,
  ) {
    this.claims = new TaskClaims(database, { agent, worker: `${agent}-1`, leaseMs: 30_000 });
    this.results = new TaskResults(database);
  }

  async start(): Promise<void> {
    this.beat();
    await this.listen();
  }

  beat(): void {
    this.beats ??= setInterval(() => void this.say({}), 500);
  }

  /** Its process is there no more, or stands still. */
  silence(): void {
    clearInterval(this.beats);
    this.beats = undefined;
  }

  async listen(): Promise<void> {
    const { promise: gone, resolve } = Promise.withResolvers<undefined>();
    const { promise: ready, resolve: isReady } = Promise.withResolvers<undefined>();
    this.deafen = () => {
      resolve(undefined);
    };
    this.listening = this.broker.use(async (channel) => {
      await channel.consume(this.broker.named(queue.agent(this.agent)), (message) => {
        // What comes as it stops listening is delivered again.
        if (message !== null && !this.isStuck)
          void this.run(message.content).then(() => {
            if (this.isListening) channel.ack(message);
          });
      });
      this.isListening = true;
      isReady(undefined);
      await gone;
    });
    await ready;
  }

  /** Its consumer goes, while it beats on. */
  async stopListening(): Promise<void> {
    this.isListening = false;
    this.deafen?.();
    await this.listening;
  }

  async leave(): Promise<void> {
    this.silence();
    await this.say({ leaving: true });
    await this.stopListening();
  }

  async stop(): Promise<void> {
    this.silence();
    await this.stopListening();
  }

  private async say(last: Record<string, unknown>): Promise<void> {
    const heartbeat = {
      ...{ agent: this.agent, instance: `${this.agent}-1`, slots: 4, running: 0, finished_total: 0, failed_total: 0 },
      ...{ at: new Date().toISOString(), ...this.more, ...last },
    };
    await this.broker.use(async (channel) => {
      const content = Buffer.from(JSON.stringify(heartbeat));
      channel.publish(this.broker.named(exchange.events.name), 'agent.heartbeat', content);
      await channel.waitForConfirms();
    });
  }

  private async run(content: Buffer): Promise<void> {
    for (const task of messages['task.dispatch'].body.parse(JSON.parse(content.toString()))) {
      const { task_id: taskId, tenant_id: tenantId, dispatch_id: dispatchId } = task;
      const claim = await this.claims.claim({ taskId, tenantId, dispatchId, wantsPayload: false });
      if (claim !== undefined) await this.results.complete(claim, null);
    }
  }
}
