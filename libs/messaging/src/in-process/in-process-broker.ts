// The broker of embedded mode and its clients.
import { randomUUID } from 'node:crypto';

import {
  type Binding,
  Broker,
  type BrokerState,
  BrokerStatus,
  type Consumer,
  type Delivery,
  type OutgoingMessage,
  type OutgoingReply,
  type Reply,
  type RequestOptions,
  type Subscription,
} from '../broker/broker.js';
import { BrokerUnavailable, UnknownQueue, Unroutable } from '../broker/broker-errors.js';
import { unmeasured, type BrokerMetrics } from '../broker/broker-metrics.js';
import { Requests } from '../broker/requests.js';
import { bindingTakes, queueNamed, queues } from '../broker/topology.js';
import { InProcessConsumer, InProcessQueue } from './in-process-consumer.js';

const json = 'application/json';

/**
 * The broker of embedded mode: queues in memory, shared by the apps of one process, each of which has a client of its
 * own. What it holds is lost with the process; the rows in the database are not.
 */
export class InProcessBroker {
  private readonly queues = new Map<string, InProcessQueue>();
  private readonly routes = new RoutingTable();
  /** The clients that may have requests under way, by the address for replies. */
  private readonly requesters = new Map<string, Requests>();

  constructor() {
    for (const { name, bindings } of queues) this.durableQueue(name, bindings);
  }

  /** @param user who its messages come from. One app's connection: closing it requeues what the app had not settled, as a lost connection does. */
  client(metrics: BrokerMetrics = unmeasured, user = 'guest'): InProcessClient {
    return new InProcessClient(this, metrics, user);
  }

  /** @throws Unroutable */
  route(message: OutgoingMessage): void {
    const found = this.routes.queuesFor(message);
    if (found.size === 0 && message.mandatory === true) throw new Unroutable(message);
    for (const queue of found) queue.push(message);
  }

  durableQueue(name: string, bindings: readonly Binding[]): InProcessQueue {
    const queue = this.queues.get(name) ?? new InProcessQueue(name);
    this.queues.set(name, queue);
    return this.bound(queue, [...(queueNamed(name)?.bindings ?? []), ...bindings]);
  }

  /** Goes with its last consumer. */
  temporaryQueue(name: string, bindings: readonly Binding[]): InProcessQueue {
    const queue: InProcessQueue = new InProcessQueue(name, () => {
      this.routes.unbind(queue);
    });
    return this.bound(queue, bindings);
  }

  /** @throws UnknownQueue */
  depth(name: string): number {
    const queue = this.queues.get(name);
    if (queue === undefined && queueNamed(name) === undefined) throw new UnknownQueue(name);
    return queue?.depth ?? 0;
  }

  consumers(name: string): number {
    return this.queues.get(name)?.consumerCount ?? 0;
  }

  /** Receives replies at an address until the client goes. @returns the address */
  hearReplies(requests: Requests): string {
    const address = randomUUID();
    this.requesters.set(address, requests);
    return address;
  }

  isReplyAddress(address: string): boolean {
    return this.requesters.has(address);
  }

  forgetReplies(address: string): void {
    this.requesters.delete(address);
  }

  /** Delivers a reply soon; to an address that is gone, or never was one, nothing happens. */
  reply({ replyTo = '', correlationId }: Delivery, { body, headers = {}, contentType = json }: OutgoingReply): void {
    setImmediate(() => this.requesters.get(replyTo)?.arrived(correlationId, { body, headers, contentType }));
  }

  private bound(queue: InProcessQueue, bindings: readonly Binding[]): InProcessQueue {
    for (const binding of bindings) this.routes.bind(queue, binding);
    return queue;
  }
}

/** One app's connection to the in-process broker. */
export class InProcessClient extends Broker {
  private readonly status: BrokerStatus;
  private readonly own = new Set<InProcessConsumer>();
  private readonly requests: Requests;
  private replyTo: string | undefined;

  constructor(
    private readonly core: InProcessBroker,
    readonly metrics: BrokerMetrics,
    readonly user: string,
  ) {
    super();
    this.status = new BrokerStatus(metrics);
    this.requests = new Requests(metrics);
  }

  get state(): BrokerState {
    return this.status.state;
  }

  // It takes messages as long as there is memory.
  readonly alarm = undefined;

  async connect(): Promise<void> {
    if (this.state === 'down') for (const consumer of this.own) consumer.start();
    this.status.become('up');
    return Promise.resolve();
  }

  async publish(message: OutgoingMessage): Promise<void> {
    if (this.state === 'down') throw new BrokerUnavailable('not connected');
    // As RabbitMQ does with `user_id`.
    if (message.sender !== undefined && message.sender !== this.user)
      throw new BrokerUnavailable('it refuses a message in the name of another user');
    try {
      this.core.route(message);
    } catch (error) {
      this.metrics.returned();
      throw error;
    }
    return Promise.resolve();
  }

  request(message: OutgoingMessage, options: RequestOptions): Promise<Reply> {
    const replyTo = (this.replyTo ??= this.core.hearReplies(this.requests));
    const own = { replyTo, sender: this.user };
    return this.requests.request({ ...message, ...own }, options, (request) => this.publish(request));
  }

  isReplyAddress(address: string): boolean {
    return this.core.isReplyAddress(address);
  }

  /** See Delivery.reply. */
  async reply(to: Delivery, reply: OutgoingReply): Promise<void> {
    if (this.state === 'down') throw new BrokerUnavailable('not connected');
    this.core.reply(to, reply);
    return Promise.resolve();
  }

  async consume(subscription: Subscription, onDelivery: (delivery: Delivery) => void): Promise<Consumer> {
    const consumer = new InProcessConsumer(
      this,
      this.queueOf(subscription),
      subscription.prefetch,
      onDelivery,
      (gone) => this.own.delete(gone),
    );
    this.own.add(consumer);
    if (this.state === 'up') consumer.start();
    return Promise.resolve(consumer);
  }

  async depth(queue: string): Promise<number> {
    if (this.state === 'down') throw new BrokerUnavailable('not connected');
    return Promise.resolve(this.core.depth(queue));
  }

  async consumers(queue: string): Promise<number> {
    if (this.state === 'down') throw new BrokerUnavailable('not connected');
    return Promise.resolve(this.core.consumers(queue));
  }

  onStateChange(listener: (state: BrokerState) => void): () => void {
    return this.status.onChange(listener);
  }

  async close(): Promise<void> {
    for (const consumer of [...this.own]) consumer.abandon();
    if (this.replyTo !== undefined) this.core.forgetReplies(this.replyTo);
    this.replyTo = undefined;
    this.requests.rejectAll(new BrokerUnavailable('the connection was lost'));
    this.status.become('down');
    return Promise.resolve();
  }

  private queueOf({ queue, bindings }: Subscription): InProcessQueue {
    return typeof queue === 'string'
      ? this.core.durableQueue(queue, bindings)
      : this.core.temporaryQueue(queue.temporaryFor, bindings);
  }
}

/** The bindings: which queues get a message. */
class RoutingTable {
  private readonly bindings = new Map<string, { readonly pattern: string; readonly queue: InProcessQueue }[]>();

  bind(queue: InProcessQueue, { exchange, pattern }: Binding): void {
    const known = this.bindings.get(exchange) ?? [];
    this.bindings.set(exchange, known);
    if (!known.some((binding) => binding.queue === queue && binding.pattern === pattern))
      known.push({ pattern, queue });
  }

  unbind(queue: InProcessQueue): void {
    for (const [exchange, bindings] of this.bindings)
      this.bindings.set(
        exchange,
        bindings.filter((binding) => binding.queue !== queue),
      );
  }

  /** Each queue once, however many of its bindings fit. */
  queuesFor({ exchange, routingKey }: OutgoingMessage): ReadonlySet<InProcessQueue> {
    const queues = new Set<InProcessQueue>();
    for (const { pattern, queue } of this.bindings.get(exchange) ?? [])
      if (bindingTakes(exchange, pattern, routingKey)) queues.add(queue);
    return queues;
  }
}
