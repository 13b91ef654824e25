// The topology on RabbitMQ: the arguments of queues, declarations, depths.
import { setTimeout as wait } from 'node:timers/promises';

import { exchange, type Exchange, maxPriority } from '@pulser/contracts';
import type { Channel, ChannelModel } from 'amqplib';

import { BrokerRefused, UnknownQueue } from '../broker/broker-errors.js';
import type { Binding } from '../broker/broker.js';
import { type QueueDeclaration, queueNamed, type QueuePurpose, type Topology } from '../broker/topology.js';
import {
  notFound,
  preconditionFailed,
  type QueueType,
  type RabbitSettings,
  replyCode,
  WireNames,
} from './rabbit-connection.js';

/**
 * Quorum queues are replicated, but only since 4.3 do they keep priorities strictly: older ones
 * ignore or soften them silently. An unknown version counts as an old one.
 */
export const queueTypeFor = (brokerVersion: string): QueueType => {
  const [major = 0, minor = 0] = brokerVersion.split('.').map((part) => Number.parseInt(part, 10));
  return major > 4 || (major === 4 && minor >= 3) ? 'quorum' : 'classic';
};

// The longest task takes 30 minutes, which is also the broker's default for how long a message may be held.
const maxHoldMs = 12 * 60 * 60 * 1_000;

interface QueuePlan {
  readonly purpose: QueuePurpose;
  /** Names on the wire. */
  readonly name: string;
  readonly deadExchange: string;
}

// A quorum queue drops a message that was delivered 20 times to consumers that died, unless its arguments say otherwise.
const afterTooManyDeaths = ({ purpose, name, deadExchange }: QueuePlan): Record<string, unknown> =>
  ({
    orders: { 'x-dead-letter-exchange': deadExchange, 'x-dead-letter-routing-key': name },
    dispatches: {},
    // Dropped, as late ones are: the requester has its timeout.
    requests: {},
    'dead-letters': { 'x-delivery-limit': -1 },
  })[purpose];

/**
 * The arguments a durable queue is declared with. Two differences that the broker reports late:
 * `x-max-priority` is refused on quorum queues; `x-consumer-timeout` is refused on classic queues of 4.3 and later, which
 * have no such limit.
 * @param usual the type that queues have on this broker, see `queueTypeFor`
 */
export const queueArguments = (type: QueueType, plan: QueuePlan, usual: QueueType = type): Record<string, unknown> =>
  type === 'quorum'
    ? { 'x-queue-type': 'quorum', 'x-consumer-timeout': maxHoldMs, ...afterTooManyDeaths(plan) }
    : {
        'x-queue-type': 'classic',
        ...(usual === 'classic' && { 'x-consumer-timeout': maxHoldMs }),
        ...(plan.purpose === 'dead-letters' ? {} : { 'x-max-priority': maxPriority }),
      };

/** Runs work on a channel of its own: an answer such as 404 or 406 closes the channel on which it is given. */
export const onChannel = async <T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> => {
  const channel = await model.createChannel();
  // The same error rejects the work below.
  channel.on('error', () => undefined);
  const result = await work(channel);
  // Not awaited: amqplib never settles it when the connection is lost before the broker has answered.
  void channel.close().catch(() => undefined);
  return result;
};

/** Whether an exchange or a queue is there. */
const exists = async (model: ChannelModel, check: (channel: Channel) => Promise<unknown>): Promise<boolean> => {
  try {
    await onChannel(model, check);
    return true;
  } catch (error) {
    if (replyCode(error) === notFound) return false;
    throw error;
  }
};

/** Declares what is missing. What is there stays as it is, even if it was declared differently by another version. */
const ensure = async (
  model: ChannelModel,
  check: (channel: Channel) => Promise<unknown>,
  declare: (channel: Channel) => Promise<unknown>,
): Promise<void> => {
  if (await exists(model, check)) return;
  try {
    await onChannel(model, declare);
  } catch (error) {
    // Another service may have been faster, with other arguments.
    if (!(await exists(model, check).catch(() => false))) throw error;
  }
};

// Which argument the broker names first depends on the direction; of our queues only a classic one has priorities as one.
const otherType = /inequivalent arg 'x-(queue-type|max-priority)'/;

const deletionMs = 300;

/**
 * Waits until a deletion is over. A queue that is being deleted is half there for some milliseconds: to bind or consume it
 * just then makes RabbitMQ 4.3 close the whole connection (541 INTERNAL_ERROR).
 */
export const afterDeletion = (): Promise<void> => wait(deletionMs, undefined, { ref: false });

/** Declares exchanges, queues and bindings, and asks how long queues are. Idempotent; each call uses a channel of its own. */
export class RabbitTopology {
  private warned = false;
  readonly names: WireNames;

  constructor(
    private readonly wanted: Topology,
    private readonly settings: Pick<RabbitSettings, 'namespace' | 'dispatchQueue' | 'log'>,
  ) {
    this.names = new WireNames(settings.namespace);
  }

  /** Whether what is published to this exchange is written to disk. */
  keeps(to: string): boolean {
    return to !== exchange.agents.name || this.settings.dispatchQueue === 'quorum';
  }

  /** Declares everything that this service declares. */
  async declare(model: ChannelModel): Promise<void> {
    await Promise.all(this.wanted.exchanges.map((wanted) => this.declareExchange(model, wanted)));
    await Promise.all(this.wanted.queues.map((wanted) => this.declareQueue(model, wanted)));
  }

  /** One durable queue with its bindings; one that the topology does not know is declared for orders. */
  async declareQueueOf(model: ChannelModel, name: string, bindings: readonly Binding[]): Promise<void> {
    const known = queueNamed(name);
    await this.declareQueue(model, {
      name,
      purpose: known?.purpose ?? 'orders',
      bindings: [...(known?.bindings ?? []), ...bindings],
    });
  }

  /** A queue that belongs to the connection of this channel and goes with it or with its last consumer. */
  async declareTemporaryQueue(channel: Channel, bindings: readonly Binding[]): Promise<string> {
    const { queue } = await channel.assertQueue('', {
      exclusive: true,
      autoDelete: true,
      durable: false,
      arguments: { 'x-queue-type': 'classic' },
    });
    await this.bind(channel, queue, bindings);
    return queue;
  }

  /** @param wireQueue as it was declared: to declare a name of the broker's own again is refused */
  async bindTemporaryQueue(model: ChannelModel, wireQueue: string, bindings: readonly Binding[]): Promise<void> {
    await onChannel(model, (channel) => this.bind(channel, wireQueue, bindings));
  }

  /**
   * Messages ready in a queue.
   * @throws UnknownQueue when it is not there and not one of the topology, which would be declared again
   */
  async depth(model: ChannelModel, queue: string): Promise<number> {
    try {
      const { messageCount } = await onChannel(model, (channel) => channel.checkQueue(this.names.toWire(queue)));
      return messageCount;
    } catch (error) {
      if (replyCode(error) !== notFound) throw error;
      if (queueNamed(queue) === undefined) throw new UnknownQueue(queue);
      await this.declareQueueOf(model, queue, []);
      return 0;
    }
  }

  /** Consumers of a queue; 0 when there is no such queue. */
  async consumers(model: ChannelModel, queue: string): Promise<number> {
    try {
      return (await onChannel(model, (channel) => channel.checkQueue(this.names.toWire(queue)))).consumerCount;
    } catch (error) {
      if (replyCode(error) !== notFound) throw error;
      return 0;
    }
  }

  private async declareExchange(model: ChannelModel, { name, kind }: Exchange): Promise<void> {
    const wire = this.names.toWire(name);
    await ensure(
      model,
      (channel) => channel.checkExchange(wire),
      (channel) => channel.assertExchange(wire, kind, { durable: true }),
    );
  }

  private async declareQueue(model: ChannelModel, { name, purpose, bindings }: QueueDeclaration): Promise<void> {
    const wire = this.names.toWire(name);
    const plan = { purpose, name, deadExchange: this.names.toWire(exchange.dead.name) };
    const usual = this.typeFor(model);
    const type = purpose === 'dispatches' && this.settings.dispatchQueue === 'classic' ? 'classic' : usual;
    const declare = (channel: Channel): Promise<unknown> =>
      channel.assertQueue(wire, { durable: true, arguments: queueArguments(type, plan, usual) });
    if (purpose === 'dispatches') await this.declareDispatches(model, { wire, type }, declare);
    else await ensure(model, (channel) => channel.checkQueue(wire), declare);
    await onChannel(model, (channel) => this.bind(channel, wire, bindings));
  }

  /**
   * A queue of the type that is not wanted ends the start: services that disagree would each believe that it keeps what
   * their own setting says. A queue that differs in something else stays as it is.
   */
  private async declareDispatches(
    model: ChannelModel,
    { wire, type }: { readonly wire: string; readonly type: QueueType },
    declare: (channel: Channel) => Promise<unknown>,
  ): Promise<void> {
    try {
      await onChannel(model, declare);
    } catch (error) {
      if (!(error instanceof Error) || replyCode(error) !== preconditionFailed) throw error;
      const found = type === 'quorum' ? 'classic' : 'quorum';
      const wanted = this.settings.dispatchQueue;
      if (found === wanted || !otherType.test(error.message)) return;
      throw new BrokerRefused(
        `the queue ${wire} is a ${found} one and DISPATCH_QUEUE is ${wanted}`,
        `delete the queue, whose tasks are then dispatched again, or set DISPATCH_QUEUE=${found} for every service`,
        error,
      );
    }
  }

  private async bind(channel: Channel, wireQueue: string, bindings: readonly Binding[]): Promise<void> {
    for (const { exchange: from, pattern } of bindings)
      await channel.bindQueue(wireQueue, this.names.toWire(from), pattern);
  }

  private typeFor(model: ChannelModel): QueueType {
    const { version } = model.connection.serverProperties;
    const type = queueTypeFor(version);
    if (type === 'classic' && !this.warned) {
      this.warned = true;
      this.settings.log.warn({ version }, 'RabbitMQ before 4.3: queues are classic ones, on one node only');
    }
    return type;
  }
}
