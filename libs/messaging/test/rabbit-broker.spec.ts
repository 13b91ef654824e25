import { eventually } from '@pulser/testing';

import { queues } from '../src/broker/topology.js';
import { queueArguments, queueTypeFor } from '../src/rabbit/rabbit-topology.js';
import {
  BrokerUnavailable,
  type Broker,
  type Delivery,
  type OutgoingMessage,
  type RabbitOptions,
} from '../src/index.js';
import { AmqpProxy } from './amqp-proxy.js';
import { brokerContract } from './broker.contract.js';
import { acking, inbox, type Inbox } from './inbox.js';
import { rabbitWorld, type RabbitClient, type RabbitWorld } from './rabbit-world.js';

const message = (text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  exchange: 'pulser.agents',
  routingKey: 'dash',
  body: Buffer.from(text),
  priority: 5,
  ...more,
});

const dash = { queue: 'agent.dash' } as const;

// Of an old broker each client says once that it is one.
const warningsOfVersion = (lines: readonly string[]): number =>
  lines.filter((line) => line.includes('before 4.3')).length;

describe('RabbitMQ', () => {
  brokerContract(() => Promise.resolve(rabbitWorld()));

  describe('with classic queues of dispatches', () => {
    brokerContract(() => Promise.resolve(rabbitWorld({ dispatchQueue: 'classic' })));
  });

  let world: RabbitWorld;
  let proxy: AmqpProxy;

  beforeEach(async () => {
    world = rabbitWorld();
    proxy = await new AmqpProxy().listen();
  });

  afterEach(async () => {
    proxy.thaw();
    await world.remove();
    await proxy.stop();
  });

  const connected = async (options: Partial<RabbitOptions> = {}): Promise<RabbitClient> => {
    const client = world.client({ url: proxy.url, ...options });
    await client.broker.connect();
    return client;
  };

  describe('what was deleted while running', () => {
    it('a queue: its consumer is cancelled, declares it again and goes on', async () => {
      const { broker, metrics } = await connected();
      const { texts } = await inbox(broker, dash, acking);
      await world.behindTheScenes((channel) => channel.deleteQueue(world.named('agent.dash')));
      await eventually(() => broker.publish(message('after', { mandatory: true })));

      await eventually(() => {
        expect(texts).toContain('after');
      });
      expect(metrics.states).toEqual(['down', 'up']);
    });

    it('a queue, with messages in hand: these can still be settled', async () => {
      const { broker, metrics } = await connected();
      const { consumer, deliveries, texts } = await inbox(broker, dash);
      await broker.publish(message('in hand'));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await world.behindTheScenes((channel) => channel.deleteQueue(world.named('agent.dash')));
      await eventually(() => broker.publish(message('after', { mandatory: true })));
      await eventually(() => {
        expect(texts).toEqual(['in hand', 'after']);
      });
      for (const delivery of deliveries) delivery.ack();

      await consumer.drain(60_000);
      expect(metrics.counts.staleAcks).toBe(0);
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(0);
      });
    });

    it('a temporary queue: its consumer gets a new one', async () => {
      const { broker } = await connected();
      const bindings = [{ exchange: 'pulser.events', pattern: 'task.*' }] as const;
      const { texts } = await inbox(broker, { queue: { temporaryFor: 'tests' }, bindings }, acking);
      const event = { exchange: 'pulser.events', routingKey: 'task.started', mandatory: true } as const;
      proxy.cut('consume');

      await eventually(async () => {
        await broker.publish({ ...event, body: Buffer.from('after') });
        expect(texts).toContain('after');
      });
    });

    it('a queue that nobody consumes: a mandatory message finds it again', async () => {
      const { broker, metrics } = await connected();
      await world.behindTheScenes((channel) => channel.deleteQueue(world.named('agent.echo')));
      const many = Array.from({ length: 50 }, (_, index) =>
        broker.publish(message(String(index), { routingKey: 'echo', mandatory: true })),
      );
      await Promise.all(many);

      await eventually(async () => {
        expect(await broker.depth('agent.echo')).toBe(50);
      });
      expect(metrics.counts.returned).toBe(50);
    });

    it('a binding: a mandatory message finds it again', async () => {
      const { broker } = await connected();
      const [queue, exchange] = [world.named('router.tasks'), world.named('pulser.tasks')];
      await world.behindTheScenes((channel) => channel.unbindQueue(queue, exchange, 'task.submit'));
      const body = Buffer.from('{}');
      await broker.publish({ exchange: 'pulser.tasks', routingKey: 'task.submit', body, mandatory: true });

      await eventually(async () => {
        expect(await broker.depth('router.tasks')).toBe(1);
      });
    });

    it('an exchange: what was on its way is sent again, over a new channel of the same connection', async () => {
      const { broker, metrics } = await connected();
      const { texts } = await inbox(broker, { ...dash, prefetch: 100 }, acking);
      await world.behindTheScenes((channel) => channel.deleteExchange(world.named('pulser.agents')));
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => broker.publish(message(String(index), { mandatory: true }))),
      );

      await eventually(() => {
        expect(new Set(texts).size).toBe(20);
      });
      expect(metrics.states).toEqual(['down', 'up']);
      expect(metrics.counts.publishReconnected).toBe(0);
    });

    it('the exchange of an agent from outside: its queue is bound again', async () => {
      const { broker } = await connected();
      const { texts } = await inbox(broker, { queue: 'agent.greeter' }, acking);
      await world.behindTheScenes((channel) => channel.deleteExchange(world.named('pulser.agents')));

      await eventually(() => broker.publish(message('after', { routingKey: 'greeter', mandatory: true })));
      await eventually(() => {
        expect(texts).toContain('after');
      });
      await world.behindTheScenes((channel) => channel.deleteQueue(world.named('agent.greeter')));
    });

    it('the exchange of events: temporary queues get its events again', async () => {
      const { broker } = await connected();
      const bindings = [{ exchange: 'pulser.events', pattern: 'task.*' }] as const;
      const { texts } = await inbox(broker, { queue: { temporaryFor: 'tests' }, bindings }, acking);
      await world.behindTheScenes((channel) => channel.deleteExchange(world.named('pulser.events')));
      const event = { exchange: 'pulser.events', routingKey: 'task.started' } as const;

      await eventually(async () => {
        await broker.publish({ ...event, body: Buffer.from('after') });
        expect(texts).toContain('after');
      });
    });

    it('a queue whose depth is asked for: it is empty and there again', async () => {
      const { broker } = await connected();
      await world.behindTheScenes((channel) => channel.deleteQueue(world.named('agent.echo')));

      expect(await broker.depth('agent.echo')).toBe(0);
      await broker.publish(message('x', { routingKey: 'echo', mandatory: true }));
    });
  });

  describe('a channel that breaks', () => {
    it('is made again alone; what it had delivered comes again', async () => {
      const { broker, metrics } = await connected();
      const one = await inbox(broker, { ...dash, prefetch: 2 });
      const two = await inbox(broker, { queue: 'agent.echo' });
      await broker.publish(message('1'));
      await broker.publish(message('2'));
      await broker.publish(message('other', { routingKey: 'echo' }));
      await eventually(() => {
        expect([one.texts.length, two.texts.length]).toEqual([2, 1]);
      });
      proxy.breakNextAck();
      one.deliveries[0]?.ack();

      await eventually(() => {
        expect(one.texts).toEqual(['1', '2', '1']);
      });
      one.deliveries[1]?.ack();
      await eventually(() => {
        expect(one.texts).toEqual(['1', '2', '1', '2']);
      });
      expect(metrics.counts.staleAcks).toBe(1);
      expect(one.deliveries.map(({ redelivered }) => redelivered)).toEqual([false, false, true, true]);
      expect(two.deliveries[0]?.stale).toBe(false);
      two.deliveries[0]?.ack();
      for (const delivery of one.deliveries.slice(2)) delivery.ack();
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(0);
      });
      expect(metrics.states).toEqual(['down', 'up']);
    });

    it('never has more in hand than the prefetch, counting what went stale', async () => {
      const { broker } = await connected();
      const { consumer, deliveries, texts } = await inbox(broker, { ...dash, prefetch: 1 });
      await broker.publish(message('slow'));
      await eventually(() => {
        expect(texts).toHaveLength(1);
      });
      proxy.cut('consume');
      await eventually(() => {
        expect(deliveries[0]?.stale).toBe(true);
      });
      await eventually(() => {
        expect(broker.state).toBe('up');
      });
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(0);
      });
      expect(texts).toEqual(['slow']);
      expect(consumer.running).toBe(1);

      deliveries[0]?.ack();
      await eventually(() => {
        expect(texts).toEqual(['slow', 'slow']);
      });
      expect(deliveries[1]?.redelivered).toBe(true);
      deliveries[1]?.ack();
    });
  });

  describe('a broker that hangs', () => {
    it('does not hold up whoever asks how long a queue is', async () => {
      const { broker } = await connected();
      proxy.freeze('publish');
      await expect(broker.depth('agent.dash')).rejects.toThrow(BrokerUnavailable);
      proxy.cut();
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(0);
      });
    });
  });

  describe('a connection that is lost', () => {
    it('comes back with its consumers; what was unconfirmed is told, what was in hand comes again', async () => {
      const { broker, metrics } = await connected();
      const { deliveries, texts } = await inbox(broker, dash);
      await broker.publish(message('in hand'));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      proxy.freeze('publish');
      const unconfirmed = broker.publish(message('unconfirmed'));
      const outcome = expect(unconfirmed).rejects.toThrow(BrokerUnavailable);
      proxy.cut();
      await outcome;
      await eventually(() => {
        expect(broker.state).toBe('up');
      });
      await eventually(() => {
        expect(metrics.counts).toMatchObject({ publishReconnected: 1, consumeReconnected: 1 });
      });

      deliveries[0]?.ack();
      expect(metrics.counts.staleAcks).toBe(1);
      await eventually(() => {
        expect(texts).toEqual(['in hand', 'in hand']);
      });
      expect(deliveries[1]?.redelivered).toBe(true);
      deliveries[1]?.ack();
      await broker.publish(message('after'));
      await eventually(() => {
        expect(texts).toContain('after');
      });
    });

    it('that acknowledgements had not reached counts them as stale', async () => {
      const { broker, metrics } = await connected();
      const { deliveries } = await inbox(broker, dash);
      await broker.publish(message('1'));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      proxy.cut('consume');
      await eventually(() => {
        expect(broker.state).toBe('down');
      });
      deliveries[0]?.ack();

      expect(metrics.counts.staleAcks).toBe(1);
    });

    it('is noticed by heartbeats when nobody says so', async () => {
      const { broker, lines } = await connected({ heartbeatS: 1 });
      proxy.freeze();
      await eventually(() => {
        expect(broker.state).toBe('down');
      });
      await eventually(() => {
        expect(broker.state).toBe('up');
      });

      expect(lines).toContain('warn: lost the connection to the broker');
    });

    it('does not come back after close', async () => {
      const { broker } = await connected();
      proxy.cut();
      await eventually(() => {
        expect(broker.state).toBe('down');
      });
      await broker.close();

      await expect(broker.publish(message('x'))).rejects.toThrow(BrokerUnavailable);
      await eventually(() => {
        expect(proxy.connections).toBe(0);
      });
    });
  });

  describe('a broker that is not there at the start', () => {
    it('is waited for', async () => {
      await proxy.stop();
      const { broker, lines } = world.client({ url: proxy.url });
      await broker.connect();
      const { texts } = await inbox(broker, dash, acking);
      await expect(broker.publish(message('too early'))).rejects.toThrow(BrokerUnavailable);
      await proxy.listen();
      await eventually(() => {
        expect(broker.state).toBe('up');
      });

      await broker.publish(message('there'));
      await eventually(() => {
        expect(texts).toEqual(['there']);
      });
      expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(warningsOfVersion(lines) + 1);
      expect(lines[0]).toBe('warn: cannot connect to the broker, trying again');
    });
  });

  describe('a request', () => {
    const answering = async (broker: Broker, answer: (delivery: Delivery) => unknown): Promise<Inbox> =>
      inbox(broker, { ...dash, prefetch: 100 }, (delivery) => {
        void answer(delivery);
      });

    it('whose connection is lost in the middle fails at once; the next one is answered', async () => {
      const { broker } = await connected();
      const { broker: server } = world.client();
      await server.connect();
      const { deliveries } = await answering(server, (delivery) => {
        if (delivery.body.toString() === 'pong please') void delivery.reply({ body: Buffer.from('pong') });
        delivery.ack();
      });
      const lost = broker.request(message('no answer'), { timeoutMs: 60_000 });
      const outcome = expect(lost).rejects.toThrow(BrokerUnavailable);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      proxy.cut('publish');
      await outcome;
      await eventually(() => {
        expect(broker.state).toBe('up');
      });

      expect((await broker.request(message('pong please'), { timeoutMs: 60_000 })).body.toString()).toBe('pong');
      await expect(deliveries[0]?.reply({ body: Buffer.from('far too late') })).resolves.toBeUndefined();
    });

    it('whose channel is closed by the broker fails at once; the next one is answered', async () => {
      const { broker, metrics } = await connected();
      const { deliveries } = await answering(broker, (delivery) => {
        if (delivery.body.toString() === 'pong please') void delivery.reply({ body: Buffer.from('pong') });
        delivery.ack();
      });
      const lost = broker.request(message('no answer'), { timeoutMs: 60_000 });
      const outcome = expect(lost).rejects.toThrow('the channel was closed before the reply came');
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await world.behindTheScenes((channel) => channel.deleteExchange(world.named('pulser.events')));
      const event = { exchange: 'pulser.events', routingKey: 'task.started', body: Buffer.from('{}') } as const;
      await broker.publish(event);
      await outcome;

      expect((await broker.request(message('pong please'), { timeoutMs: 60_000 })).body.toString()).toBe('pong');
      expect(metrics.counts.publishReconnected).toBe(0);
    });

    it('finds the queue that was deleted again', async () => {
      const { broker } = await connected();
      await world.behindTheScenes((channel) => channel.deleteQueue(world.named('agent.echo')));
      const asked = broker.request(message('?', { routingKey: 'echo' }), { timeoutMs: 60_000 });
      await inbox(broker, { queue: 'agent.echo' }, (delivery) => {
        void delivery.reply({ body: Buffer.from('!') });
        delivery.ack();
      });

      expect((await asked).body.toString()).toBe('!');
    });

    it('is not published while the broker takes no messages', async () => {
      const { broker } = await connected({ confirmTimeoutMs: 100 });
      proxy.block('publish');
      await eventually(() =>
        expect(broker.request(message('?'), { timeoutMs: 200 })).rejects.toThrow('it takes no messages for now'),
      );
    });

    it('reaches a server of another language, as the protocol has it', async () => {
      const { broker } = await connected();
      const asked = broker.request(message('ping', { routingKey: 'echo' }), { timeoutMs: 60_000 });
      const got = await world.behindTheScenes(async (channel) => {
        const request = await eventually(async () => {
          const found = await channel.get(world.named('agent.echo'), { noAck: true });
          if (found === false) throw new Error('not there yet');
          return found;
        });
        const { replyTo, correlationId, expiration } = request.properties as object as Record<string, unknown>;
        channel.sendToQueue(String(replyTo), Buffer.from('pong'), { correlationId: String(correlationId) });
        return { replyTo, expiration };
      });

      expect((await asked).body.toString()).toBe('pong');
      expect(got.replyTo).toMatch(/^amq\.rabbitmq\.reply-to\../);
      expect(Number(got.expiration)).toBeGreaterThan(5_000);
    });
  });

  describe('a broker that does not confirm', () => {
    it('is given up after a time; what it has not let go of keeps its place', async () => {
      const { broker, metrics } = await connected({ confirmTimeoutMs: 1_000, maxUnconfirmed: 3 });
      proxy.freeze('publish');
      const waiting = [message('1'), message('2'), message('3')].map((message) => broker.publish(message));
      await expect(broker.publish(message('4'))).rejects.toThrow('too much is unconfirmed');
      for (const outcome of await Promise.allSettled(waiting))
        expect(outcome).toMatchObject({ reason: { message: expect.stringContaining('no confirm within') as unknown } });
      expect(metrics.counts.confirmTimedOut).toBe(3);
      await expect(broker.publish(message('5'))).rejects.toThrow('too much is unconfirmed');

      proxy.thaw();
      await eventually(() => broker.publish(message('6')));
      // Given up does not mean not sent.
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(4);
      });
    });

    it('is sent no more than so many bytes', async () => {
      const { broker } = await connected({ maxUnconfirmedBytes: 1_000, confirmTimeoutMs: 60_000 });
      proxy.freeze('publish');
      const waiting = broker.publish(message('x'.repeat(600)));
      await expect(broker.publish(message('x'.repeat(600)))).rejects.toThrow(BrokerUnavailable);
      proxy.thaw();
      await waiting;
      await broker.publish(message('x'.repeat(600)));
    });
  });

  describe('a broker short of memory', () => {
    it('is seen as blocked, publishing waits, then fails at once; consuming goes on', async () => {
      const { broker, metrics } = await connected({ confirmTimeoutMs: 2_000 });
      const { deliveries } = await inbox(broker, dash);
      await broker.publish(message('before'));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      proxy.block('publish');
      await eventually(() => {
        expect(broker.state).toBe('blocked');
      });
      proxy.freeze('publish');
      await expect(broker.publish(message('waits'))).rejects.toThrow('no confirm within 2000 ms');
      await eventually(() => expect(broker.publish(message('fails'))).rejects.toThrow('it takes no messages for now'));

      deliveries[0]?.ack();
      await world.behindTheScenes(async (channel) => {
        channel.sendToQueue(world.named('agent.dash'), Buffer.from('from elsewhere'));
        return Promise.resolve();
      });
      await eventually(() => {
        expect(deliveries).toHaveLength(2);
      });
      proxy.thaw();
      proxy.unblock('publish');
      await eventually(() => {
        expect(broker.state).toBe('up');
      });
      await broker.publish(message('after'));
      expect(metrics.states).toEqual(['down', 'up', 'blocked', 'up']);
    });

    it('does not keep a service from closing', async () => {
      const { broker } = await connected();
      proxy.block('publish');
      await eventually(() => {
        expect(broker.state).toBe('blocked');
      });
      await broker.close();

      expect(broker.state).toBe('down');
    });
  });

  describe('a message that cannot be sent', () => {
    it('fails alone', async () => {
      const { broker, metrics } = await connected();
      const headers = { long: 'x'.repeat(70_000) };
      const outcomes = await Promise.allSettled([
        broker.publish(message('1')),
        broker.publish(message('headers', { headers })),
        broker.publish(message('2')),
        broker.publish(message('x'.repeat(17 * 1024 * 1024))),
        broker.publish(message('3')),
      ]);

      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(metrics.states).toEqual(['down', 'up']);
    });
  });

  describe('the topology', () => {
    it('is declared for the version of the broker', async () => {
      await connected();
      await world.behindTheScenes(async (channel) => {
        const type = queueTypeFor(channel.connection.serverProperties.version);
        const plan = { deadExchange: world.named('pulser.dead') };
        // Refused with 406 when they exist with other arguments.
        for (const [name, purpose] of [
          ['agent.dash', 'dispatches'],
          ['router.tasks', 'orders'],
          ['dead-letters', 'dead-letters'],
        ] as const)
          await channel.assertQueue(world.named(name), { arguments: queueArguments(type, { ...plan, name, purpose }) });
        await channel.assertExchange(world.named('pulser.events'), 'topic', { durable: true });
      });
    });

    it('warns on brokers whose queues live on one node only', async () => {
      const { lines } = await connected();
      const type = await world.behindTheScenes((channel) =>
        Promise.resolve(queueTypeFor(channel.connection.serverProperties.version)),
      );

      expect(lines.filter((line) => line.includes('before 4.3'))).toHaveLength(type === 'classic' ? 1 : 0);
    });

    it('that another version declared is taken as it is', async () => {
      await world.behindTheScenes(async (channel) => {
        const type = queueTypeFor(channel.connection.serverProperties.version);
        await channel.assertQueue(world.named('agent.dash'), {
          arguments: { 'x-queue-type': type, 'x-max-length': 5 },
        });
        await channel.assertQueue(world.named('router.tasks'), { arguments: { 'x-queue-type': 'classic' } });
      });
      const { broker } = await connected();
      await broker.publish(message('1', { mandatory: true }));

      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(1);
      });
    });

    it('loses no order that kills its consumers, however often', async () => {
      const { broker } = await connected();
      const body = Buffer.from('deadly');
      await broker.publish({ exchange: 'pulser.tasks', routingKey: 'task.submit', body, mandatory: true });
      const kept = async (): Promise<number[]> => [
        await broker.depth('router.tasks'),
        await broker.depth('dead-letters'),
      ];
      for (let death = 0; death < 25 && (await kept())[1] === 0; death++)
        await world.behindTheScenes(async (channel) => {
          await channel.consume(world.named('router.tasks'), () => undefined);
          await channel.close();
        });

      await eventually(async () => {
        expect((await kept()).toSorted()).toEqual([0, 1]);
      });
    });

    it('can be declared by many at once', async () => {
      await Promise.all(Array.from({ length: 6 }, () => connected()));
    });
  });

  describe('a queue of dispatches', () => {
    it('that is classic keeps nothing on disk, unlike that of orders', async () => {
      const { broker } = await connected({ dispatchQueue: 'classic' });
      await broker.publish(message('dispatch'));
      await broker.publish(message('order', { exchange: 'pulser.tasks', routingKey: 'task.submit' }));
      await world.behindTheScenes(async (channel) => {
        const modes = ['agent.dash', 'router.tasks'].map(async (name): Promise<unknown> => {
          const got = await channel.get(world.named(name), { noAck: true });
          return got && got.properties.deliveryMode;
        });
        expect(await Promise.all(modes)).toEqual([1, 2]);
      });
    });

    it.each([
      ['classic', 'quorum'],
      ['quorum', 'classic'],
    ] as const)('that is %s is refused where %s is wanted, until it is deleted', async (there, wanted) => {
      await connected({ dispatchQueue: there });
      const late = world.client({ dispatchQueue: wanted });
      const both = await world.behindTheScenes((channel) =>
        Promise.resolve(queueTypeFor(channel.connection.serverProperties.version) === 'quorum'),
      );
      const refused = new RegExp(`agent\\.\\w+ is a ${there} one and DISPATCH_QUEUE is ${wanted}$`);
      const outcome = expect(late.broker.connect());
      // Before 4.3 all queues are classic.
      await (both ? outcome.rejects.toThrow(refused) : outcome.resolves.toBeUndefined());

      await world.behindTheScenes((channel) =>
        Promise.all(queues.map(({ name }) => channel.deleteQueue(world.named(name)))),
      );
      await connected({ dispatchQueue: wanted });
    });
  });

  it('publishes and consumes over a connection each, which say who they are', async () => {
    await connected({ name: 'maya' });
    expect(proxy.names).toEqual(['maya (consume)', 'maya (publish)']);
  });
});
