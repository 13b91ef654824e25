import type { ChannelModel } from 'amqplib';

import { queues } from '../broker/topology.js';
import { UnknownQueue } from '../broker/unknown-queue.js';
import { onChannel } from './on-channel.js';
import { replyCode } from './reply-code.js';
import type { TopologyDeclaration } from './topology-declaration.js';
import type { WireNames } from './wire-names.js';

const notFound = 404;

/** Asks how many messages are ready in a queue. */
export class QueueDepth {
  constructor(
    private readonly names: WireNames,
    private readonly topology: TopologyDeclaration,
  ) {}

  /** @throws UnknownQueue when it is not there and not one of the topology, which would be declared again */
  async of(model: ChannelModel, queue: string): Promise<number> {
    try {
      const { messageCount } = await onChannel(model, (channel) => channel.checkQueue(this.names.toWire(queue)));
      return messageCount;
    } catch (error) {
      if (replyCode(error) !== notFound) throw error;
      if (!queues.some(({ name }) => name === queue)) throw new UnknownQueue(queue);
      await this.topology.declareQueueOf(model, queue, []);
      return 0;
    }
  }
}
