import type { ChannelModel } from 'amqplib';

import type { Consumer, Delivery, OutgoingMessage, Subscription } from '../broker/broker.js';
import type { Lane } from './rabbit-connection.js';
import { RabbitConsumer, type ConsumerHome } from './rabbit-consumer.js';
import type { RabbitSettings } from './rabbit-options.js';
import type { TopologyDeclaration } from './topology-declaration.js';
import type { WireNames } from './wire-names.js';

/** All consumers, over one connection with a channel for each. */
export class ConsumeLane implements Lane, ConsumerHome {
  readonly kind = 'consume';
  private model: ChannelModel | undefined;
  private readonly consumers = new Set<RabbitConsumer>();

  constructor(
    readonly settings: RabbitSettings,
    readonly names: WireNames,
    readonly topology: TopologyDeclaration,
    readonly publish: (message: OutgoingMessage) => Promise<void>,
  ) {}

  async consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer> {
    const consumer = new RabbitConsumer(this, subscription, onDelivery);
    this.consumers.add(consumer);
    const { model } = this;
    try {
      if (model !== undefined) await consumer.attach(model);
    } catch (error) {
      // A connection that was lost meanwhile is no reason to fail: the consumer goes on with the next one.
      if (this.model === model) {
        this.consumers.delete(consumer);
        throw error;
      }
    }
    return consumer;
  }

  async attach(model: ChannelModel): Promise<void> {
    await this.topology.declare(model);
    this.model = model;
    await Promise.all([...this.consumers].map((consumer) => consumer.attach(model)));
  }

  detach(): void {
    this.model = undefined;
    for (const consumer of this.consumers) consumer.detach();
  }

  forget(consumer: RabbitConsumer): void {
    this.consumers.delete(consumer);
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.drain(0)));
  }
}
