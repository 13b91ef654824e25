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

import { Broker, type OutgoingMessage, type Reply, type RequestOptions } from './broker.js';

/** Everything but dispatches, whose routing key is the agent's name. */
export type PublishableKey = Exclude<MessageKey, 'task.dispatch'>;

/** `mandatory` defaults to true for orders, which a queue must take, and to false for events, which may have no reader. */
export type PublishOptions = Pick<
  OutgoingMessage,
  'headers' | 'messageId' | 'priority' | 'expirationMs' | 'mandatory' | 'deadline'
>;

const versionHeader = { [header.version]: messageVersion };

const bytesOf = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));

const addressed = (key: PublishableKey, body: unknown, headers: PublishOptions['headers']) => ({
  exchange: messages[key].exchange.name,
  routingKey: key,
  body: bytesOf(body),
  headers: headers === undefined ? versionHeader : { ...headers, ...versionHeader },
});

/** Publishes the messages of the contract, each to its exchange, with the version of its schema. */
@Injectable()
export class Publisher {
  constructor(private readonly broker: Broker) {}

  /**
   * Resolves when the broker has confirmed the message.
   * @throws BrokerUnavailable, Unroutable: see Broker.publish
   */
  publish<K extends PublishableKey>(key: K, body: MessageInput<K>, options: PublishOptions = {}): Promise<void> {
    return this.broker.publish({
      mandatory: messages[key].exchange.name === exchange.tasks.name,
      ...options,
      ...addressed(key, body, options.headers),
    });
  }

  /**
   * Publishes a request and waits for its reply. The body of the reply is as the server wrote it: check it.
   * @throws RequestTimedOut, RequestFailed, Unroutable, BrokerUnavailable: see Broker.request
   */
  request<K extends PublishableKey>(
    key: K,
    body: MessageInput<K>,
    { timeoutMs, signal, ...options }: PublishOptions & RequestOptions,
  ): Promise<Reply> {
    const limits = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    return this.broker.request({ ...options, ...addressed(key, body, options.headers) }, limits);
  }

  /**
   * Dispatches rows to the workers of one agent; priority as in `amqpPriority`.
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
