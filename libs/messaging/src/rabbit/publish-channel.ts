// A channel in confirm mode, and what is unconfirmed.
import type { ChannelModel, ConfirmChannel, ConsumeMessage, Message, Options } from 'amqplib';

import type { OutgoingMessage } from '../broker/broker.js';
import { BrokerUnavailable } from '../broker/broker-errors.js';
import { deadlineHeader } from '../broker/requests.js';
import { type RabbitSettings, replyCode } from './rabbit-connection.js';
import type { RabbitTopology } from './rabbit-topology.js';

/** Replies go to the default exchange, which has no name and takes a queue's name as routing key. */
export type WireMessage = Omit<OutgoingMessage, 'exchange'> & { readonly exchange: OutgoingMessage['exchange'] | '' };

/** A message on its way, and the promise that waits for its confirm. */
export class PendingPublish {
  /** A message is sent a second time at most: after what it needed had been deleted and was declared again. */
  retried = false;
  /** Its promise has been settled; the broker may still hold it. */
  settled = false;

  constructor(
    readonly message: WireMessage,
    /** On the clock of `performance.now()`. */
    readonly deadline: number,
    private readonly resolve: () => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  confirm(): void {
    this.settled = true;
    this.resolve();
  }

  fail(error: unknown): void {
    this.settled = true;
    this.reject(error);
  }
}

type Limits = Pick<RabbitSettings, 'confirmTimeoutMs' | 'maxUnconfirmed' | 'maxUnconfirmedBytes' | 'metrics'>;

/**
 * What the broker has not confirmed: bounded in number and bytes, and given up after a time.
 *
 * A message that is given up keeps its place until the broker confirms it or its channel ends: it is still in a buffer,
 * and a blocked broker must not make that grow.
 */
export class ConfirmWindow {
  private readonly held = new Set<PendingPublish>();
  private bytes = 0;
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly limits: Limits) {
    // One timer for all messages; they expire in the order in which they came.
    this.sweeper = setInterval(
      () => {
        this.sweep(performance.now());
      },
      Math.max(20, limits.confirmTimeoutMs / 20),
    );
    this.sweeper.unref();
  }

  get size(): number {
    return this.held.size;
  }

  hasRoomFor(bytes: number): boolean {
    return this.held.size < this.limits.maxUnconfirmed && this.bytes + bytes <= this.limits.maxUnconfirmedBytes;
  }

  add(pending: PendingPublish): void {
    this.held.add(pending);
    this.bytes += pending.message.body.length;
  }

  release(pending: PendingPublish): void {
    if (this.held.delete(pending)) this.bytes -= pending.message.body.length;
  }

  close(): void {
    clearInterval(this.sweeper);
  }

  private sweep(now: number): void {
    for (const pending of this.held) {
      if (pending.deadline > now) return;
      if (pending.settled) continue;
      this.limits.metrics.confirmTimedOut();
      pending.fail(new BrokerUnavailable(`no confirm within ${this.limits.confirmTimeoutMs} ms`));
    }
  }
}

/** Why a message was not confirmed. */
export type PublishFailure =
  | { readonly kind: 'returned' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'channel-closed'; readonly code: number | undefined };

/** What a channel calls as the broker answers. */
export interface PublishCallbacks {
  confirmed(pending: PendingPublish): void;
  failed(pending: PendingPublish, failure: PublishFailure): void;
  replied(message: ConsumeMessage): void;
  /** Called before the failures of the messages that were on their way. */
  closed(channel: PublishChannel, error?: Error): void;
}

// A returned message is recognised only by what was sent with it; its confirm follows the return.
const marker = 'pulser-publish';

/**
 * Replies come by direct reply-to rather than over an exclusive queue. Both lose replies with the connection, which a
 * requester must bear anyway, but this one declares nothing that could be deleted, needs no permission of the requester
 * (to bind a queue of its own it would need one to read the exchange, and with that could copy the requests of others), and
 * its addresses cannot be guessed. The price: servers that answer need to write to the default exchange, `amq.default`.
 * RabbitMQ 3.4 and later, in clusters too. https://www.rabbitmq.com/docs/direct-reply-to
 */
export const directReplyTo = 'amq.rabbitmq.reply-to';

/** Whether the broker has made this address of `directReplyTo`, for the sender of a message. */
export const isDirectReplyTo = (address: string | undefined): address is string =>
  address?.startsWith(`${directReplyTo}.`) === true;

/** One channel in confirm mode, until it closes. */
export class PublishChannel {
  private sent = 0;
  private hearsReplies = false;
  private readonly returned = new Set<number>();
  private closedFor: PublishFailure | undefined;

  private constructor(
    private readonly channel: ConfirmChannel,
    private readonly topology: RabbitTopology,
    private readonly callbacks: PublishCallbacks,
  ) {
    let reason: Error | undefined;
    channel.on('error', (error) => (reason = error));
    channel.on('return', (message) => {
      this.noteReturn(message);
    });
    // Before amqplib's own listener, which fails all that is unconfirmed.
    channel.prependListener('close', () => {
      this.closedFor = { kind: 'channel-closed', code: replyCode(reason) };
      callbacks.closed(this, reason);
    });
  }

  static async open(
    model: ChannelModel,
    topology: RabbitTopology,
    callbacks: PublishCallbacks,
  ): Promise<PublishChannel> {
    return new PublishChannel(await model.createConfirmChannel(), topology, callbacks);
  }

  /** @throws RangeError when headers, key or another property are longer than the protocol allows */
  send(pending: PendingPublish): void {
    const { exchange, routingKey, body, replyTo } = pending.message;
    if (replyTo === directReplyTo && !this.hearsReplies) this.hearReplies();
    const sequence = ++this.sent;
    this.channel.publish(
      this.topology.names.toWire(exchange),
      routingKey,
      body,
      this.optionsOf(pending, sequence),
      (error: unknown) => {
        this.answered(pending, sequence, error);
      },
    );
  }

  // Replies come over the channel of the requests, and the broker must know that before the first request. Not
  // awaited: frames of a channel keep their order, and a refusal closes the channel under the requests.
  private hearReplies(): void {
    this.hearsReplies = true;
    const replied = (message: ConsumeMessage | null): void => {
      if (message !== null) this.callbacks.replied(message);
    };
    this.channel.consume(directReplyTo, replied, { noAck: true }).catch(() => undefined);
  }

  private optionsOf({ message }: PendingPublish, sequence: number): Options.Publish {
    const { headers, priority, messageId, mandatory, expirationMs, contentType = 'application/json' } = message;
    const persistent = this.topology.keeps(message.exchange);
    const options: Options.Publish = { persistent, contentType, headers };
    if (priority !== undefined) options.priority = priority;
    if (messageId !== undefined) options.messageId = messageId;
    if (expirationMs !== undefined) options.expiration = expirationMs;
    if (mandatory === true) {
      options.mandatory = true;
      options.headers = { ...headers, [marker]: sequence };
    }
    if (message.correlationId !== undefined) options.correlationId = message.correlationId;
    if (message.replyTo !== undefined) options.replyTo = message.replyTo;
    if (message.sender !== undefined) options.userId = message.sender;
    if (message.deadline !== undefined) {
      options.headers = { ...(options.headers as OutgoingMessage['headers']), [deadlineHeader]: message.deadline };
      if (expirationMs === undefined) options.expiration = Math.max(0, Math.ceil(message.deadline - Date.now()));
    }
    return options;
  }

  private noteReturn({ properties }: Message): void {
    const sequence: unknown = properties.headers?.[marker];
    if (typeof sequence === 'number') this.returned.add(sequence);
  }

  private answered(pending: PendingPublish, sequence: number, error: unknown): void {
    // `size` first: returns are rare, confirms are many.
    if (this.returned.size > 0 && this.returned.delete(sequence)) this.callbacks.failed(pending, { kind: 'returned' });
    else if (this.closedFor !== undefined) this.callbacks.failed(pending, this.closedFor);
    else if (error !== null) this.callbacks.failed(pending, { kind: 'refused' });
    else this.callbacks.confirmed(pending);
  }
}
