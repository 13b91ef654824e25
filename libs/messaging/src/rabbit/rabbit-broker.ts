import { setTimeout as wait } from 'node:timers/promises';

import { settlesWithin } from '@pulser/concurrency';
import { declaredBy } from '../access/declared-by.policy.js';
import {
  Broker,
  type BrokerState,
  type Consumer,
  type Delivery,
  type OutgoingMessage,
  type Subscription,
} from '../broker/broker.js';
import { BrokerStatus } from '../broker/broker-status.js';
import { BrokerUnavailable } from '../broker/broker-unavailable.js';
import { ConsumeLane } from './consume-lane.js';
import { PublishLane } from './publish-lane.js';
import { QueueDepth } from './queue-depth.js';
import { RabbitConnection } from './rabbit-connection.js';
import { withDefaults, type RabbitOptions, type RabbitSettings } from './rabbit-options.js';
import { TopologyDeclaration } from './topology-declaration.js';
import { WireNames } from './wire-names.js';

// How long closing waits for what is unconfirmed.
const lastConfirmsMs = 5_000;
// Whoever asks must not be held up for good by a broker that hangs.
const depthWithinMs = 5_000;

/**
 * RabbitMQ. Publishing and consuming have a connection each: a broker short of memory stops reading from those that
 * publish, and acknowledgements must get through then.
 */
export class RabbitBroker extends Broker {
  private readonly settings: RabbitSettings;
  private readonly status: BrokerStatus;
  private readonly publishing: PublishLane;
  private readonly consuming: ConsumeLane;
  private readonly publishConnection: RabbitConnection;
  private readonly consumeConnection: RabbitConnection;
  private readonly depths: QueueDepth;
  private connecting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: RabbitOptions) {
    super();
    const settings = (this.settings = withDefaults(options));
    const names = new WireNames(settings.namespace);
    const topology = new TopologyDeclaration(declaredBy(settings.url), names, settings.log);
    this.status = new BrokerStatus(settings.metrics);
    this.publishing = new PublishLane(settings, names, topology);
    this.consuming = new ConsumeLane(settings, names, topology, (message) => this.publish(message));
    this.publishConnection = new RabbitConnection(settings, this.publishing, () => {
      this.update();
    });
    this.consumeConnection = new RabbitConnection(settings, this.consuming, () => {
      this.update();
    });
    this.depths = new QueueDepth(names, topology);
  }

  get state(): BrokerState {
    return this.status.state;
  }

  /** @throws BrokerUnavailable when the broker cannot be reached, unless it is optional at the start */
  connect(): Promise<void> {
    return (this.connecting ??= this.open());
  }

  publish(message: OutgoingMessage): Promise<void> {
    if (this.publishConnection.blockedForMs > this.settings.confirmTimeoutMs)
      return Promise.reject(new BrokerUnavailable('it takes no messages for now'));
    return this.publishing.publish(message);
  }

  consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer> {
    return this.consuming.consume(subscription, onDelivery);
  }

  async depth(queue: string): Promise<number> {
    const { model } = this.publishing;
    if (model === undefined) throw new BrokerUnavailable('not connected');
    const answer = this.depths.of(model, queue);
    if (await settlesWithin(depthWithinMs, answer)) return answer;
    throw new BrokerUnavailable('it does not say how long a queue is');
  }

  onStateChange(listener: (state: BrokerState) => void): () => void {
    return this.status.onChange(listener);
  }

  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async open(): Promise<void> {
    const both = Promise.all([this.publishConnection.open(), this.consumeConnection.open()]);
    try {
      await both;
    } catch (error) {
      if (this.settings.optionalAtStart) return;
      await this.close();
      throw error;
    }
  }

  private async shutDown(): Promise<void> {
    await this.consuming.close();
    await this.lastConfirms();
    await Promise.all([this.publishConnection.close(), this.consumeConnection.close()]);
    this.publishing.close();
  }

  private async lastConfirms(): Promise<void> {
    const deadline = performance.now() + lastConfirmsMs;
    while (this.state === 'up' && this.publishing.unconfirmed > 0 && performance.now() < deadline) await wait(5);
  }

  private update(): void {
    const { publishConnection, consumeConnection } = this;
    if (!publishConnection.ready || !consumeConnection.ready) this.status.become('down');
    else this.status.become(publishConnection.blocked ? 'blocked' : 'up');
  }
}
