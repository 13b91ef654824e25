import type { DeadLetterReason, ExchangeName } from '@pulser/contracts';

/** `blocked`: connected, but the broker takes no messages for now (memory or disk alarm); consuming goes on. */
export type BrokerState = 'up' | 'blocked' | 'down';

/** Always persistent. */
export interface OutgoingMessage {
  readonly exchange: ExchangeName;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** 0 - 9, higher first; say it always where it matters: what an unset one means depends on the broker. */
  readonly priority?: number;
  readonly messageId?: string;
  /** `application/json` when missing. */
  readonly contentType?: string;
  /** Refuse the message when no queue would get it. */
  readonly mandatory?: boolean;
  /** Dropped when it has waited for so long, in milliseconds. */
  readonly expirationMs?: number;
}

export interface Binding {
  readonly exchange: ExchangeName;
  /** On a topic exchange `*` stands for one word and `#` for any number of them. */
  readonly pattern: string;
}

/** A queue that lives as long as the connection and is nobody else's. The text names it in logs and dead letters. */
export interface TemporaryQueue {
  readonly temporaryFor: string;
}

export interface Subscription {
  readonly queue: string | TemporaryQueue;
  readonly bindings: readonly Binding[];
  /** Deliveries that may be in hand, unsettled, at one time. */
  readonly prefetch: number;
}

/** A message in hand. One call of `ack`, `deadLetter` or `requeue` settles it; further ones do nothing. */
export interface Delivery {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string | undefined;
  /** As its producer said. */
  readonly contentType: string | undefined;
  readonly priority: number | undefined;
  readonly redelivered: boolean;
  /** Name of the queue, or what a temporary one is for. */
  readonly queue: string;
  /** What delivered it is gone: the broker gives the message to somebody again, whatever is done with this one. */
  readonly stale: boolean;
  /** Done. On a stale delivery it is dropped and counted. */
  ack(): void;
  /**
   * Moves the message, as it came, to the dead letters: it is acknowledged here once the broker has it there.
   * @throws BrokerUnavailable when it could not be published; the message is still in hand then
   */
  deadLetter(reason: DeadLetterReason, detail?: string): Promise<void>;
  /** Back to the front of the queue, marked as redelivered. Not a way to retry: it comes back at once. */
  requeue(): void;
}

export interface Consumer {
  /** Deliveries in hand. */
  readonly running: number;
  /** Takes effect on what is delivered from now on; nothing in hand is touched. */
  setPrefetch(prefetch: number): Promise<void>;
  /** Takes nothing new, waits for what runs, at most so many milliseconds, and requeues the rest. */
  drain(withinMs: number): Promise<void>;
}

/**
 * A message broker as this system uses one: at-least-once delivery, acknowledged one by one, priorities, confirms.
 * An abstract class, so that Nest can inject it.
 */
export abstract class Broker {
  abstract readonly state: BrokerState;

  /** Connects and declares all exchanges and queues; later connections are made again by themselves. */
  abstract connect(): Promise<void>;

  /**
   * Resolves when the broker has confirmed that it has the message.
   * @throws BrokerUnavailable when it may not have it: not connected, too much unconfirmed, no confirm in time
   * @throws Unroutable when the message is mandatory and no queue takes it
   */
  abstract publish(message: OutgoingMessage): Promise<void>;

  /** Resolves when messages flow, or at once while the broker is down: they flow when it is back. */
  abstract consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer>;

  /** Messages ready in a queue, not those in somebody's hand. */
  abstract depth(queue: string): Promise<number>;

  /** Calls the listener at every change of state; the answer stops that. */
  abstract onStateChange(listener: (state: BrokerState) => void): () => void;

  /** Requeues what is still in hand and disconnects. */
  abstract close(): Promise<void>;
}
