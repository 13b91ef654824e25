// Everything that is published to RabbitMQ: messages, requests, replies, dead letters.
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter, SingleFlight } from '@pulser/concurrency';
import type { DeadLetterReason } from '@pulser/contracts';
import { IllegalOperationError, type ChannelModel, type ConsumeMessage } from 'amqplib';

import type { Delivery, OutgoingMessage, OutgoingReply, Reply, RequestOptions } from '../broker/broker.js';
import { BrokerUnavailable, Unroutable } from '../broker/broker-errors.js';
import { deadLetterOf } from '../broker/dead-letter.policy.js';
import { Requests } from '../broker/requests.js';
import { hasItsQueue } from '../broker/topology.js';
import {
  type ChannelOwner,
  notFound,
  RabbitConnection,
  type RabbitSettings,
  textOf,
  userOf,
} from './rabbit-connection.js';
import {
  ConfirmWindow,
  directReplyTo,
  isDirectReplyTo,
  PendingPublish,
  PublishChannel,
  type PublishFailure,
  type WireMessage,
} from './publish-channel.js';
import { afterDeletion, type RabbitTopology } from './rabbit-topology.js';

// RabbitMQ's own limit, which it enforces by closing the channel under all other messages.
const maxBodyBytes = 16 * 1024 * 1024;

/** Publishes over one connection and one channel, which is made again when it breaks. */
export class RabbitPublishing implements ChannelOwner {
  readonly kind = 'publish';
  readonly connection: RabbitConnection;
  model: ChannelModel | undefined;
  private channel: PublishChannel | undefined;
  private readonly window: ConfirmWindow;
  private readonly requests: Requests;
  /** Published while the channel is being made again. */
  private readonly waiting: PendingPublish[] = [];
  private readonly repairs = new SingleFlight<ChannelModel, void>();

  constructor(
    private readonly settings: RabbitSettings,
    readonly topology: RabbitTopology,
    onChange: (failure?: BrokerUnavailable) => void,
  ) {
    this.window = new ConfirmWindow(settings);
    this.requests = new Requests(settings.metrics);
    this.connection = new RabbitConnection(settings, this, onChange);
  }

  get unconfirmed(): number {
    return this.window.size;
  }

  /** See Broker.publish. */
  publish(message: WireMessage): Promise<void> {
    if (this.model === undefined) return Promise.reject(new BrokerUnavailable('not connected'));
    if (this.connection.blockedForMs > this.settings.confirmTimeoutMs)
      return Promise.reject(new BrokerUnavailable('it takes no messages for now'));
    if (message.body.length > maxBodyBytes) return Promise.reject(new RangeError('the message is longer than 16 MiB'));
    if (!this.window.hasRoomFor(message.body.length))
      return Promise.reject(new BrokerUnavailable('too much is unconfirmed'));
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.settings.confirmTimeoutMs;
      const pending = new PendingPublish(message, deadline, resolve, reject);
      this.window.add(pending);
      this.send(pending);
    });
  }

  /** See Broker.request. */
  request(message: OutgoingMessage, options: RequestOptions): Promise<Reply> {
    const own = { replyTo: directReplyTo, sender: userOf(this.settings.url) };
    return this.requests.request({ ...message, ...own }, options, (request) => this.publish(request));
  }

  /** See Delivery.reply. Never mandatory: to the broker these addresses are no queues, and it would return the reply. */
  async reply({ replyTo, correlationId }: Delivery, reply: OutgoingReply): Promise<void> {
    if (!isDirectReplyTo(replyTo)) return;
    const message = { ...reply, exchange: '', routingKey: replyTo } as const;
    await this.publish(correlationId === undefined ? message : { ...message, correlationId });
  }

  /** Copies a message to the dead letters and counts it. @throws BrokerUnavailable */
  async deadLetter(delivery: Delivery, reason: DeadLetterReason, detail?: string): Promise<void> {
    await this.publish(deadLetterOf(delivery, reason, detail));
    this.settings.metrics.deadLettered(reason);
  }

  async attach(model: ChannelModel): Promise<void> {
    this.model = model;
    await this.topology.declare(model);
    await this.openChannel(model);
  }

  detach(): void {
    const lost = new BrokerUnavailable('the connection was lost');
    this.model = undefined;
    this.channel = undefined;
    for (const pending of this.waiting.splice(0)) this.giveUp(pending, lost);
    this.requests.rejectAll(lost);
  }

  async close(): Promise<void> {
    await this.connection.close();
    this.window.close();
  }

  private send(pending: PendingPublish): void {
    if (pending.settled) {
      this.window.release(pending);
      return;
    }
    if (this.model === undefined) {
      this.giveUp(pending, new BrokerUnavailable('the connection was lost'));
      return;
    }
    if (this.channel === undefined) return void this.waiting.push(pending);
    try {
      this.channel.send(pending);
    } catch (error) {
      const closing = error instanceof IllegalOperationError;
      this.giveUp(pending, closing ? new BrokerUnavailable('the connection is closing', error) : error);
    }
  }

  private confirmed(pending: PendingPublish): void {
    this.window.release(pending);
    if (!pending.settled) pending.confirm();
  }

  private failed(pending: PendingPublish, failure: PublishFailure): void {
    if (failure.kind === 'returned') this.settings.metrics.returned();
    if (!pending.settled && !pending.retried && canRepair(pending, failure)) {
      pending.retried = true;
      void this.repair().then(() => {
        this.send(pending);
      });
    } else this.giveUp(pending, errorOf(pending, failure));
  }

  private giveUp(pending: PendingPublish, error: unknown): void {
    this.window.release(pending);
    if (!pending.settled) pending.fail(error);
  }

  private replied({ content, properties }: ConsumeMessage): void {
    const { headers = {} } = properties as Partial<Pick<typeof properties, 'headers'>>;
    const [id, type] = [textOf(properties.correlationId), textOf(properties.contentType)];
    this.requests.arrived(id, { body: content, headers, contentType: type });
  }

  /** Declares what was deleted, once for all messages that miss it. Does not fail: what is still missing shows soon. */
  private async repair(): Promise<void> {
    const { model, settings } = this;
    if (model === undefined) return;
    await this.repairs
      .run(model, () => this.declareAgain(model))
      .catch((error: unknown) => {
        settings.log.error({ err: error }, 'cannot declare what is missing');
      });
  }

  private async declareAgain(model: ChannelModel): Promise<void> {
    this.settings.log.warn({}, 'an exchange or a queue is missing: declaring all of them again');
    await afterDeletion();
    await this.topology.declare(model);
  }

  private channelClosed(channel: PublishChannel, error?: Error): void {
    if (error !== undefined) this.settings.log.warn({ err: error }, 'the broker closed the channel for publishing');
    if (channel !== this.channel) return;
    this.channel = undefined;
    this.requests.loseReplies(new BrokerUnavailable('the channel was closed before the reply came'));
    if (this.model !== undefined) void this.rebuild(this.model);
  }

  private async rebuild(model: ChannelModel): Promise<void> {
    for (let attempt = 1; this.model === model; attempt++) {
      try {
        await this.openChannel(model);
        return;
      } catch {
        // Most likely the connection is closing too, which is reported next.
        await wait(fullJitter(attempt), undefined, { ref: false });
      }
    }
  }

  private async openChannel(model: ChannelModel): Promise<void> {
    const channel = await PublishChannel.open(model, this.topology, {
      confirmed: (pending) => {
        this.confirmed(pending);
      },
      failed: (pending, failure) => {
        this.failed(pending, failure);
      },
      replied: (message) => {
        this.replied(message);
      },
      closed: (closed, error) => {
        this.channelClosed(closed, error);
      },
    });
    if (this.model !== model) return;
    this.channel = channel;
    for (const pending of this.waiting.splice(0)) this.send(pending);
  }
}

const errorOf = ({ message }: PendingPublish, failure: PublishFailure): Error => {
  switch (failure.kind) {
    case 'returned':
      return new Unroutable(message);
    case 'refused':
      return new BrokerUnavailable('it refused the message');
    case 'channel-closed':
      return new BrokerUnavailable('the channel was closed before the confirm came');
  }
};

/** Whether the topology takes this message, so that something must have been deleted. */
const canRepair = ({ message }: PendingPublish, failure: PublishFailure): boolean => {
  if (failure.kind === 'channel-closed') return failure.code === notFound;
  return (
    failure.kind === 'returned' && message.exchange !== '' && hasItsQueue({ ...message, exchange: message.exchange })
  );
};
