import { Injectable } from '@nestjs/common';
import {
  exchange,
  header,
  messages,
  messageVersion,
  type AgentName,
  type MessageInput,
  type MessageKey,
  type TaskDispatches,
} from '@pulser/contracts';

import { Broker, type OutgoingMessage } from './broker.js';

/** Everything but dispatches, whose routing key is the agent's name. */
export type PublishableKey = Exclude<MessageKey, 'task.dispatch'>;

/** `mandatory` is true for what a queue of the topology must take, false for events, which nobody need hear. */
export type PublishOptions = Pick<OutgoingMessage, 'headers' | 'messageId' | 'priority' | 'expirationMs' | 'mandatory'>;

const versionHeader = { [header.version]: messageVersion };

const bytesOf = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));

/** Writes the messages of the contract. */
@Injectable()
export class Publisher {
  constructor(private readonly broker: Broker) {}

  /**
   * Resolves when the broker has confirmed the message.
   * @throws BrokerUnavailable, Unroutable: see Broker.publish
   */
  publish<K extends PublishableKey>(key: K, body: MessageInput<K>, options: PublishOptions = {}): Promise<void> {
    const to = messages[key].exchange.name;
    return this.broker.publish({
      mandatory: to === exchange.tasks.name,
      ...options,
      exchange: to,
      routingKey: key,
      body: bytesOf(body),
      headers: options.headers === undefined ? versionHeader : { ...options.headers, ...versionHeader },
    });
  }

  /**
   * "Look at these rows now", to the workers of one agent; priority as in `amqpPriority`.
   * @throws BrokerUnavailable, Unroutable: see Broker.publish
   */
  dispatch(agent: AgentName, dispatches: TaskDispatches, priority: number): Promise<void> {
    return this.broker.publish({
      exchange: exchange.agents.name,
      routingKey: agent,
      body: bytesOf(dispatches),
      headers: versionHeader,
      priority,
      mandatory: true,
    });
  }
}
