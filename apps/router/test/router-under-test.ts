import { type AgentName, header, messages, queue, type TaskDispatch, type TaskType } from '@pulser/contracts';
import {
  Agents,
  ApiKeys,
  type KeyGrant,
  type NewTask,
  newApiKey,
  systemActor,
  TaskEntity,
  TaskInserts,
  TaskLists,
  TaskReads,
  TenantKeys,
  Tenants,
} from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { Metrics, type RunningService, startService } from '@pulser/service-kit';
import { type BrokerMessage, testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

import { router, RouterEnv } from '../src/index.js';

export interface Order {
  readonly body?: unknown;
  readonly headers?: Record<string, unknown>;
  readonly messageId?: string;
}

/** Routers on a database and a broker of their own, and hands to do what their neighbours do. */
export class RouterUnderTest {
  private readonly routers: RunningService[] = [];
  readonly reads: TaskReads;
  readonly lists: TaskLists;
  private readonly inserts: TaskInserts;

  private constructor(
    readonly server: TestDatabase,
    readonly broker: TestBroker,
    readonly database: Database,
    readonly tenantId: string,
    readonly key: string,
  ) {
    this.reads = new TaskReads(database);
    this.lists = new TaskLists(database);
    this.inserts = new TaskInserts(database);
  }

  static async start(routers = 1, variables: Readonly<Record<string, string>> = {}): Promise<RouterUnderTest> {
    const server = await testDatabase(migrateUp);
    const database = await connected(server.url('pulser_service'));
    const tenantId = await new Tenants(database).ensure('acme');
    const key = newApiKey();
    await new ApiKeys(database).create(tenantId, 'test', key);
    await new Agents(database).register({
      agent: 'dash',
      version: 'test',
      task_types: [{ task_type: 'analytics' }],
      operations: [],
    });
    const under = new RouterUnderTest(server, testBroker(), database, tenantId, key);
    for (let n = 0; n < routers; n += 1) await under.addRouter(variables);
    return under;
  }

  async addRouter(variables: Readonly<Record<string, string>> = {}): Promise<RunningService> {
    const env = RouterEnv.read({
      LOG_LEVEL: 'silent',
      DATABASE_URL: this.server.url('pulser_service'),
      AMQP_URL: this.broker.url,
      AMQP_NAMESPACE: this.broker.namespace,
      SWEEP_MS: '100',
      ...variables,
    });
    const service = await startService(router, { env });
    this.routers.push(service);
    return service;
  }

  async stop(): Promise<void> {
    for (const service of this.routers) await service.close();
    await this.broker.drop();
    await this.database.close();
    await this.server.drop();
  }

  /** An agent that serves `analytics` when the owner, dash, has no workers. */
  async addBackup(agent: AgentName): Promise<void> {
    const agents = new Agents(this.database);
    const task_type = 'analytics';
    await agents.register({ agent, version: 'test', task_types: [{ task_type }], operations: [] });
    const owner = { task_type, backups: [agent] };
    await agents.register({ agent: 'dash', version: 'test', task_types: [owner], operations: [] });
  }

  /** A task type that another agent owns. */
  ownType(agent: AgentName, taskType: TaskType): Promise<void> {
    const task_types = [{ task_type: 'analytics' }, { task_type: taskType }];
    return new Agents(this.database).register({ agent, version: 'test', task_types, operations: [] });
  }

  /** What the leader of the health services writes of an agent and publishes. */
  async judge(
    agent: AgentName,
    { share, standIn = null, announced = true }: { share: number; standIn?: AgentName | null; announced?: boolean },
  ): Promise<void> {
    const status = share === 0 ? 'unhealthy' : 'healthy';
    // No leader looks at it again: it must not grow old during the test.
    await this.server.query(
      `with change as (
         insert into agent_status_change (agent_name, status, reasons, share, stand_in, epoch) values ($1, $2, $3, $4, $5, 1)
       )
       insert into agent_status (agent_name, status, reasons, share, stand_in, epoch, updated_at)
       values ($1, $2, $3, $4, $5, 1, now() + interval '1 hour')
       on conflict (agent_name) do update set status = excluded.status, reasons = excluded.reasons, share = excluded.share,
         stand_in = excluded.stand_in, since = now()`,
      [agent, status, share === 0 ? ['it does not answer'] : [], share, standIn],
    );
    if (!announced) return;
    const change = { agent, status, reasons: [], share, stand_in: standIn, epoch: 1, at: new Date().toISOString() };
    await this.publish('pulser.events', 'agent.health-changed', Buffer.from(JSON.stringify(change)));
  }

  /** So many waiting rows of dash, of the lowest priority. */
  async insertMany(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 50_000)
      await this.server.query(
        `insert into task_queue (tenant_id, task_type, priority, assigned_agent, payload, due_at)
         select $1, 'analytics', 'low', 'dash', '{"operation": "query"}', now() from generate_series(1, $2::int)`,
        [this.tenantId, Math.min(left, 50_000)],
      );
  }

  /** Nothing has been heard of the workers of an agent for so long. */
  async silent(agent: AgentName, seconds: number): Promise<void> {
    await this.server.query(
      `update agent_registration set last_seen_at = now() - $2::float8 * interval '1 second' where agent_name = $1`,
      [agent, seconds],
    );
  }

  /** Of its first router, in Prometheus' text format. */
  metrics(): Promise<string> {
    return this.routers[0]?.app.get(Metrics).text() ?? Promise.resolve('');
  }

  /** What a producer in any language does. */
  async order({ body = order, headers = this.headers, messageId }: Order = {}): Promise<void> {
    const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    await this.publish('pulser.tasks', 'task.submit', content, {
      headers,
      ...(messageId !== undefined && { messageId }),
    });
  }

  get headers(): Record<string, unknown> {
    return { [header.apiKey]: this.key };
  }

  /** Another key of the tenant. */
  async keyFor(grant: KeyGrant): Promise<string> {
    return (await new TenantKeys(this.database).create(this.tenantId, systemActor('test'), grant)).key;
  }

  /** Another tenant, made when there is none. */
  tenant(name: string): Promise<string> {
    return new Tenants(this.database).ensure(name);
  }

  /** Commits tasks as a gateway does, and announces them unless that message is to be lost. */
  async submit(
    plans: readonly NewTask[],
    { announced = true, tenantId = this.tenantId }: { announced?: boolean; tenantId?: string } = {},
  ): Promise<string[]> {
    const accepted = await this.inserts.insertAll(tenantId, plans);
    const ids = accepted.map(({ taskId }) => taskId);
    const rows = ids.map((task_id, n) => ({
      task_id,
      tenant_id: tenantId,
      task_type: plans[n]?.task_type,
      priority: plans[n]?.priority,
    }));
    if (announced) await this.publish('pulser.tasks', 'tasks.submitted', Buffer.from(JSON.stringify(rows)));
    return ids;
  }

  /** Takes one message from an agent's queue for good. */
  async dispatch(agent: AgentName): Promise<(TaskDispatch & { priority: unknown }) | undefined> {
    return (await this.dispatches(agent, 1))[0];
  }

  /** Says of a worker, as it would itself, how much it has finished so far. */
  beat(agent: AgentName, finished_total: number): Promise<void> {
    const at = new Date().toISOString();
    const heartbeat = { agent, instance: `${agent}-1`, slots: 100, running: 0, finished_total, failed_total: 0, at };
    return this.publish('pulser.events', 'agent.heartbeat', Buffer.from(JSON.stringify(heartbeat)));
  }

  /** Takes messages from an agent's queue for good. @returns the priority and the tasks of each */
  async messages(agent: AgentName): Promise<{ priority: unknown; tasks: string[] }[]> {
    return (await this.takeAll(queue.agent(agent))).map(({ content, properties }) => ({
      priority: properties.priority as unknown,
      tasks: messages['task.dispatch'].body.parse(JSON.parse(content.toString())).map(({ task_id }) => task_id),
    }));
  }

  async dispatches(agent: AgentName, most?: number): Promise<(TaskDispatch & { priority: unknown })[]> {
    return (await this.takeAll(queue.agent(agent), most)).flatMap(({ content, properties }) =>
      messages['task.dispatch'].body
        .parse(JSON.parse(content.toString()))
        .map((dispatch) => ({ ...dispatch, priority: properties.priority as unknown })),
    );
  }

  async take(name: string): Promise<BrokerMessage | undefined> {
    return (await this.takeAll(name, 1))[0];
  }

  /** Takes up to so many messages from a queue for good. */
  takeAll(name: string, most = Infinity): Promise<BrokerMessage[]> {
    return this.broker.use(async (channel) => {
      const messages: BrokerMessage[] = [];
      while (messages.length < most) {
        const message = await channel.get(this.broker.named(name), { noAck: true });
        if (message === false) break;
        messages.push(message);
      }
      return messages;
    });
  }

  depth(name: string): Promise<number> {
    return this.broker.use(async (channel) => (await channel.checkQueue(this.broker.named(name))).messageCount);
  }

  async tasks(): Promise<TaskEntity[]> {
    return [...(await this.lists.page(this.tenantId, {}, 100)).tasks];
  }

  private publish(exchange: string, key: string, content: Buffer, options = {}): Promise<void> {
    return this.broker.use(async (channel) => {
      channel.publish(this.broker.named(exchange), key, content, { persistent: true, ...options });
      await channel.waitForConfirms();
    });
  }
}

/** A good order. */
export const order = { task_type: 'analytics', payload: { operation: 'query' } };

const connected = async (url: string): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
    applicationName: 'router-test',
    synchronousCommit: 'on',
    entities: [TaskEntity],
    // The test drops its database under idle connections.
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};

/** A row as the intake makes it. */
export const newTask = (change: Partial<NewTask> = {}): NewTask => ({
  task_type: 'analytics',
  priority: 'medium',
  agent: 'dash',
  payload: { operation: 'query' },
  max_attempts: 4,
  submitted_by: 'test',
  ...change,
});
