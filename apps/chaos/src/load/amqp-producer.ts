import { setTimeout as wait } from 'node:timers/promises';

import { exchange, header } from '@pulser/contracts';
import type { Tenant } from '@pulser/harness';
import { type ChannelModel, type ConfirmChannel, connect, type Options } from 'amqplib';

import type { Order } from './order.js';

const reconnectMs = 200;
const confirmTimeoutMs = 8_000;

interface Sent {
  readonly order: Order;
  readonly tenant: Tenant;
  readonly confirmedAt: number;
}

class Returned extends Error {}

/** A producer as others write them: plain AMQP, message ids, confirms; what is not confirmed is sent again. */
export class AmqpProducer {
  private model: ChannelModel | undefined;
  private channel: Promise<ConfirmChannel> | undefined;
  private readonly returned = new Set<string>();
  private sent: Sent[] = [];

  constructor(private readonly url: string) {}

  /** Resolves when the broker has the order. @throws the reason of the signal when it is aborted before */
  async submit(order: Order, tenant: Tenant, signal: AbortSignal): Promise<void> {
    await this.untilConfirmed(order, tenant, signal);
    this.sent.push({ order, tenant, confirmedAt: Date.now() });
  }

  /**
   * Sends again what was confirmed since then: a broker that lost its data has lost orders too, and the message id makes
   * this safe.
   * @returns how many
   */
  async repeatSince(at: number, signal: AbortSignal): Promise<number> {
    const again = this.sent.filter(({ confirmedAt }) => confirmedAt >= at);
    await Promise.all(again.map(({ order, tenant }) => this.untilConfirmed(order, tenant, signal)));
    return again.length;
  }

  /** Any message, straight to an exchange or (exchange '') a queue. */
  async raw(to: string, routingKey: string, body: Buffer, options: Options.Publish): Promise<void> {
    const channel = await this.open();
    await confirmed(channel, to, routingKey, body, options);
  }

  /** On a channel of its own: RabbitMQ closes it when it does not like what is asked. */
  async onChannel<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    await this.open();
    if (this.model === undefined) throw new Error('not connected');
    const channel = await this.model.createConfirmChannel();
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      // Not waited for: amqplib never settles it when the connection is lost before the broker has answered.
      void channel.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.model?.close().catch(() => undefined);
  }

  private async untilConfirmed(order: Order, tenant: Tenant, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.send(order, tenant);
        return;
      } catch {
        await wait(reconnectMs);
      }
    }
  }

  private async send({ ref, body }: Order, { key }: Tenant): Promise<void> {
    const options: Options.Publish = {
      messageId: ref,
      persistent: true,
      mandatory: true,
      headers: { [header.apiKey]: key },
    };
    await this.raw(exchange.tasks.name, 'task.submit', Buffer.from(JSON.stringify(body)), options);
    if (this.returned.delete(ref)) throw new Returned();
  }

  private open(): Promise<ConfirmChannel> {
    return (this.channel ??= this.connect().catch((error: unknown) => {
      this.channel = undefined;
      throw error;
    }));
  }

  private async connect(): Promise<ConfirmChannel> {
    const model = (this.model = await connect(this.url));
    const forget = (): void => {
      if (this.model === model) this.model = this.channel = undefined;
    };
    model.on('error', () => undefined);
    model.on('close', forget);
    const channel = await model.createConfirmChannel();
    // Everything that is unconfirmed listens for its end.
    channel.setMaxListeners(0);
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.model === model) this.channel = undefined;
      void model.close().catch(() => undefined);
    });
    channel.on('return', ({ properties }) => {
      if (typeof properties.messageId === 'string') this.returned.add(properties.messageId);
    });
    return channel;
  }
}

const confirmed = async (
  channel: ConfirmChannel,
  to: string,
  routingKey: string,
  body: Buffer,
  options: Options.Publish,
): Promise<void> => {
  const confirm = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    confirm.reject(new Error('no confirm in time'));
  }, confirmTimeoutMs);
  const onClose = (): void => {
    confirm.reject(new Error('the channel closed'));
  };
  channel.once('close', onClose);
  try {
    channel.publish(to, routingKey, body, options, (error: unknown) => {
      if (error === null) confirm.resolve(undefined);
      else confirm.reject(new Error('not confirmed'));
    });
    await confirm.promise;
  } finally {
    clearTimeout(timer);
    channel.off('close', onClose);
  }
};
