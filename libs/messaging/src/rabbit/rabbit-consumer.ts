// Consuming from RabbitMQ: the consumers of one service, and each of them across lost channels and connections.
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter, settlesWithin } from '@pulser/concurrency';
import type { ChannelModel } from 'amqplib';

import type { Consumer, Delivery, Subscription } from '../broker/broker.js';
import type { BrokerUnavailable } from '../broker/broker-errors.js';
import { type ChannelOwner, RabbitConnection, type RabbitSettings, setupFailure } from './rabbit-connection.js';
import { ConsumeChannel, type ConsumeRequest } from './consume-channel.js';
import { DeliveryGate, RabbitDelivery } from './rabbit-delivery.js';
import type { RabbitPublishing } from './rabbit-publishing.js';
import { afterDeletion, onChannel } from './rabbit-topology.js';

const changeTimeoutMs = 2_000;

/**
 * Bindings are made again so often: an exchange that an operator deleted comes back without them, and the broker says
 * nothing to consumers, which would hear no more.
 */
const rebindMs = 5_000;

/** All consumers, over one connection with a channel for each. */
export class RabbitConsuming implements ChannelOwner {
  readonly kind = 'consume';
  readonly connection: RabbitConnection;
  private model: ChannelModel | undefined;
  private readonly consumers = new Set<RabbitConsumer>();
  private readonly rebinding: NodeJS.Timeout;

  constructor(
    private readonly settings: RabbitSettings,
    private readonly publishing: RabbitPublishing,
    onChange: (failure?: BrokerUnavailable) => void,
  ) {
    this.connection = new RabbitConnection(settings, this, onChange);
    this.rebinding = setInterval(() => {
      for (const consumer of this.consumers) void consumer.bindAgain();
    }, rebindMs);
    this.rebinding.unref();
  }

  /** See Broker.consume. */
  async consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer> {
    const { settings, publishing, consumers } = this;
    const consumer = new RabbitConsumer(settings, publishing, subscription, onDelivery, (drained) =>
      consumers.delete(drained),
    );
    consumers.add(consumer);
    const { model } = this;
    try {
      if (model !== undefined) await consumer.attach(model);
    } catch (error) {
      // A connection that was lost meanwhile is no reason to fail: the consumer goes on with the next one.
      if (this.model === model) {
        consumers.delete(consumer);
        throw setupFailure(error);
      }
    }
    return consumer;
  }

  async attach(model: ChannelModel): Promise<void> {
    await this.publishing.topology.declare(model);
    this.model = model;
    await Promise.all([...this.consumers].map((consumer) => consumer.attach(model)));
  }

  detach(): void {
    this.model = undefined;
    for (const consumer of this.consumers) consumer.detach();
  }

  /** Takes nothing new and requeues what is unsettled; the connection stays. */
  async stop(): Promise<void> {
    clearInterval(this.rebinding);
    await Promise.all([...this.consumers].map((consumer) => consumer.drain(0)));
  }
}

/** Consumes one queue, over one channel after the other: each lost channel is replaced. */
class RabbitConsumer implements Consumer {
  private model: ChannelModel | undefined;
  private temporaryQueue: string | undefined;
  private current: ConsumeChannel | undefined;
  /** The current channel and former ones with unsettled deliveries. */
  private readonly channels = new Set<ConsumeChannel>();
  private readonly gate: DeliveryGate;
  private prefetch: number;
  private draining = false;
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: RabbitSettings,
    private readonly publishing: RabbitPublishing,
    private readonly subscription: Subscription,
    onDelivery: (delivery: Delivery) => void,
    private readonly onDrained: (consumer: RabbitConsumer) => void,
  ) {
    const { queue, prefetch } = subscription;
    this.prefetch = prefetch;
    const name = typeof queue === 'string' ? queue : queue.temporaryFor;
    this.gate = new DeliveryGate(name, publishing, prefetch, onDelivery);
  }

  get running(): number {
    return this.gate.running;
  }

  /** Consumes on this connection from now on. */
  async attach(model: ChannelModel): Promise<void> {
    this.model = model;
    this.temporaryQueue = undefined;
    await this.inTurn(() => this.openOn(model));
  }

  detach(): void {
    this.model = undefined;
    this.current = undefined;
  }

  async setPrefetch(prefetch: number): Promise<void> {
    this.prefetch = prefetch;
    this.gate.resize(prefetch);
    const { model } = this;
    // A prefetch counts for new consumers of the broker only.
    if (model !== undefined) await this.inTurn(() => this.openOn(model));
  }

  async drain(withinMs: number): Promise<void> {
    this.draining = true;
    this.gate.close();
    await settlesWithin(changeTimeoutMs, this.changing);
    await this.current?.retire();
    await settlesWithin(withinMs, this.gate.whenIdle());
    await Promise.all([...this.channels].map((channel) => channel.close()));
    this.onDrained(this);
  }

  /** Never rejects: what is wrong shows at the next time, or when the connection is lost. */
  async bindAgain(): Promise<void> {
    const { model, current } = this;
    if (model === undefined || current === undefined || this.draining) return;
    const { topology } = this.publishing;
    const { queue, bindings } = this.subscription;
    const bound =
      typeof queue === 'string'
        ? topology.declareQueueOf(model, queue, bindings)
        : topology.bindTemporaryQueue(model, this.temporaryQueue ?? '', bindings);
    await bound.catch((error: unknown) => {
      if (this.model === model) this.settings.log.warn({ err: error, queue: this.gate.queue }, 'cannot bind a queue');
    });
  }

  private cancelled(channel: ConsumeChannel): void {
    this.settings.log.warn({ queue: this.gate.queue }, 'the broker cancelled a consumer: consuming again');
    void this.retire(channel);
    this.replace(channel, afterDeletion);
  }

  private closed(channel: ConsumeChannel, error?: Error): void {
    if (error !== undefined)
      this.settings.log.warn({ err: error, queue: this.gate.queue }, 'the broker closed the channel of a consumer');
    this.channels.delete(channel);
    this.replace(channel);
  }

  private replace(lost: ConsumeChannel, first = (): Promise<void> => Promise.resolve()): void {
    if (lost !== this.current) return;
    this.current = undefined;
    this.temporaryQueue = undefined;
    if (this.model !== undefined && !this.draining) void this.openAgain(this.model, first);
  }

  private async openAgain(model: ChannelModel, first: () => Promise<void>): Promise<void> {
    await first();
    for (let attempt = 1; this.model === model && !this.draining; attempt++) {
      try {
        await this.inTurn(() => this.openOn(model));
        return;
      } catch (error) {
        // When the connection goes too, everything is attached again to the next one.
        if (this.model !== model) return;
        this.settings.log.warn({ err: error, queue: this.gate.queue }, 'cannot consume, trying again');
        await wait(fullJitter(attempt), undefined, { ref: false });
      }
    }
  }

  private async openOn(model: ChannelModel): Promise<void> {
    if (this.model !== model || this.draining) return;
    const request = this.requestFor(await this.declareQueue(model));
    const channel = await ConsumeChannel.open(model, request, this.settings.metrics);
    if (!channel.delivers) throw new Error('the channel was closed as soon as it was opened');
    this.channels.add(channel);
    const former = this.current;
    this.current = channel;
    // Last: a temporary queue is deleted with its last consumer.
    if (former !== undefined) await this.retire(former);
  }

  private requestFor(wireQueue: string): ConsumeRequest {
    return {
      wireQueue,
      prefetch: this.prefetch,
      delivered: (message, channel) => {
        this.gate.offer(new RabbitDelivery(message, channel, this.gate));
      },
      cancelled: (channel) => {
        this.cancelled(channel);
      },
      closed: (channel, error) => {
        this.closed(channel, error);
      },
    };
  }

  private async retire(channel: ConsumeChannel): Promise<void> {
    await channel.retire();
    this.gate.giveBack(channel);
  }

  private async declareQueue(model: ChannelModel): Promise<string> {
    const { topology } = this.publishing;
    const { queue, bindings } = this.subscription;
    if (typeof queue !== 'string')
      return (this.temporaryQueue ??= await onChannel(model, (channel) =>
        topology.declareTemporaryQueue(channel, bindings),
      ));
    await topology.declareQueueOf(model, queue, bindings);
    return topology.names.toWire(queue);
  }

  /** One change of channels at a time. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.changing.then(work);
    this.changing = turn.catch(() => undefined);
    return turn;
  }
}
