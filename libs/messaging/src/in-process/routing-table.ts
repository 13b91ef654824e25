import type { Binding, OutgoingMessage } from '../broker/broker.js';
import { bindingTakes } from '../broker/topic-match.policy.js';
import type { InProcessQueue } from './in-process-queue.js';

/** Which queues get a message. */
export class RoutingTable {
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
