import { setTimeout as wait } from 'node:timers/promises';

import type { ChannelModel, ConsumeMessage } from 'amqplib';

import { fullJitter, settlesWithin } from '@pulser/concurrency';
import type { Consumer, Delivery, OutgoingMessage, Subscription } from '../broker/broker.js';
import { afterDeletion } from './after-deletion.js';
import { ConsumeChannel, type ConsumeEvents } from './consume-channel.js';
import { DeliveryGate } from './delivery-gate.js';
import { onChannel } from './on-channel.js';
import { RabbitDelivery, type DeliveryOwner } from './rabbit-delivery.js';
import type { RabbitSettings } from './rabbit-options.js';
import type { TopologyDeclaration } from './topology-declaration.js';
import type { WireNames } from './wire-names.js';

const changeTimeoutMs = 2_000;

/** What consumers need of the broker they belong to. */
export interface ConsumerHome {
  readonly settings: RabbitSettings;
  readonly names: WireNames;
  readonly topology: TopologyDeclaration;
  publish(message: OutgoingMessage): Promise<void>;
  forget(consumer: RabbitConsumer): void;
}

/** A consumer that outlives its channels. */
export class RabbitConsumer implements Consumer, ConsumeEvents {
  private model: ChannelModel | undefined;
  private temporaryQueue: string | undefined;
  private current: ConsumeChannel | undefined;
  /** The current channel and former ones whose deliveries are still in hand. */
  private readonly channels = new Set<ConsumeChannel>();
  private readonly gate: DeliveryGate;
  private readonly owner: DeliveryOwner;
  private prefetch: number;
  private draining = false;
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: ConsumerHome,
    private readonly subscription: Subscription,
    onDelivery: (delivery: Delivery) => void,
  ) {
    this.prefetch = subscription.prefetch;
    this.gate = new DeliveryGate(subscription.prefetch, onDelivery);
    this.owner = this.ownerOfDeliveries();
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
    this.home.forget(this);
  }

  delivered(message: ConsumeMessage, channel: ConsumeChannel): void {
    this.gate.offer(new RabbitDelivery(message, channel, this.owner));
  }

  cancelled(channel: ConsumeChannel): void {
    this.home.settings.log.warn({ queue: this.owner.queue }, 'the broker cancelled a consumer: consuming again');
    void this.retire(channel);
    this.replace(channel, afterDeletion);
  }

  closed(channel: ConsumeChannel, error?: Error): void {
    if (error !== undefined)
      this.home.settings.log.warn(
        { err: error, queue: this.owner.queue },
        'the broker closed the channel of a consumer',
      );
    this.channels.delete(channel);
    this.replace(channel);
  }

  private ownerOfDeliveries(): DeliveryOwner {
    const { queue } = this.subscription;
    return {
      queue: typeof queue === 'string' ? queue : queue.temporaryFor,
      names: this.home.names,
      metrics: this.home.settings.metrics,
      publish: (message) => this.home.publish(message),
      settled: () => {
        this.gate.settled();
      },
    };
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
        this.home.settings.log.warn({ err: error, queue: this.owner.queue }, 'cannot consume, trying again');
        await wait(fullJitter(attempt), undefined, { ref: false });
      }
    }
  }

  private async openOn(model: ChannelModel): Promise<void> {
    if (this.model !== model || this.draining) return;
    const wireQueue = await this.declareQueue(model);
    const request = { wireQueue, prefetch: this.prefetch };
    const channel = await ConsumeChannel.open(model, request, this, this.home.settings.metrics);
    if (!channel.delivers) throw new Error('the channel was closed as soon as it was opened');
    this.channels.add(channel);
    const former = this.current;
    this.current = channel;
    // Only now: a temporary queue goes with its last consumer.
    if (former !== undefined) await this.retire(former);
  }

  private async retire(channel: ConsumeChannel): Promise<void> {
    await channel.retire();
    this.gate.giveBack(channel);
  }

  private async declareQueue(model: ChannelModel): Promise<string> {
    const { home, subscription } = this;
    const { queue, bindings } = subscription;
    if (typeof queue !== 'string')
      return (this.temporaryQueue ??= await onChannel(model, (channel) =>
        home.topology.declareTemporaryQueue(channel, bindings),
      ));
    await home.topology.declareQueueOf(model, queue, bindings);
    return home.names.toWire(queue);
  }

  /** One change of channels at a time. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.changing.then(work);
    this.changing = turn.catch(() => undefined);
    return turn;
  }
}
