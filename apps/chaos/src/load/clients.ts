// The load's two ways into Pulser: HTTP to the gateways, AMQP to the broker.
import { setTimeout as wait } from 'node:timers/promises';

import { withTimeLimit } from '@pulser/concurrency';
import { exchange, header } from '@pulser/contracts';
import type { Random, Tenant } from '@pulser/harness';
import { type ChannelModel, type ConfirmChannel, connect, type Options } from 'amqplib';

import type { Order } from './orders.js';

/** An answer of 500 or more. */
export interface ServerError {
  readonly at: number;
  readonly gateway: string;
  readonly status: number;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const timeoutMs = 5_000;
const retryMs = [30, 400] as const;

/** A refusal that no retry changes: the load is wrong, or Pulser is. */
export class Refused extends Error {
  constructor(status: number, body: string) {
    super(`refused with ${status}: ${body}`);
    this.name = 'Refused';
  }
}

/** Whether the gateway never saw the request: its port was closed. */
const isUnsent = (error: unknown): boolean =>
  error instanceof TypeError &&
  typeof error.cause === 'object' &&
  error.cause !== null &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED';

type Attempt = Answer | 'unsent' | 'lost';

/** A request as it goes to whichever gateway. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Made anew for each try. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body?: string;
}

const posted = (path: string, tenant: Tenant, key: string | undefined, body: unknown): HttpRequest => ({
  method: 'POST',
  path,
  headers: () => ({
    ...bearer(tenant),
    'content-type': 'application/json',
    ...(key !== undefined && { 'idempotency-key': key }),
  }),
  ...(body !== undefined && { body: JSON.stringify(body) }),
});

const bearer = ({ key }: Tenant): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** A client of the gateways: any of them, as often as it takes. */
export class HttpClient {
  readonly serverErrors: ServerError[] = [];

  constructor(
    private readonly gateways: readonly string[],
    private readonly random: Random,
  ) {}

  /**
   * Posts until there is an answer: only for requests that may be repeated, by their idempotency key or by their nature.
   * @throws Refused on any other 4xx than 404, 409 and 429; the reason of the signal when it is aborted
   */
  async post(
    path: string,
    tenant: Tenant,
    key: string | undefined,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.until(posted(path, tenant, key, body), signal);
  }

  /** Sends what may be repeated until there is an answer. @throws as {@link post} */
  async until(request: HttpRequest, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.attempt(request);
      if (typeof answer === 'object' && answer.status < 500 && answer.status !== 429) return answer;
      await wait(this.random.between(...retryMs));
    }
  }

  /** Asks once. @returns undefined when there was no answer that says anything */
  async get(path: string, tenant: Tenant): Promise<Answer | undefined> {
    const answer = await this.attempt({ method: 'GET', path, headers: () => bearer(tenant) });
    return typeof answer === 'object' && answer.status === 200 ? answer : undefined;
  }

  /**
   * Posts without an idempotency key. Repeated only while no gateway has taken the request (closed port, 429): after a
   * lost connection, a time-out or a 5xx the tasks may exist.
   * @returns undefined when the answer was lost
   * @throws as {@link post}
   */
  async postKeyless(path: string, tenant: Tenant, body: unknown, signal: AbortSignal): Promise<Answer | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.attempt(posted(path, tenant, undefined, body));
      if (answer === 'lost' || (answer !== 'unsent' && answer.status >= 500)) return undefined;
      if (answer !== 'unsent' && answer.status !== 429) return answer;
      await wait(this.random.between(...retryMs));
    }
  }

  private async attempt({ method, path, headers, body }: HttpRequest): Promise<Attempt> {
    const gateway = this.random.pick(this.gateways);
    try {
      const response = await fetch(gateway + path, {
        method,
        headers: headers(),
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return await this.read(gateway, response);
    } catch (error) {
      if (error instanceof Refused) throw error;
      return isUnsent(error) ? 'unsent' : 'lost';
    }
  }

  private async read(gateway: string, response: Response): Promise<Answer> {
    const text = await response.text();
    const { status } = response;
    if (status >= 500) this.serverErrors.push({ at: Date.now(), gateway, status, body: text.slice(0, 300) });
    // 404 and 409 answer a repeated cancellation.
    if (status >= 400 && status < 500 && ![404, 409, 429].includes(status)) throw new Refused(status, text);
    return { status, body: status < 500 ? JSON.parse(text) : undefined };
  }
}

const reconnectMs = 200;
const connectTimeoutMs = 8_000;
const confirmTimeoutMs = 8_000;

interface Sent {
  readonly order: Order;
  readonly tenant: Tenant;
  readonly confirmedAt: number;
}

/** The broker had no queue for the order. */
class Returned extends Error {}

/** The broker did not answer in time. */
class Unconfirmed extends Error {}

/** A connection on which no channel opens in time is left: its heartbeat would find out minutes later that it is dead. */
const openChannel = async (model: ChannelModel): Promise<ConfirmChannel> => {
  try {
    return await withTimeLimit(model.createConfirmChannel(), confirmTimeoutMs);
  } catch (error) {
    void model.close().catch(() => undefined);
    throw error;
  }
};

/** A producer in plain AMQP with message ids and confirms; what is not confirmed is sent again. */
export class AmqpProducer {
  private model: ChannelModel | undefined;
  private channel: Promise<ConfirmChannel> | undefined;
  private readonly returned = new Set<string>();
  private sent: Sent[] = [];

  constructor(private readonly url: string) {}

  /** Resolves when the broker has confirmed the order. @throws the reason of the signal when it is aborted before */
  async submit(order: Order, tenant: Tenant, signal: AbortSignal): Promise<void> {
    await this.untilConfirmed(order, tenant, signal);
    this.sent.push({ order, tenant, confirmedAt: Date.now() });
  }

  /**
   * Sends again what was confirmed since `at`: a broker that lost its data has lost orders, and the message id makes the
   * repetition safe.
   * @returns how many
   */
  async repeatSince(at: number, signal: AbortSignal): Promise<number> {
    const again = this.sent.filter(({ confirmedAt }) => confirmedAt >= at);
    await Promise.all(again.map(({ order, tenant }) => this.untilConfirmed(order, tenant, signal)));
    return again.length;
  }

  /** Publishes any message to an exchange, or (exchange '') to a queue. Resolves with the confirm. */
  async raw(to: string, routingKey: string, body: Buffer, options: Options.Publish): Promise<void> {
    const channel = await this.open();
    await confirmed(channel, to, routingKey, body, options);
  }

  /** Runs `work` on a channel of its own: RabbitMQ closes a channel after an error. */
  async onChannel<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    await this.open();
    if (this.model === undefined) throw new Error('not connected');
    const channel = await openChannel(this.model);
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      // Not awaited: amqplib never settles it when the connection is lost before the broker has answered.
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
      } catch (error) {
        // A connection that says nothing may be dead: without this it would be found out by its heartbeat, minutes later.
        if (error instanceof Unconfirmed) this.drop();
        await wait(reconnectMs);
      }
    }
  }

  private drop(): void {
    const { model } = this;
    this.model = this.channel = undefined;
    void model?.close().catch(() => undefined);
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
    const model = (this.model = await connect(this.url, { timeout: connectTimeoutMs }));
    const forget = (): void => {
      if (this.model === model) this.model = this.channel = undefined;
    };
    model.on('error', () => undefined);
    model.on('close', forget);
    const channel = await openChannel(model);
    // Every unconfirmed message listens for its close.
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
    confirm.reject(new Unconfirmed('no confirm in time'));
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
