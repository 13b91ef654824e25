import { exchanges, queues } from './topology.js';
import type { OutgoingMessage } from './broker.js';

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

const bindings = queues.flatMap((queue) => queue.bindings);

/** Whether a queue of the topology should have got this message: when none did, something was deleted. */
export const hasItsQueue = ({ exchange, routingKey }: Pick<OutgoingMessage, 'exchange' | 'routingKey'>): boolean =>
  bindings.some((binding) => binding.exchange === exchange && bindingTakes(exchange, binding.pattern, routingKey));
