// Nest's transport over a Broker: from a delivery to its handler, and on to its acknowledgement.
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { fullJitter } from '@pulser/concurrency';
import type { DeadLetterReason, MessageKey } from '@pulser/contracts';
import { isObservable, lastValueFrom } from 'rxjs';

import type { Broker, BrokerLog, Consumer, Delivery, OutgoingReply, Subscription } from '../broker/broker.js';
import { errorReply } from '../broker/requests.js';
import {
  afterFailure,
  answersRequests,
  checkHeaders,
  checkVersion,
  DeliveryContext,
  describeError,
  isMarked,
  isMessageKey,
  isTransient,
  readBody,
  RejectMessage,
} from './message-handler.js';
import type { OnDemand } from './on-demand.js';

export interface ServerSubscription extends Subscription {
  /** The key of all messages in this queue, whatever their routing key: `task.dispatch` in the queue of an agent. */
  readonly pattern?: MessageKey;
  /** Consume only while it has users. */
  readonly onDemand?: OnDemand;
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
      for (const one of this.subscriptions) one.onDemand?.serveWith(() => this.consume(one));
      const always = this.subscriptions.filter(({ onDemand }) => onDemand === undefined);
      this.consumers = await Promise.all(always.map((subscription) => this.consume(subscription)));
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Takes nothing new, waits for what runs, requeues what waits for a retry. The broker stays open. */
  async close(): Promise<void> {
    this.runner.stop();
    const open = [...this.consumers, ...this.subscriptions.flatMap(({ onDemand }) => onDemand ?? [])];
    await Promise.all(open.map((consumer) => consumer.drain(this.options.drainMs)));
  }

  /** The consumers of the subscriptions that are always open, in their order: to change a prefetch, to see what runs. */
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

/** Handles deliveries to their end: acknowledged, rejected to the dead letters, or requeued because the service stops. */
export class MessageRunner {
  private readonly stopping = new AbortController();

  constructor(private readonly log: BrokerLog) {
    // Every message that waits for a retry listens.
    setMaxListeners(0, this.stopping.signal);
  }

  /** From now on what would be tried again later is requeued. */
  stop(): void {
    this.stopping.abort();
  }

  /** Handles a message; tries again in place as the ack policy decides. Never rejects. */
  async run(delivery: Delivery, handle: () => Promise<unknown>): Promise<void> {
    for (let all = 1, lasting = 0; ; all++) {
      const failure = await failureOf(handle);
      if (failure === undefined) {
        delivery.ack();
        return;
      }
      if (!isTransient(failure.error)) lasting++;
      const verdict = afterFailure(failure.error, { all, lasting });
      if (verdict.kind === 'dead-letter') return this.reject(delivery, verdict.reason, verdict.detail);
      if (all === 1) this.logRetry(delivery, failure.error);
      if (!(await this.canGoOn(delivery, verdict.afterMs))) {
        delivery.requeue();
        return;
      }
    }
  }

  /**
   * Answers a request with what `handle` resolves to or throws; one whose deadline has passed is acknowledged, unhandled.
   * Never rejects. The handler runs once: when the reply cannot be published, only that is tried again, until the deadline.
   */
  async answer(delivery: Delivery, handle: () => Promise<unknown>): Promise<void> {
    const reply = isLate(delivery) ? undefined : await this.replyOf(delivery, handle);
    for (let attempt = 1; reply !== undefined && !isLate(delivery); attempt++) {
      const failure = await failureOf(() => delivery.reply(reply));
      if (failure === undefined) break;
      if (attempt === 1) this.log.warn({ ...factsOf(delivery), err: failure.error }, 'a reply could not be sent');
      if (!isTransient(failure.error) || !(await this.canGoOn(delivery, fullJitter(attempt)))) break;
    }
    delivery.ack();
  }

  private async replyOf(delivery: Delivery, handle: () => Promise<unknown>): Promise<OutgoingReply> {
    try {
      return { body: Buffer.from(JSON.stringify((await handle()) ?? null)) };
    } catch (error) {
      this.log.warn({ ...factsOf(delivery), err: error }, 'a request failed');
      return errorReply(codeOf(error), error instanceof RejectMessage ? error.message : describeError(error));
    }
  }

  private async reject(delivery: Delivery, reason: DeadLetterReason, detail?: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await failureOf(() => delivery.deadLetter(reason, detail));
      if (failure === undefined) {
        this.log.error({ ...factsOf(delivery), reason, detail }, 'a message went to the dead letters');
        return;
      }
      if (attempt === 1) this.logRetry(delivery, failure.error);
      if (!(await this.canGoOn(delivery, fullJitter(attempt)))) {
        delivery.requeue();
        return;
      }
    }
  }

  private logRetry(delivery: Delivery, error: unknown): void {
    this.log.warn({ ...factsOf(delivery), err: error }, 'a message could not be handled, trying again');
  }

  /** Waits before the next attempt; false when there should be none here. */
  private async canGoOn(delivery: Delivery, ms: number): Promise<boolean> {
    const { signal } = this.stopping;
    await wait(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted && !delivery.stale;
  }
}

const factsOf = ({ queue, routingKey, messageId }: Delivery): object => ({ queue, routing_key: routingKey, messageId });

const isLate = ({ deadline }: Delivery): boolean => deadline !== undefined && Date.now() >= deadline;

const codeOf = (error: unknown): string => {
  if (error instanceof RejectMessage) return error.reason;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'handler_failed';
};

const failureOf = async (work: () => Promise<unknown>): Promise<{ error: unknown } | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
};
