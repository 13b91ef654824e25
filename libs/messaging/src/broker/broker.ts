// The port: everything that the rest of Pulser knows of a message broker, and the publisher that services use it with. Two
// implementations: rabbit/, in-process/.
import { Injectable } from '@nestjs/common';
import {
  type AgentName,
  type DeadLetterReason,
  exchange,
  type ExchangeName,
  header,
  type MessageInput,
  type MessageKey,
  messages,
  messageVersion,
  type TaskDispatches,
} from '@pulser/contracts';

/** `blocked`: connected, but the broker takes no messages for now (memory or disk alarm); consuming goes on. */
export type BrokerState = 'up' | 'blocked' | 'down';

/** A message to publish. The broker keeps it on disk, unless it is a dispatch in a queue that does not outlive its node. */
export interface OutgoingMessage {
  readonly exchange: ExchangeName;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** 0 to 9, higher first. Set it wherever order matters: the default depends on the broker. */
  readonly priority?: number;
  readonly messageId?: string;
  /** `application/json` when missing. */
  readonly contentType?: string;
  /** Refuse the message when no queue would get it. */
  readonly mandatory?: boolean;
  /** The broker drops the message when it has waited in its queue for so long, in milliseconds. */
  readonly expirationMs?: number;
  /** Where the reply is to be sent; `request` sets it. */
  readonly replyTo?: string;
  /** Comes back with the reply; `request` sets it. */
  readonly correlationId?: string;
  /**
   * Milliseconds since 1970 after which handling the message is of no use. It travels as a header, by the clock of the
   * sender, and as an expiration (unless that is set), so that the broker drops the message when it is late.
   */
  readonly deadline?: number;
  /** The user of the broker that sends it, who must be the one of the connection; `request` sets it. */
  readonly sender?: string;
}

/** The answer of a server to a request. */
export interface Reply {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly contentType: string | undefined;
}

/** What a server answers; `application/json` when it names no type. */
export type OutgoingReply = Pick<OutgoingMessage, 'body' | 'headers' | 'contentType'>;

export interface RequestOptions {
  /** Milliseconds, from now, within which the reply must be here. An earlier `deadline` of the message wins. */
  readonly timeoutMs: number;
  /** Ends the wait; the server may handle the request all the same. */
  readonly signal?: AbortSignal;
  /** Called with what the server says before its reply, each as it wrote it. */
  readonly onProgress?: (progress: Reply) => void;
}

export interface Binding {
  readonly exchange: ExchangeName;
  /** On a topic exchange `*` stands for one word and `#` for any number of them. */
  readonly pattern: string;
}

/** A queue that belongs to one consumer and goes with its connection. The text names it in logs and dead letters. */
export interface TemporaryQueue {
  readonly temporaryFor: string;
}

export interface Subscription {
  readonly queue: string | TemporaryQueue;
  readonly bindings: readonly Binding[];
  /** Deliveries that may be unsettled at one time. */
  readonly prefetch: number;
}

/** A delivered message. The first call of `ack`, `deadLetter` or `requeue` settles it; further ones do nothing. */
export interface Delivery {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string | undefined;
  /** As the producer set it. */
  readonly contentType: string | undefined;
  readonly priority: number | undefined;
  readonly redelivered: boolean;
  readonly replyTo: string | undefined;
  readonly correlationId: string | undefined;
  /** Milliseconds since 1970, by the clock of the sender; see `OutgoingMessage.deadline`. */
  readonly deadline: number | undefined;
  /** The user of the broker that sent it, as the broker has checked; undefined: the sender did not say. */
  readonly sender: string | undefined;
  /** Whether it is a request: its replies reach whoever sent it, and nobody else. */
  readonly isRequest: boolean;
  /** Name of the queue, or what a temporary one is for. */
  readonly queue: string;
  /** The channel that delivered it is gone: the broker delivers the message again, whatever is done with this one. */
  readonly stale: boolean;
  /** Acknowledges. On a stale delivery this is dropped and counted. */
  ack(): void;
  /**
   * Sends the reply to a request; the request is still to be acknowledged. A requester that is gone does no harm, nor
   * does a message that asked for no reply. Replies go only to addresses that `request` makes: any other would let
   * a producer write into a queue of its choice through this service.
   * @throws BrokerUnavailable when it could not be published
   */
  reply(reply: OutgoingReply): Promise<void>;
  /**
   * Moves the message, as it came, to the dead letters: it is acknowledged here once the broker has it there.
   * @throws BrokerUnavailable when it could not be published; the message is still unsettled then
   */
  deadLetter(reason: DeadLetterReason, detail?: string): Promise<void>;
  /** Back to the front of the queue, marked as redelivered. Not a way to retry: it comes back at once. */
  requeue(): void;
}

export interface Consumer {
  /** Unsettled deliveries. */
  readonly running: number;
  /** Takes effect on what is delivered from now on. */
  setPrefetch(prefetch: number): Promise<void>;
  /** Takes nothing new, waits at most so many milliseconds for what runs, and requeues the rest. */
  drain(withinMs: number): Promise<void>;
}

/**
 * A message broker as this system uses one: at-least-once delivery, acknowledged one by one, priorities, confirms.
 * An abstract class, so that Nest can inject it.
 */
export abstract class Broker {
  abstract readonly state: BrokerState;

  /** While it is `blocked`: why, in the words of the broker. */
  abstract readonly alarm: string | undefined;

  /** The user that this client is to the broker. */
  abstract readonly user: string;

  /**
   * Connects and declares all exchanges and queues; a lost connection is made again by itself. Resolves too when the
   * broker cannot be reached: it keeps trying, `state` is `down`, and consumers start when the broker is there.
   * @throws BrokerRefused when the broker refuses the credentials, the virtual host or what is to be declared
   */
  abstract connect(): Promise<void>;

  /**
   * Resolves when the broker has confirmed that it has the message.
   * @throws BrokerUnavailable when it may not have it: not connected, too much unconfirmed, no confirm in time
   * @throws Unroutable when the message is mandatory and no queue takes it
   */
  abstract publish(message: OutgoingMessage): Promise<void>;

  /**
   * Publishes a message, always as mandatory, and waits for the one reply to it. The request is handled at least once
   * or not at all; its reply arrives at most once and is lost with the connection.
   * @throws RequestTimedOut at the deadline
   * @throws RequestFailed when the server answered with an error
   * @throws Unroutable when no queue takes the request
   * @throws BrokerUnavailable when it could not be published, or the connection was lost before the reply
   * @throws the reason of the signal when that aborts
   */
  abstract request(message: OutgoingMessage, options: RequestOptions): Promise<Reply>;

  /** Resolves when messages flow, or at once while the broker is down: they flow when it is back. */
  abstract consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer>;

  /** Messages ready in a queue; those delivered and unsettled are not counted. */
  abstract depth(queue: string): Promise<number>;

  /**
   * Consumers of a queue now: a client whose connection is lost has none, before it knows itself. 0 for a queue that
   * nothing has declared yet.
   * @throws BrokerUnavailable
   */
  abstract consumers(queue: string): Promise<number>;

  /** Calls the listener at every change of state. @returns a function that removes the listener */
  abstract onStateChange(listener: (state: BrokerState) => void): () => void;

  /** Requeues what is unsettled, rejects the requests that wait for a reply and disconnects. */
  abstract close(): Promise<void>;
}

type Line = (facts: object, text: string) => void;

/** Where a broker logs its own events; pino's loggers fit. */
export interface BrokerLog {
  info: Line;
  warn: Line;
  error: Line;
}

/** The state of a broker and the listeners to its changes. */
export class BrokerStatus {
  private readonly listeners = new Set<(state: BrokerState) => void>();
  private current: BrokerState = 'down';

  /** @param metrics gets every state, the first one too */
  constructor(private readonly metrics: { stateChanged(state: BrokerState): void }) {
    metrics.stateChanged(this.current);
  }

  get state(): BrokerState {
    return this.current;
  }

  become(state: BrokerState): void {
    if (state === this.current) return;
    this.current = state;
    this.metrics.stateChanged(state);
    for (const listener of [...this.listeners]) listener(state);
  }

  /** @returns a function that removes the listener */
  onChange(listener: (state: BrokerState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** Everything but dispatches, whose routing key is the agent's name. */
export type PublishableKey = Exclude<MessageKey, 'task.dispatch'>;

/** `mandatory` defaults to true for orders, which a queue must take, and to false for events, which may have no reader. */
export type PublishOptions = Pick<
  OutgoingMessage,
  'headers' | 'messageId' | 'priority' | 'expirationMs' | 'mandatory' | 'deadline'
>;

const versionHeader = { [header.version]: messageVersion };

const bytesOf = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));

const addressed = (key: PublishableKey, body: unknown, headers: PublishOptions['headers']) => ({
  exchange: messages[key].exchange.name,
  routingKey: key,
  body: bytesOf(body),
  headers: headers === undefined ? versionHeader : { ...headers, ...versionHeader },
});

/** Publishes the messages of the contract, each to its exchange, with the version of its schema. */
@Injectable()
export class Publisher {
  constructor(private readonly broker: Broker) {}

  /**
   * Resolves when the broker has confirmed the message.
   * @throws BrokerUnavailable, Unroutable: see Broker.publish
   */
  publish<K extends PublishableKey>(key: K, body: MessageInput<K>, options: PublishOptions = {}): Promise<void> {
    return this.broker.publish({
      mandatory: messages[key].exchange.name === exchange.tasks.name,
      ...options,
      ...addressed(key, body, options.headers),
    });
  }

  /**
   * Publishes a request and waits for its reply. The body of the reply is as the server wrote it: check it.
   * @throws RequestTimedOut, RequestFailed, Unroutable, BrokerUnavailable: see Broker.request
   */
  request<K extends PublishableKey>(
    key: K,
    body: MessageInput<K>,
    { timeoutMs, signal, onProgress, ...options }: PublishOptions & RequestOptions,
  ): Promise<Reply> {
    const limits = { timeoutMs, ...(signal && { signal }), ...(onProgress && { onProgress }) };
    return this.broker.request({ ...options, ...addressed(key, body, options.headers) }, limits);
  }

  /**
   * Dispatches rows to the workers of one agent; priority as in `amqpPriority`.
   * @throws BrokerUnavailable, Unroutable: see Broker.publish
   */
  dispatch(agent: AgentName, dispatches: TaskDispatches, priority: number): Promise<void> {
    return this.broker.publish({
      exchange: exchange.agents.name,
      routingKey: agent,
      body: bytesOf(dispatches),
      headers: versionHeader,
      priority,
      mandatory: true,
    });
  }
}
