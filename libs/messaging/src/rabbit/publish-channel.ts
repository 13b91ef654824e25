import type { ChannelModel, ConfirmChannel, Message, Options } from 'amqplib';

import type { PendingPublish } from './pending-publish.js';
import { replyCode } from './reply-code.js';
import type { WireNames } from './wire-names.js';

/** How a message fared that was not confirmed. */
export type PublishFailure =
  | { readonly kind: 'returned' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'channel-closed'; readonly code: number | undefined };

export interface PublishEvents {
  confirmed(pending: PendingPublish): void;
  failed(pending: PendingPublish, failure: PublishFailure): void;
  /** Comes before the failures of the messages that were on their way. */
  closed(channel: PublishChannel, error?: Error): void;
}

// A returned message says who it is only by what was sent with it; its confirm follows the return.
const marker = 'pulser-publish';

/** One life of a channel in confirm mode. */
export class PublishChannel {
  private sent = 0;
  private readonly returned = new Set<number>();
  private closedFor: PublishFailure | undefined;

  private constructor(
    private readonly channel: ConfirmChannel,
    private readonly names: WireNames,
    private readonly events: PublishEvents,
  ) {
    let reason: Error | undefined;
    channel.on('error', (error) => (reason = error));
    channel.on('return', (message) => {
      this.noteReturn(message);
    });
    // Before amqplib's own listener, which fails all that is unconfirmed.
    channel.prependListener('close', () => {
      this.closedFor = { kind: 'channel-closed', code: replyCode(reason) };
      events.closed(this, reason);
    });
  }

  static async open(model: ChannelModel, names: WireNames, events: PublishEvents): Promise<PublishChannel> {
    return new PublishChannel(await model.createConfirmChannel(), names, events);
  }

  /** @throws RangeError when headers, key or another property are longer than the protocol allows */
  send(pending: PendingPublish): void {
    const { exchange, routingKey, body } = pending.message;
    const sequence = ++this.sent;
    this.channel.publish(
      this.names.toWire(exchange),
      routingKey,
      body,
      this.optionsOf(pending, sequence),
      (error: unknown) => {
        this.answered(pending, sequence, error);
      },
    );
  }

  private optionsOf({ message }: PendingPublish, sequence: number): Options.Publish {
    const { headers, priority, messageId, mandatory, expirationMs, contentType = 'application/json' } = message;
    const options: Options.Publish = { persistent: true, contentType, headers };
    if (priority !== undefined) options.priority = priority;
    if (messageId !== undefined) options.messageId = messageId;
    if (expirationMs !== undefined) options.expiration = expirationMs;
    if (mandatory === true) {
      options.mandatory = true;
      options.headers = { ...headers, [marker]: sequence };
    }
    return options;
  }

  private noteReturn({ properties }: Message): void {
    const sequence: unknown = properties.headers?.[marker];
    if (typeof sequence === 'number') this.returned.add(sequence);
  }

  private answered(pending: PendingPublish, sequence: number, error: unknown): void {
    // `size` first: returns are rare, confirms are many.
    if (this.returned.size > 0 && this.returned.delete(sequence)) this.events.failed(pending, { kind: 'returned' });
    else if (this.closedFor !== undefined) this.events.failed(pending, this.closedFor);
    else if (error !== null) this.events.failed(pending, { kind: 'refused' });
    else this.events.confirmed(pending);
  }
}
