import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { MessageKey } from '@pulser/contracts';
import { isObservable, lastValueFrom } from 'rxjs';

import type { Broker, Consumer, Delivery, Subscription } from '../broker/broker.js';
import type { BrokerLog } from '../broker/broker-log.js';
import { RejectMessage } from './reject-message.js';
import { DeliveryContext } from './delivery-context.js';
import { isMessageKey, readBody } from './message-body.policy.js';
import { checkHeaders } from './message-headers.policy.js';
import { checkVersion } from './message-version.policy.js';
import { MessageRunner } from './message-runner.js';
import { isOnMessage } from './on-message.js';

export interface ServerSubscription extends Subscription {
  /** The message that lies in this queue whatever its routing key: `task.dispatch` in the queue of an agent. */
  readonly pattern?: MessageKey;
}

export interface ServerOptions {
  /** Milliseconds that closing waits for the handlers that run; what is not done then is given back. */
  readonly drainMs: number;
}

/**
 * Nest's transport over a Broker. Handlers are methods marked `@OnMessage('<routing key>')` of classes marked
 * `@MessageConsumer()`; they get the checked body and a DeliveryContext.
 */
export class BrokerServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('pulser-broker');
  override readonly propagatesEventHandlerErrors = true;
  private readonly runner: MessageRunner;
  private consumers: readonly Consumer[] = [];

  constructor(
    private readonly broker: Broker,
    private readonly subscriptions: readonly ServerSubscription[],
    log: BrokerLog,
    private readonly options: ServerOptions = { drainMs: 8_000 },
  ) {
    super();
    this.runner = new MessageRunner(log);
  }

  /** Starts to consume. Fails when a message of a subscription has no handler. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      for (const subscription of this.subscriptions) this.requireHandlers(subscription);
      this.consumers = await Promise.all(this.subscriptions.map((subscription) => this.consume(subscription)));
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Takes nothing new, waits for what runs, gives back what waits for a retry. The broker stays open. */
  async close(): Promise<void> {
    this.runner.stop();
    await Promise.all(this.consumers.map((consumer) => consumer.drain(this.options.drainMs)));
  }

  /** What the subscriptions became, in their order: to change a prefetch, to see what runs. */
  get running(): readonly Consumer[] {
    return this.consumers;
  }

  on(): never {
    throw new Error('Nest has no events for this transport: see Broker.onStateChange');
  }

  unwrap<T>(): T {
    return this.broker as T;
  }

  private consume(subscription: ServerSubscription): Promise<Consumer> {
    return this.broker.consume(subscription, (delivery) => {
      const key = subscription.pattern ?? delivery.routingKey;
      void this.runner.run(delivery, this.handlingOf(key, delivery));
    });
  }

  private requireHandlers({ pattern, bindings }: ServerSubscription): void {
    const exact = bindings.map((binding) => binding.pattern).filter((key) => !/[*#]/.test(key));
    for (const key of pattern === undefined ? exact : [pattern]) this.requireHandler(key);
  }

  private requireHandler(key: string): void {
    const handler = this.handlerOf(key);
    if (handler === undefined || !isMessageKey(key))
      throw new Error(`messages '${key}' are subscribed to, but nothing handles them`);
    if (!isOnMessage(handler)) throw new Error(`the handler of '${key}' must be marked with @OnMessage`);
  }

  // Nest's own look-up parses the pattern as JSON every time, which routing keys never are.
  private handlerOf(key: string): MessageHandler | undefined {
    return this.messageHandlers.get(key);
  }

  /** One attempt; the body is parsed and checked at the first one only. */
  private handlingOf(key: string, delivery: Delivery): () => Promise<void> {
    const context = new DeliveryContext(delivery);
    let body: { readonly checked: unknown } | undefined;
    return async () => {
      const handler = this.handlerOf(key);
      if (handler === undefined || !isMessageKey(key)) throw new RejectMessage('unknown_routing_key', key);
      checkHeaders(delivery.headers);
      checkVersion(delivery.headers);
      body ??= { checked: readBody(key, delivery) };
      await this.invoke(handler, body.checked, context);
    };
  }

  private invoke(handler: MessageHandler, body: unknown, context: DeliveryContext): Promise<void> {
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, (end) =>
        completionOf(handler(body, context)).finally(end).then(resolve, reject),
      );
    });
  }
}

// Nest wraps what a handler returns or throws in an Observable, sometimes.
const completionOf = async (returned: Promise<unknown>): Promise<void> => {
  const result = await returned;
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
};
