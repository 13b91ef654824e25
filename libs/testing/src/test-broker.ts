import { randomBytes } from 'node:crypto';

import { agentNames, exchange, queue } from '@pulser/contracts';
import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';

export type BrokerMessage = GetMessage;

/** Names of its own on the test broker. */
export interface TestBroker {
  readonly url: string;
  /** For AMQP_NAMESPACE. */
  readonly namespace: string;
  /** Does something to the broker as nobody's service; names need `named`. */
  use<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T>;
  named(name: string): string;
  /** Deletes what the services declared. */
  drop(): Promise<void>;
}

/** The test broker, as its administrator. */
export const brokerUrl = (): string => {
  const url = process.env['AMQP_URL'];
  if (url === undefined) throw new Error('AMQP_URL is not set: run the tests through `npm test`');
  return url;
};

/** A channel of the administrator's, closed with its connection afterwards. */
export const onBroker = async <T>(url: string, work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
  const connection = await connect(url);
  try {
    const channel = await connection.createConfirmChannel();
    // What closes the channel rejects the call that asked for it.
    channel.on('error', () => undefined);
    return await work(channel);
  } finally {
    await connection.close();
  }
};

const queues = [queue.routerTasks, queue.deadLetters, ...agentNames.map((agent) => queue.agent(agent))];

export const testBroker = (): TestBroker => {
  const url = brokerUrl();
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const named = (name: string): string => `${namespace}.${name}`;
  return {
    url,
    namespace,
    named,
    use: (work) => onBroker(url, work),
    drop: () =>
      onBroker(url, async (channel) => {
        for (const name of queues) await channel.deleteQueue(named(name));
        for (const { name } of Object.values(exchange)) await channel.deleteExchange(named(name));
      }),
  };
};
