import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { MessageKey } from '@pulser/contracts';
import { isObservable, lastValueFrom } from 'rxjs';

import type { Broker, Consumer, Delivery, Subscription } from '../broker/broker.js';
import type { BrokerLog } from '../broker/broker-status.js';
import { answersRequests, DeliveryContext, isMarked, RejectMessage } from './message-handler.js';
import { MessageRunner } from './message-runner.js';
import { checkHeaders, checkVersion, isMessageKey, readBody } from './message.policy.js';

export interface ServerSubscription extends Subscription {
  /** The key of all messages in this queue, whatever their routing key: `task.dispatch` in the queue of an agent. */
  readonly pattern?: MessageKey;
}

export interface ServerOptions {
  /** Milliseconds that closing waits for the handlers that run; what is not done then is requeued. */
  readonly drainMs: number;
}

/**
 * Nest's transport over a Broker. Handlers are methods marked `@OnMessage('<routing key>')` or `@OnRequest(...)` of classes
 * marked `@MessageConsumer()`; they get the checked body and a DeliveryContext.
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

  /** Takes nothing new, waits for what runs, requeues what waits for a retry. The broker stays open. */
  async close(): Promise<void> {
    this.runner.stop();
    await Promise.all(this.consumers.map((consumer) => consumer.drain(this.options.drainMs)));
  }

  /** The consumers of the subscriptions, in their order: to change a prefetch, to see what runs. */
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
      this.handle(subscription.pattern ?? delivery.routingKey, delivery);
    });
  }

  private handle(key: string, delivery: Delivery): void {
    const handler = this.handlerOf(key);
    const handling = this.handlingOf(key, handler, delivery);
    // Only handlers that are made for requests answer: no producer makes any other one send something.
    if (delivery.replyTo !== undefined && handler !== undefined && answersRequests(handler))
      void this.runner.answer(delivery, handling);
    else void this.runner.run(delivery, handling);
  }

  private requireHandlers({ pattern, bindings }: ServerSubscription): void {
    const exact = bindings.map((binding) => binding.pattern).filter((key) => !/[*#]/.test(key));
    for (const key of pattern === undefined ? exact : [pattern]) this.requireHandler(key);
  }

  private requireHandler(key: string): void {
    const handler = this.handlerOf(key);
    if (handler === undefined || !isMessageKey(key))
      throw new Error(`messages '${key}' are subscribed to, but nothing handles them`);
    if (!isMarked(handler)) throw new Error(`the handler of '${key}' must be marked with @OnMessage or @OnRequest`);
  }

  // Nest's own look-up parses the pattern as JSON every time; routing keys never are.
  private handlerOf(key: string): MessageHandler | undefined {
    return this.messageHandlers.get(key);
  }

  /** One attempt; the body is parsed and checked at the first one only. */
  private handlingOf(key: string, handler: MessageHandler | undefined, delivery: Delivery): () => Promise<unknown> {
    const context = new DeliveryContext(delivery);
    let body: { readonly checked: unknown } | undefined;
    return async () => {
      if (handler === undefined || !isMessageKey(key)) throw new RejectMessage('unknown_routing_key', key);
      checkHeaders(delivery.headers);
      checkVersion(delivery.headers);
      body ??= { checked: readBody(key, delivery) };
      return this.invoke(handler, body.checked, context);
    };
  }

  private invoke(handler: MessageHandler, body: unknown, context: DeliveryContext): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, (end) =>
        completionOf(handler(body, context)).finally(end).then(resolve, reject),
      );
    });
  }
}

// Nest wraps what a handler returns or throws in an Observable, sometimes.
const completionOf = async (returned: Promise<unknown>): Promise<unknown> => {
  const result = await returned;
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
};
