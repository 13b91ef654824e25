import { agentNames, exchange, queue, type Exchange } from '@pulser/contracts';

import type { Binding } from './broker.js';

/**
 * What a queue holds decides what its messages may cost:
 * `orders` exist nowhere else, `dispatches` only say "look at this row now", `letters` wait for a person.
 */
export type QueuePurpose = 'orders' | 'dispatches' | 'letters';

export interface QueueDeclaration {
  readonly name: string;
  readonly purpose: QueuePurpose;
  readonly bindings: readonly Binding[];
}

/** Some of the exchanges and queues, or all of them. */
export interface Topology {
  readonly exchanges: readonly Exchange[];
  readonly queues: readonly QueueDeclaration[];
}

export const exchanges: readonly Exchange[] = Object.values(exchange);

export const queues: readonly QueueDeclaration[] = [
  {
    name: queue.routerTasks,
    purpose: 'orders',
    bindings: [
      { exchange: exchange.tasks.name, pattern: 'task.submit' },
      { exchange: exchange.tasks.name, pattern: 'tasks.submitted' },
    ],
  },
  ...agentNames.map((agent): QueueDeclaration => ({
    name: queue.agent(agent),
    purpose: 'dispatches',
    bindings: [{ exchange: exchange.agents.name, pattern: agent }],
  })),
  { name: queue.deadLetters, purpose: 'letters', bindings: [{ exchange: exchange.dead.name, pattern: '#' }] },
];
