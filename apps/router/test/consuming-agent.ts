import { TaskClaims, TaskResults } from '@pulser/context-bus';
import { type AgentName, messages, queue, type TaskDispatch } from '@pulser/contracts';
import { RabbitBroker } from '@pulser/messaging';

import type { RouterUnderTest } from './router-under-test.js';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A worker as far as database and broker know one: it claims what comes to the queue of its agent, and completes it. */
export class ConsumingAgent {
  /** Tasks of every message, in the order in which they came. */
  readonly heard: string[] = [];
  /** Tasks whose claim it got. */
  readonly ran: string[] = [];
  firstEndedAt: number | undefined;
  readonly claims: TaskClaims;
  readonly results: TaskResults;

  private constructor(
    private readonly broker: RabbitBroker,
    under: RouterUnderTest,
    agent: AgentName,
  ) {
    this.claims = new TaskClaims(under.database, { agent, worker: `${agent}-1`, leaseMs: 30_000 });
    this.results = new TaskResults(under.database);
  }

  static async start(under: RouterUnderTest, agent: AgentName): Promise<ConsumingAgent> {
    const { url, namespace } = under.broker;
    const broker = new RabbitBroker({ url, namespace, name: agent, log });
    await broker.connect();
    const consuming = new ConsumingAgent(broker, under, agent);
    await broker.consume({ queue: queue.agent(agent), bindings: [], prefetch: 200 }, (delivery) => {
      const dispatches = messages['task.dispatch'].body.parse(JSON.parse(delivery.body.toString()));
      void Promise.all(dispatches.map((one) => consuming.run(one))).then(() => {
        delivery.ack();
      });
    });
    return consuming;
  }

  stop(): Promise<void> {
    return this.broker.close();
  }

  private async run({ task_id: taskId, tenant_id: tenantId, dispatch_id: dispatchId }: TaskDispatch): Promise<void> {
    this.heard.push(taskId);
    const claim = await this.claims.claim({ tenantId, taskId, dispatchId, wantsPayload: false });
    if (claim === undefined) return;
    this.ran.push(taskId);
    await this.results.complete(claim, { by: this.constructor.name });
    this.firstEndedAt ??= performance.now();
  }
}
