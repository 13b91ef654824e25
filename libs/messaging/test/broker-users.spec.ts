import type { ExchangeName } from '@pulser/contracts';
import { eventually, TestVirtualHost } from '@pulser/testing';
import { type ConfirmChannel, connect } from 'amqplib';

import { brokerUsers, type BrokerUser } from '../src/access/broker-users.js';
import { RabbitBroker } from '../src/index.js';
import { inbox } from './inbox.js';
import { keptLog } from './kept-log.js';

const body = Buffer.from('{}');
const events = 'pulser.events';

// Of an old broker it is said once that it is one.
const troubles = (lines: readonly string[]): string[] =>
  lines.filter((line) => !line.startsWith('info') && !line.includes('before 4.3'));

describe('a user of the broker', () => {
  let host: TestVirtualHost;
  const brokers: RabbitBroker[] = [];

  const connected = async (name: string): Promise<{ broker: RabbitBroker; lines: string[] }> => {
    const log = keptLog();
    const broker = new RabbitBroker({ url: host.urlOf(name), name, log });
    brokers.push(broker);
    await broker.connect();
    return { broker, lines: log.lines };
  };

  beforeAll(async () => {
    host = await TestVirtualHost.make();
  });

  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.close()));
    await host.drop();
  });

  it('that is a worker may come before the router', async () => {
    const { broker, lines } = await connected('worker-echo');
    const { consumer, deliveries } = await inbox(broker, { queue: 'agent.echo' });
    await connected('router');
    await host.use((channel) => {
      channel.publish('pulser.agents', 'echo', body);
      return channel.waitForConfirms();
    });
    await eventually(() => {
      expect(deliveries).toHaveLength(1);
    });
    deliveries[0]?.ack();
    await consumer.drain(0);
    expect(troubles(lines)).toEqual([]);
  });

  it('that watches the agents may count the consumers of their queues, and take nothing from them', async () => {
    const { broker: worker } = await connected('worker-maya');
    const { broker: health } = await connected('health');
    const { consumer } = await inbox(worker, { queue: 'agent.maya' });
    await eventually(async () => {
      expect(await health.consumers('agent.maya')).toBe(1);
    });
    await consumer.drain(0);
    await eventually(async () => {
      expect(await health.consumers('agent.maya')).toBe(0);
    });
    expect(await health.consumers('agent.nobody')).toBe(0);
  });

  describe('may do all that it does:', () => {
    const consumesItsQueues = async (broker: RabbitBroker, { consumes }: BrokerUser): Promise<void> => {
      for (const queue of consumes) {
        const { consumer, deliveries } = await inbox(broker, { queue });
        await host.use((channel) => {
          channel.sendToQueue(queue, body);
          return channel.waitForConfirms();
        });
        await eventually(() => {
          expect(deliveries).not.toHaveLength(0);
        });
        await deliveries[0]?.deadLetter('invalid_message');
        await consumer.drain(0);
      }
    };

    const hearsItsEvents = async (broker: RabbitBroker, { hears }: BrokerUser): Promise<void> => {
      if (hears === undefined) return;
      const bindings = hears.keys.map((pattern) => ({ exchange: events, pattern }) as const);
      const { deliveries } = await inbox(broker, { queue: hears, bindings, prefetch: hears.keys.length });
      await host.use((channel) => {
        for (const key of hears.keys) channel.publish(events, key, body);
        return channel.waitForConfirms();
      });
      await eventually(() => {
        expect(deliveries.map(({ routingKey }) => routingKey)).toEqual(hears.keys);
      });
      await deliveries[0]?.deadLetter('invalid_message');
    };

    it.each(brokerUsers.map((user) => [user.name, user] as const))('%s', async (name, user) => {
      const { broker, lines } = await connected(name);
      for (const [exchange, keys] of Object.entries(user.publishes))
        for (const key of keys) {
          // The router publishes to any agent: its keys are a regular expression.
          const routingKey = key.startsWith('[') ? 'greeter' : key;
          await broker.publish({ exchange: exchange as ExchangeName, routingKey, body });
        }
      await hearsItsEvents(broker, user);
      await consumesItsQueues(broker, user);
      expect(troubles(lines)).toEqual([]);
    });

    it('the router declares again a queue that was deleted', async () => {
      const { broker } = await connected('router');
      await host.use((channel) => channel.deleteQueue('agent.maya'));
      await broker.publish({ exchange: 'pulser.agents', routingKey: 'maya', body, mandatory: true });
      expect(await broker.depth('agent.maya')).toBe(1);
    });
  });

  describe('may do nothing else: 403 ACCESS_REFUSED for', () => {
    const refusal = async (name: string, attempt: (channel: ConfirmChannel) => Promise<unknown>): Promise<unknown> => {
      const connection = await connect(host.urlOf(name));
      const channel = await connection.createConfirmChannel();
      let refused: unknown;
      channel.on('error', (error) => (refused = error));
      // What closes the channel is told to its listener.
      await attempt(channel).catch(() => undefined);
      await connection.close();
      return refused;
    };

    const publishes = (exchange: string, key: string) => (channel: ConfirmChannel) => {
      channel.publish(exchange, key, body);
      return channel.waitForConfirms();
    };
    const consumes = (queue: string) => (channel: ConfirmChannel) => channel.consume(queue, () => undefined);
    const gets = (queue: string) => (channel: ConfirmChannel) => channel.get(queue);
    const purges = (queue: string) => (channel: ConfirmChannel) => channel.purgeQueue(queue);
    const deletes = (queue: string) => (channel: ConfirmChannel) => channel.deleteQueue(queue);
    const declares = (queue: string) => (channel: ConfirmChannel) => channel.assertQueue(queue);
    const deletesExchange = (channel: ConfirmChannel) => channel.deleteExchange('pulser.tasks');
    const declaresExchange = (channel: ConfirmChannel) => channel.assertExchange('pulser.more', 'topic');
    const binds = (queue: string, exchange: string, key: string) => (channel: ConfirmChannel) =>
      channel.bindQueue(queue, exchange, key);
    const hears = (key: string) => async (channel: ConfirmChannel) => {
      const { queue } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(queue, events, key);
    };

    it.each([
      ['worker-dash', "that consumes another agent's queue", consumes('agent.maya')],
      ['worker-dash', "that takes from another agent's queue", gets('agent.maya')],
      ['worker-dash', "that empties another agent's queue", purges('agent.maya')],
      ['worker-dash', "that deletes another agent's queue", deletes('agent.maya')],
      ['worker-dash', 'that reads orders', consumes('router.tasks')],
      ['worker-dash', 'that reads dead letters', consumes('dead-letters')],
      ['worker-dash', 'that declares a queue that is not its own', declares('agent.dash2')],
      ['worker-dash', 'that declares an exchange', declaresExchange],
      ['worker-dash', 'that deletes an exchange', deletesExchange],
      ['worker-dash', "that copies another agent's dispatches to itself", binds('agent.dash', 'pulser.agents', 'maya')],
      ['worker-dash', "that copies all agents' dispatches to itself", binds('agent.dash', 'pulser.agents', '#')],
      ['worker-dash', 'that copies orders to itself', binds('agent.dash', 'pulser.tasks', 'task.submit')],
      ['worker-dash', 'that hears everything', hears('#')],
      ['worker-dash', 'that sends work to an agent', publishes('pulser.agents', 'maya')],
      ['worker-dash', 'that sends past the exchanges', publishes('', 'agent.maya')],
      ['worker-dash', 'that orders a task', publishes('pulser.tasks', 'task.submit')],
      ['worker-dash', 'that cancels a task', publishes(events, 'task.cancelled')],
      ['worker-dash', 'that buries what was not its own', publishes('pulser.dead', 'agent.maya')],
      ['producer', 'that publishes facts', publishes(events, 'task.completed')],
      ['producer', 'that passes for a gateway', publishes('pulser.tasks', 'tasks.submitted')],
      ['producer', 'that sends work to an agent', publishes('pulser.agents', 'dash')],
      ['producer', 'that consumes', consumes('router.tasks')],
      ['producer', 'that deletes a queue', deletes('router.tasks')],
      ['producer', 'that declares a queue', declares('producer')],
      ['producer', 'that hears events', hears('task.completed')],
      ['worker-dash', 'that answers tool calls', consumes('mcp.tool-call')],
      ['worker-dash', 'that hears the tool calls of others', binds('agent.dash', 'pulser.rpc', 'tool.call')],
      ['mcp-coordinator', 'that calls itself', publishes('pulser.rpc', 'tool.call')],
      ['mcp-coordinator', 'that does the work of an agent', consumes('agent.dash')],
      ['gateway', 'that reads the work of an agent', consumes('agent.dash')],
      ['gateway', 'that gives itself credit', publishes(events, 'dispatch.granted')],
      ['gateway', 'that deletes a queue', deletes('router.tasks')],
      ['router', 'that does the work of an agent', consumes('agent.dash')],
      ['router', 'that orders a task', publishes('pulser.tasks', 'task.submit')],
      // With an exchange RabbitMQ deletes the permissions for its routing keys.
      ['router', 'that deletes an exchange', deletesExchange],
    ])('a %s %s', async (name, _what, attempt) => {
      expect(await refusal(name, attempt)).toMatchObject({
        code: 403,
        message: expect.stringContaining('ACCESS_REFUSED') as string,
      });
    });
  });

  it('without a password cannot come in', async () => {
    const url = new URL(host.urlOf('gateway'));
    url.password = '';
    await expect(connect(url.href)).rejects.toThrow(/403|ACCESS_REFUSED|ACCESS-REFUSED/);
  });
});
