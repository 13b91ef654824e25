import { exchange, type Exchange } from '@pulser/contracts';
import type { Channel, ChannelModel } from 'amqplib';

import type { Binding } from '../broker/broker.js';
import type { BrokerLog } from '../broker/broker-log.js';
import { queues, type QueueDeclaration, type Topology } from '../broker/topology.js';
import { ensure, onChannel } from './on-channel.js';
import { queueArguments, queueTypeFor, type QueueType } from './queue-arguments.policy.js';
import type { WireNames } from './wire-names.js';

/** Declares exchanges, queues and bindings. Idempotent; every question is asked on a throw-away channel. */
export class TopologyDeclaration {
  private warned = false;

  constructor(
    private readonly wanted: Topology,
    private readonly names: WireNames,
    private readonly log: BrokerLog,
  ) {}

  /** All that is wanted of the topology. */
  async declare(model: ChannelModel): Promise<void> {
    await Promise.all(this.wanted.exchanges.map((wanted) => this.declareExchange(model, wanted)));
    await Promise.all(this.wanted.queues.map((wanted) => this.declareQueue(model, wanted)));
  }

  /** One durable queue with its bindings; one that the topology does not know is declared as if it held orders. */
  async declareQueueOf(model: ChannelModel, name: string, bindings: readonly Binding[]): Promise<void> {
    const known = queues.find((queue) => queue.name === name);
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
