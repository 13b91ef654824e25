import {
  Broker,
  type BrokerState,
  type Consumer,
  type Delivery,
  type OutgoingMessage,
  type Subscription,
} from '../broker/broker.js';
import type { BrokerMetrics } from '../broker/broker-metrics.js';
import { BrokerStatus } from '../broker/broker-status.js';
import { BrokerUnavailable } from '../broker/broker-unavailable.js';
import type { InProcessBroker } from './in-process-broker.js';
import { InProcessConsumer } from './in-process-consumer.js';
import type { InProcessQueue } from './in-process-queue.js';

/** One app's share of the in-process broker. */
export class InProcessClient extends Broker {
  private readonly status: BrokerStatus;
  private readonly consumers = new Set<InProcessConsumer>();

  constructor(
    private readonly core: InProcessBroker,
    readonly metrics: BrokerMetrics,
  ) {
    super();
    this.status = new BrokerStatus(metrics);
  }

  get state(): BrokerState {
    return this.status.state;
  }

  async connect(): Promise<void> {
    if (this.state === 'down') for (const consumer of this.consumers) consumer.start();
    this.status.become('up');
    return Promise.resolve();
  }

  async publish(message: OutgoingMessage): Promise<void> {
    if (this.state === 'down') throw new BrokerUnavailable('not connected');
    try {
      this.core.route(message);
    } catch (error) {
      this.metrics.returned();
      throw error;
    }
    return Promise.resolve();
  }

  async consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer> {
    const consumer = new InProcessConsumer(this, this.queueOf(subscription), subscription.prefetch, onDelivery);
    this.consumers.add(consumer);
    if (this.state === 'up') consumer.start();
    return Promise.resolve(consumer);
  }

  async depth(queue: string): Promise<number> {
    if (this.state === 'down') throw new BrokerUnavailable('not connected');
    return Promise.resolve(this.core.depth(queue));
  }

  onStateChange(listener: (state: BrokerState) => void): () => void {
    return this.status.onChange(listener);
  }

  async close(): Promise<void> {
    for (const consumer of [...this.consumers]) consumer.abandon();
    this.status.become('down');
    return Promise.resolve();
  }

  forget(consumer: InProcessConsumer): void {
    this.consumers.delete(consumer);
  }

  private queueOf({ queue, bindings }: Subscription): InProcessQueue {
    return typeof queue === 'string'
      ? this.core.durableQueue(queue, bindings)
      : this.core.temporaryQueue(queue.temporaryFor, bindings);
  }
}
