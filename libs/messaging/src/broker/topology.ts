// The exchanges and queues, and which of them gets a message.
import { type AgentName, builtInAgents, type Exchange, exchange, queue } from '@pulser/contracts';

import type { Binding, OutgoingMessage } from './broker.js';

/**
 * What a queue holds decides what it may cost to lose a message: `orders` exist nowhere else, `dispatches` only name
 * rows to look at, `requests` are worthless after their deadline, `dead-letters` wait for a person.
 */
export type QueuePurpose = 'orders' | 'dispatches' | 'requests' | 'dead-letters';

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

/** The queue of an agent's dispatches. */
export const agentQueue = (agent: AgentName): QueueDeclaration => ({
  name: queue.agent(agent),
  purpose: 'dispatches',
  bindings: [{ exchange: exchange.agents.name, pattern: agent }],
});

/** Those that are there from the start; agents from outside bring their own. */
export const queues: readonly QueueDeclaration[] = [
  {
    name: queue.routerTasks,
    purpose: 'orders',
    bindings: [
      { exchange: exchange.tasks.name, pattern: 'task.submit' },
      { exchange: exchange.tasks.name, pattern: 'tasks.submitted' },
    ],
  },
  ...builtInAgents.map(agentQueue),
  {
    name: queue.toolCalls,
    purpose: 'requests',
    bindings: [
      { exchange: exchange.rpc.name, pattern: 'tool.call' },
      { exchange: exchange.rpc.name, pattern: 'tools.read' },
      { exchange: exchange.rpc.name, pattern: 'tools.review' },
    ],
  },
  { name: queue.deadLetters, purpose: 'dead-letters', bindings: [{ exchange: exchange.dead.name, pattern: '#' }] },
];

const agentQueueName = /^agent\.([a-z][a-z0-9_]{0,39})$/;

/** How a queue of this name is declared; undefined for a name that means nothing here. */
export const queueNamed = (name: string): QueueDeclaration | undefined => {
  const agent = agentQueueName.exec(name)?.[1];
  return queues.find((known) => known.name === name) ?? (agent === undefined ? undefined : agentQueue(agent));
};

const matches = (pattern: readonly string[], words: readonly string[]): boolean => {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') return matches(rest, words) || (words.length > 0 && matches(pattern, words.slice(1)));
  return words.length > 0 && (first === '*' || first === words[0]) && matches(rest, words.slice(1));
};

// The empty key has no words, not one empty word.
const wordsOf = (text: string): string[] => (text === '' ? [] : text.split('.'));

/** Whether a routing key fits a pattern of a topic exchange (AMQP 0-9-1, 3.1.3.3). */
export const topicMatches = (pattern: string, routingKey: string): boolean => {
  if (pattern === routingKey || pattern === '#') return true;
  if (!pattern.includes('*') && !pattern.includes('#')) return false;
  return matches(wordsOf(pattern), wordsOf(routingKey));
};

const kindOf = new Map<string, string>(exchanges.map(({ name, kind }) => [name, kind]));

/** Whether a binding of an exchange takes a routing key. */
export const bindingTakes = (exchange: string, pattern: string, routingKey: string): boolean =>
  kindOf.get(exchange) === 'topic' ? topicMatches(pattern, routingKey) : pattern === routingKey;

const declaredBindings = queues.flatMap((queue) => queue.bindings);

/** Whether a queue of the topology takes this message: when the broker returns it all the same, a queue was deleted. */
export const hasItsQueue = ({ exchange, routingKey }: Pick<OutgoingMessage, 'exchange' | 'routingKey'>): boolean =>
  declaredBindings.some(
    (binding) => binding.exchange === exchange && bindingTakes(exchange, binding.pattern, routingKey),
  );
