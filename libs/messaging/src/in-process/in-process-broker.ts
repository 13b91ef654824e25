import type { Binding, OutgoingMessage } from '../broker/broker.js';
import { unmeasured, type BrokerMetrics } from '../broker/broker-metrics.js';
import { queues } from '../broker/topology.js';
import { UnknownQueue } from '../broker/unknown-queue.js';
import { Unroutable } from '../broker/unroutable.js';
import { InProcessClient } from './in-process-client.js';
import { InProcessQueue } from './in-process-queue.js';
import { RoutingTable } from './routing-table.js';

/**
 * The broker of embedded mode: queues in memory, shared by the apps of one process, each of which has a client of its
 * own. What it holds is lost with the process; the rows are not.
 */
export class InProcessBroker {
  private readonly queues = new Map<string, InProcessQueue>();
  private readonly routes = new RoutingTable();

  constructor() {
    for (const { name, bindings } of queues) this.durableQueue(name, bindings);
  }

  /** One app's connection: closing it gives back what the app had in hand, as a lost connection does. */
  client(metrics: BrokerMetrics = unmeasured): InProcessClient {
    return new InProcessClient(this, metrics);
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
    return this.bound(queue, bindings);
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
    if (queue === undefined) throw new UnknownQueue(name);
    return queue.depth;
  }

  private bound(queue: InProcessQueue, bindings: readonly Binding[]): InProcessQueue {
    for (const binding of bindings) this.routes.bind(queue, binding);
    return queue;
  }
}
