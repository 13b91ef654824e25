import { messages, type MessageBody, type MessageKey } from '@pulser/contracts';
import { type Broker, Publisher, RabbitBroker, Unroutable } from '@pulser/messaging';
import type { TestBroker } from '@pulser/testing';

/** Another service at the broker: hears what the gateway says, and says what workers say. */
export class Listener {
  readonly publisher: Publisher;

  private constructor(private readonly broker: Broker) {
    this.publisher = new Publisher(broker);
  }

  static async start({ url, namespace }: TestBroker): Promise<Listener> {
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const broker = new RabbitBroker({ url, namespace, name: 'gateway-test', log: silent });
    await broker.connect();
    return new Listener(broker);
  }

  /** @returns what is heard from now on */
  async hear<K extends MessageKey>(key: K): Promise<MessageBody<K>[]> {
    const heard: MessageBody<K>[] = [];
    const bindings = [{ exchange: messages[key].exchange.name, pattern: key }];
    await this.broker.consume({ queue: { temporaryFor: 'test' }, bindings, prefetch: 100 }, (delivery) => {
      heard.push(JSON.parse(delivery.body.toString()) as MessageBody<K>);
      delivery.ack();
    });
    return heard;
  }

  /** Tells what a worker tells of tasks. */
  async tell(
    key: 'task.started' | 'task.progress' | 'task.completed',
    tenantId: string,
    ...taskIds: string[]
  ): Promise<void> {
    const fact = { tenant_id: tenantId, task_type: 'analytics', agent: 'dash', attempt: 1 } as const;
    await this.publisher.publish(
      key,
      taskIds.map((task_id) => ({ task_id, ...fact })),
    );
  }

  /** Whether any queue takes an event of this task. */
  async reached(tenantId: string, taskId: string): Promise<boolean> {
    const fact = { task_id: taskId, tenant_id: tenantId, task_type: 'analytics', agent: 'dash', attempt: 1 } as const;
    try {
      await this.publisher.publish('task.started', [fact], { mandatory: true });
      return true;
    } catch (error) {
      if (error instanceof Unroutable) return false;
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.broker.close();
  }
}
