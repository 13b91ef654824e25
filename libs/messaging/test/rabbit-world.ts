import { randomBytes } from 'node:crypto';

import { connect, type Channel } from 'amqplib';

import { RabbitBroker, type RabbitOptions } from '../src/index.js';
import { exchanges, queues } from '../src/broker/topology.js';
import type { Client, World } from './broker.contract.js';
import { CountedMetrics } from './counted-metrics.js';
import { keptLog } from './kept-log.js';

export const amqpUrl = (): string => {
  const url = process.env['AMQP_URL'];
  if (url === undefined) throw new Error('AMQP_URL is not set: run the tests through `npm test`');
  return url;
};

export interface RabbitClient extends Client {
  readonly broker: RabbitBroker;
  readonly lines: string[];
}

/** A namespace of its own on the test broker. */
export interface RabbitWorld extends World {
  readonly namespace: string;
  client(options?: Partial<RabbitOptions>): RabbitClient;
  /** Does something to the broker behind the clients' backs; names need `named`. */
  behindTheScenes<T>(work: (channel: Channel) => Promise<T>): Promise<T>;
  named(name: string): string;
}

const behindTheScenes = async <T>(work: (channel: Channel) => Promise<T>): Promise<T> => {
  const connection = await connect(amqpUrl());
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    return await work(channel);
  } finally {
    // What was published last is still in amqplib's buffer, which closing the connection alone would not wait for.
    await connection.createChannel();
    await connection.close();
  }
};

/** @param usual of every client */
export const rabbitWorld = (usual: Partial<RabbitOptions> = {}): RabbitWorld => {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const clients: RabbitClient[] = [];
  const named = (name: string): string => `${namespace}.${name}`;
  return {
    namespace,
    named,
    behindTheScenes,
    client: (options = {}) => {
      const metrics = new CountedMetrics();
      const log = keptLog();
      const broker = new RabbitBroker({ url: amqpUrl(), name: 'test', namespace, metrics, log, ...usual, ...options });
      const client = { broker, metrics, lines: log.lines };
      clients.push(client);
      return client;
    },
    remove: async () => {
      await Promise.all(clients.map(({ broker }) => broker.close()));
      await behindTheScenes(async (channel) => {
        await Promise.all(queues.map(({ name }) => channel.deleteQueue(named(name))));
        for (const { name } of exchanges) await channel.deleteExchange(named(name));
      });
    },
  };
};
