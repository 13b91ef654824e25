import { setTimeout as wait } from 'node:timers/promises';

import { settlesWithin } from '@pulser/concurrency';
import type { ChannelModel } from 'amqplib';

import { declaredBy } from '../access/broker-users.js';
import {
  Broker,
  type BrokerState,
  BrokerStatus,
  type Consumer,
  type Delivery,
  type OutgoingMessage,
  type Reply,
  type RequestOptions,
  type Subscription,
} from '../broker/broker.js';
import { BrokerUnavailable } from '../broker/broker-errors.js';
import { userOf, withDefaults, type RabbitOptions, type RabbitSettings } from './rabbit-connection.js';
import { RabbitConsuming } from './rabbit-consumer.js';
import { RabbitPublishing } from './rabbit-publishing.js';
import { RabbitTopology } from './rabbit-topology.js';

// How long closing waits for what is unconfirmed.
const lastConfirmsMs = 5_000;
// A broker that hangs must not hold up its caller for good.
const maxCountMs = 5_000;

/**
 * RabbitMQ. Publishing and consuming have a connection each: a broker short of memory stops reading from connections that
 * publish, and acknowledgements must get through then.
 */
export class RabbitBroker extends Broker {
  private readonly settings: RabbitSettings;
  private readonly status: BrokerStatus;
  private readonly topology: RabbitTopology;
  private readonly publishing: RabbitPublishing;
  private readonly consuming: RabbitConsuming;
  /** What has been logged of the current outage. */
  private readonly logged = new Set<string>();
  private connecting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: RabbitOptions) {
    super();
    const settings = (this.settings = withDefaults(options));
    const update = (failure?: BrokerUnavailable): void => {
      if (failure !== undefined) this.logOnce(failure);
      this.update();
    };
    this.status = new BrokerStatus(settings.metrics);
    this.topology = new RabbitTopology(declaredBy(settings.url), settings);
    this.publishing = new RabbitPublishing(settings, this.topology, update);
    this.consuming = new RabbitConsuming(settings, this.publishing, update);
  }

  get state(): BrokerState {
    return this.status.state;
  }

  get alarm(): string | undefined {
    return this.publishing.connection.alarm;
  }

  get user(): string {
    return userOf(this.settings.url);
  }

  connect(): Promise<void> {
    return (this.connecting ??= this.open());
  }

  publish(message: OutgoingMessage): Promise<void> {
    return this.publishing.publish(message);
  }

  request(message: OutgoingMessage, options: RequestOptions): Promise<Reply> {
    return this.publishing.request(message, options);
  }

  consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer> {
    return this.consuming.consume(subscription, onDelivery);
  }

  depth(queue: string): Promise<number> {
    return this.counted((model) => this.topology.depth(model, queue));
  }

  consumers(queue: string): Promise<number> {
    return this.counted((model) => this.topology.consumers(model, queue));
  }

  onStateChange(listener: (state: BrokerState) => void): () => void {
    return this.status.onChange(listener);
  }

  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async counted(count: (model: ChannelModel) => Promise<number>): Promise<number> {
    const { model } = this.publishing;
    if (model === undefined) throw new BrokerUnavailable('not connected');
    const answer = count(model);
    if (await settlesWithin(maxCountMs, answer)) return answer;
    throw new BrokerUnavailable('it does not say what a queue holds');
  }

  private async open(): Promise<void> {
    try {
      await Promise.all([this.publishing.connection.open(), this.consuming.connection.open()]);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async shutDown(): Promise<void> {
    await this.consuming.stop();
    await this.lastConfirms();
    await Promise.all([this.publishing.close(), this.consuming.connection.close()]);
  }

  private async lastConfirms(): Promise<void> {
    const deadline = performance.now() + lastConfirmsMs;
    while (this.state === 'up' && this.publishing.unconfirmed > 0 && performance.now() < deadline) await wait(5);
  }

  // Attempts come many times per minute, over two connections.
  private logOnce(failure: BrokerUnavailable): void {
    if (this.logged.has(failure.name)) return;
    this.logged.add(failure.name);
    this.settings.log.warn({ err: failure }, 'cannot connect to the broker, trying again');
  }

  private update(): void {
    const { connection: publish } = this.publishing;
    const { connection: consume } = this.consuming;
    if (!publish.ready || !consume.ready) this.status.become('down');
    else {
      this.logged.clear();
      this.status.become(publish.blocked ? 'blocked' : 'up');
    }
  }
}
