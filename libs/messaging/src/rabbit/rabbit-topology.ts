// The topology on RabbitMQ: names, declarations, depths.
import { setTimeout as wait } from 'node:timers/promises';

import { exchange, type Exchange } from '@pulser/contracts';
import type { Channel, ChannelModel } from 'amqplib';

import type { Binding } from '../broker/broker.js';
import { UnknownQueue } from '../broker/broker-errors.js';
import type { BrokerLog } from '../broker/broker-status.js';
import { queueNamed, type QueueDeclaration, type Topology } from '../broker/topology.js';
import { notFound, replyCode } from './connection.policy.js';
import { queueArguments, queueTypeFor, type QueueType } from './queue-arguments.policy.js';

/** Names as the broker knows them: those of the contract behind the namespace of this installation. */
export class WireNames {
  private readonly prefix: string;

  constructor(namespace: string) {
    this.prefix = namespace === '' ? '' : `${namespace}.`;
  }

  /** The default exchange has no name and is shared by all installations. */
  toWire(name: string): string {
    return name === '' ? '' : this.prefix + name;
  }

  fromWire(name: string): string {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : name;
  }
}

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

const deletionMs = 300;

/**
 * Waits until a deletion is over. A queue that is being deleted is half there for some milliseconds: to bind or consume it
 * just then makes RabbitMQ 4.3 close the whole connection (541 INTERNAL_ERROR).
 */
export const afterDeletion = (): Promise<void> => wait(deletionMs, undefined, { ref: false });

/** Declares exchanges, queues and bindings, and asks how long queues are. Idempotent; each call uses a channel of its own. */
export class RabbitTopology {
  private warned = false;

  constructor(
    private readonly wanted: Topology,
    readonly names: WireNames,
    private readonly log: BrokerLog,
  ) {}

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
    await ensure(
      model,
      (channel) => channel.checkQueue(wire),
      (channel) => channel.assertQueue(wire, { durable: true, arguments: queueArguments(this.typeFor(model), plan) }),
    );
    await onChannel(model, (channel) => this.bind(channel, wire, bindings));
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
      this.log.warn({ version }, 'RabbitMQ before 4.3: queues are classic ones, on one node only');
    }
    return type;
  }
}
