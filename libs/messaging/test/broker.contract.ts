import { setImmediate as turn } from 'node:timers/promises';

import { header } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { BrokerUnavailable, RequestFailed, RequestTimedOut, UnknownQueue, Unroutable } from '../src/index.js';
import type { Broker, Delivery, OutgoingMessage, Reply } from '../src/index.js';
import { errorReply, progressReply } from '../src/broker/requests.js';
import type { CountedMetrics } from './counted-metrics.js';
import { acking, inbox } from './inbox.js';

export interface Client {
  readonly broker: Broker;
  readonly metrics: CountedMetrics;
}

/** A broker without messages, and as many clients of it as a test wants. */
export interface World {
  client(): Client;
  remove(): Promise<void>;
}

const message = (text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  exchange: 'pulser.agents',
  routingKey: 'dash',
  body: Buffer.from(text),
  priority: 5,
  ...more,
});

const event = (routingKey: string, text = routingKey): OutgoingMessage => ({
  exchange: 'pulser.events',
  routingKey,
  body: Buffer.from(text),
});

const dash = { queue: 'agent.dash' } as const;

/** What every implementation of Broker promises. */
export const brokerContract = (createWorld: () => Promise<World>): void => {
  let world: World;
  let client: Client;
  let broker: Broker;

  const another = async (): Promise<Client> => {
    const other = world.client();
    await other.broker.connect();
    return other;
  };

  beforeEach(async () => {
    world = await createWorld();
    client = await another();
    broker = client.broker;
  });

  afterEach(async () => {
    await world.remove();
  });

  describe('a message', () => {
    it('arrives as it was sent', async () => {
      const body = Buffer.from([0, 255, 1, 128]);
      const headers = { 'pulser-version': 1, traceparent: '00-ab-cd-01' };
      const { deliveries } = await inbox(broker, dash, acking);
      await broker.publish(message('', { body, headers, messageId: 'm-1', priority: 9, mandatory: true }));

      const [got] = await eventually(() => (expect(deliveries).toHaveLength(1), deliveries));
      expect(got?.body.equals(body)).toBe(true);
      expect(got).toMatchObject({ exchange: 'pulser.agents', routingKey: 'dash', queue: 'agent.dash' });
      expect(got).toMatchObject({ messageId: 'm-1', priority: 9, redelivered: false, stale: false });
      expect(got?.headers).toMatchObject(headers);
    });

    it('may be empty, or a megabyte long', async () => {
      const { deliveries } = await inbox(broker, dash, acking);
      await broker.publish(message(''));
      await broker.publish(message('x'.repeat(1_000_000)));

      await eventually(() => {
        expect(deliveries.map(({ body }) => body.length)).toEqual([0, 1_000_000]);
      });
    });

    it('without optional properties has none', async () => {
      const { deliveries } = await inbox(broker, { queue: 'router.tasks' }, acking);
      await broker.publish({ exchange: 'pulser.tasks', routingKey: 'task.submit', body: Buffer.from('{}') });

      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      expect(deliveries[0]?.messageId).toBeUndefined();
      expect(deliveries[0]?.priority).toBeUndefined();
    });

    it('is never delivered within the call that publishes it', async () => {
      const { deliveries } = await inbox(broker, dash, acking);
      const published = broker.publish(message('later'));
      expect(deliveries).toHaveLength(0);
      await published;
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
    });

    it('waits in its queue until somebody consumes', async () => {
      await broker.publish(message('1'));
      await broker.publish(message('2'));
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(2);
      });

      const { texts } = await inbox(broker, dash, acking);
      await eventually(() => {
        expect(texts).toEqual(['1', '2']);
      });
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(0);
      });
    });

    it('overtakes those of lower priority, not those of its own', async () => {
      for (const [text, priority] of [
        ['low 1', 1],
        ['medium 1', 5],
        ['high 1', 9],
        ['low 2', 1],
        ['high 2', 9],
      ] as const)
        await broker.publish(message(text, { priority }));
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(5);
      });

      const { texts } = await inbox(broker, { ...dash, prefetch: 1 }, acking);
      await eventually(() => {
        expect(texts).toEqual(['high 1', 'high 2', 'medium 1', 'low 1', 'low 2']);
      });
    });

    it('that has waited for too long is dropped', async () => {
      await broker.publish(message('short-lived', { expirationMs: 1 }));
      await broker.publish(message('lasting'));
      const published = performance.now();
      await eventually(() => {
        expect(performance.now() - published).toBeGreaterThan(20);
      });
      const { texts } = await inbox(broker, dash, acking);

      await eventually(() => {
        expect(texts).toContain('lasting');
      });
      expect(texts).toEqual(['lasting']);
    });

    it('that no queue takes is refused when it is mandatory, and only then', async () => {
      await broker.publish(event('task.completed'));
      const refused = broker.publish({ ...event('task.completed'), mandatory: true });

      await expect(refused).rejects.toThrow(Unroutable);
      await expect(refused).rejects.toMatchObject({ exchange: 'pulser.events', routingKey: 'task.completed' });
      expect(client.metrics.counts.returned).toBe(1);
    });

    it('that is refused does not harm those around it', async () => {
      const { texts } = await inbox(broker, { ...dash, prefetch: 100 }, acking);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) =>
          index % 3 === 0
            ? broker.publish({ ...event('task.failed'), mandatory: true })
            : broker.publish(message(String(index), { mandatory: true })),
        ),
      );

      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(outcomes.map((_, index) => index % 3 === 0));
      await eventually(() => {
        expect(texts).toHaveLength(40);
      });
    });
  });

  describe('a temporary queue', () => {
    it('gets the events that its patterns take, each once', async () => {
      const bindings = ['task.*', 'task.completed', '#.health-changed'].map(
        (pattern) => ({ exchange: 'pulser.events', pattern }) as const,
      );
      const { texts, deliveries } = await inbox(broker, { queue: { temporaryFor: 'tests' }, bindings }, acking);
      for (const key of ['task.completed', 'agent.heartbeat', 'task.failed', 'agent.health-changed'])
        await broker.publish(event(key));

      await eventually(() => {
        expect(texts).toEqual(['task.completed', 'task.failed', 'agent.health-changed']);
      });
      expect(deliveries[0]?.queue).toBe('tests');
    });

    it('is one for each consumer', async () => {
      const subscription = {
        queue: { temporaryFor: 'tests' },
        bindings: [{ exchange: 'pulser.events', pattern: 'task.#' }] as const,
      };
      const one = await inbox(broker, subscription, acking);
      const two = await inbox((await another()).broker, subscription, acking);
      await broker.publish(event('task.started'));

      await eventually(() => {
        expect([one.texts, two.texts]).toEqual([['task.started'], ['task.started']]);
      });
    });

    it('goes with its consumer', async () => {
      const bindings = [{ exchange: 'pulser.events', pattern: 'task.started' }] as const;
      const { consumer } = await inbox(broker, { queue: { temporaryFor: 'tests' }, bindings }, acking);
      await broker.publish({ ...event('task.started'), mandatory: true });
      await consumer.drain(60_000);

      await eventually(() =>
        expect(broker.publish({ ...event('task.started'), mandatory: true })).rejects.toThrow(Unroutable),
      );
    });
  });

  describe('a consumer', () => {
    it('has no more in hand than its prefetch', async () => {
      for (const text of ['1', '2', '3', '4']) await broker.publish(message(text));
      const { consumer, deliveries, texts } = await inbox(broker, { ...dash, prefetch: 2 });

      await eventually(() => {
        expect(texts).toEqual(['1', '2']);
      });
      expect(consumer.running).toBe(2);
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(2);
      });
      deliveries[1]?.ack();
      await eventually(() => {
        expect(texts).toEqual(['1', '2', '3']);
      });
      expect(consumer.running).toBe(2);
    });

    it('can have its prefetch changed, without losing or repeating anything', async () => {
      for (let index = 1; index <= 9; index++) await broker.publish(message(String(index)));
      const { consumer, deliveries, texts } = await inbox(broker, { ...dash, prefetch: 2 });
      await eventually(() => {
        expect(texts).toHaveLength(2);
      });

      await consumer.setPrefetch(5);
      await eventually(() => {
        expect(texts).toHaveLength(5);
      });
      expect(consumer.running).toBe(5);
      await consumer.setPrefetch(1);
      for (const delivery of deliveries.slice(0, 4)) delivery.ack();
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBeGreaterThanOrEqual(3);
      });
      expect(consumer.running).toBe(1);

      deliveries[4]?.ack();
      for (let next = 5; next < 9; next++) {
        await eventually(() => {
          expect(texts.length).toBeGreaterThan(next);
        });
        expect(consumer.running).toBe(1);
        deliveries[next]?.ack();
      }
      expect([...texts].sort()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(0);
      });
      await consumer.drain(60_000);
      expect(await broker.depth('agent.dash')).toBe(0);
    });

    it('has the last of two prefetches that are asked for at once', async () => {
      const { consumer, texts } = await inbox(broker, { ...dash, prefetch: 1 });
      await Promise.all([consumer.setPrefetch(4), consumer.setPrefetch(2)]);
      for (let index = 1; index <= 6; index++) await broker.publish(message(String(index)));

      await eventually(() => {
        expect(texts).toEqual(['1', '2']);
      });
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(4);
      });
    });

    it('is counted while it lives, whoever asks', async () => {
      const other = await another();
      expect(await broker.consumers('agent.dash')).toBe(0);
      const one = await inbox(broker, dash);
      await inbox(other.broker, dash);
      await eventually(async () => {
        expect(await broker.consumers('agent.dash')).toBe(2);
      });
      await one.consumer.drain(0);
      await eventually(async () => {
        expect(await other.broker.consumers('agent.dash')).toBe(1);
      });
      await other.broker.close();
      await eventually(async () => {
        expect(await broker.consumers('agent.dash')).toBe(0);
      });
      expect(await broker.consumers('agent.nobody')).toBe(0);
      await expect(other.broker.consumers('agent.dash')).rejects.toThrow(BrokerUnavailable);
    });

    it('shares the queue with others', async () => {
      const one = await inbox(broker, { ...dash, prefetch: 1 });
      const two = await inbox((await another()).broker, { ...dash, prefetch: 1 });
      await broker.publish(message('1'));
      await broker.publish(message('2'));

      await eventually(() => {
        expect([...one.texts, ...two.texts].sort()).toEqual(['1', '2']);
      });
      expect(one.texts).toHaveLength(1);
    });

    it('gets what it gave back again, marked, and before what came later', async () => {
      const { texts, deliveries } = await inbox(broker, { ...dash, prefetch: 1 });
      await broker.publish(message('first'));
      await broker.publish(message('second'));
      await eventually(() => {
        expect(texts).toEqual(['first']);
      });
      deliveries[0]?.requeue();

      await eventually(() => {
        expect(texts).toEqual(['first', 'first']);
      });
      expect(deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true]);
    });

    it('settles a delivery once, whatever is said afterwards', async () => {
      const { consumer, texts, deliveries } = await inbox(broker, dash);
      await broker.publish(message('once'));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      deliveries[0]?.ack();
      deliveries[0]?.requeue();
      deliveries[0]?.ack();
      await deliveries[0]?.deadLetter('handler_failed');

      await broker.publish(message('next'));
      await eventually(() => {
        expect(texts).toEqual(['once', 'next']);
      });
      expect(consumer.running).toBe(1);
      expect(await broker.depth('dead-letters')).toBe(0);
    });

    it('works through thousands without losing one', async () => {
      const many = 3_000;
      const seen = new Set<string>();
      const { consumer } = await inbox(broker, { ...dash, prefetch: 50 }, (delivery) => {
        seen.add(delivery.body.toString());
        // Out of order, some at once and some later.
        if (seen.size % 3 === 0)
          setImmediate(() => {
            delivery.ack();
          });
        else delivery.ack();
      });
      await Promise.all(Array.from({ length: many }, (_, index) => broker.publish(message(String(index)))));

      await eventually(() => {
        expect(seen.size).toBe(many);
      });
      await consumer.drain(60_000);
      expect(await broker.depth('agent.dash')).toBe(0);
      expect(client.metrics.counts.staleAcks).toBe(0);
    });
  });

  describe('a dead letter', () => {
    it('keeps its body and headers, says why, and names the queue it lay in', async () => {
      const { deliveries } = await inbox(broker, { queue: 'router.tasks' });
      const headers = { [header.tenant]: 'acme' };
      const body = Buffer.from('{"a":');
      await broker.publish({ exchange: 'pulser.tasks', routingKey: 'task.submit', body, headers, messageId: 'm-1' });
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await deliveries[0]?.deadLetter('unparsable', 'unexpected end');

      const dead = await inbox(broker, { queue: 'dead-letters' }, acking);
      await eventually(() => {
        expect(dead.texts).toEqual(['{"a":']);
      });
      expect(dead.deliveries[0]).toMatchObject({ routingKey: 'router.tasks', messageId: 'm-1' });
      expect(dead.deliveries[0]?.headers).toMatchObject({
        [header.tenant]: 'acme',
        [header.deadReason]: 'unparsable',
        [header.deadDetail]: 'unexpected end',
        [header.deadRoutingKey]: 'task.submit',
        [header.deadId]: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      });
      expect(client.metrics.dead).toEqual(['unparsable']);
      await eventually(async () => {
        expect(await broker.depth('router.tasks')).toBe(0);
      });
    });

    it('takes any detail, and headers that fill a frame', async () => {
      const { deliveries } = await inbox(broker, dash);
      const headers = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`h${index}`, 'ü'.repeat(500)]));
      await broker.publish(message('loaded', { headers }));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await deliveries[0]?.deadLetter('invalid_message', 'ä'.repeat(100_000));

      await eventually(async () => {
        expect(await broker.depth('dead-letters')).toBe(1);
      });
    });
  });

  describe('a request', () => {
    const soon = { timeoutMs: 60_000 } as const;
    let server: Broker;

    beforeEach(async () => {
      server = (await another()).broker;
    });

    /** Answers each request with this text, and acknowledges it. */
    const answering = (textOf: (delivery: Delivery) => string): ReturnType<typeof inbox> =>
      inbox(server, { ...dash, prefetch: 500 }, (delivery) => {
        void delivery.reply({ body: Buffer.from(textOf(delivery)) });
        delivery.ack();
      });

    it('is answered, and both sides see what there is to see', async () => {
      const before = Date.now();
      const { deliveries } = await inbox(server, dash, (delivery) => {
        const headers = { traceparent: '00-ab-cd-01' };
        void delivery.reply({ body: Buffer.from('pong'), headers, contentType: 'text/plain' });
        delivery.ack();
      });
      const reply = await broker.request(message('ping', { headers: { 'pulser-version': 1 } }), soon);

      expect(reply).toMatchObject({ contentType: 'text/plain', headers: { traceparent: '00-ab-cd-01' } });
      expect(reply.body.toString()).toBe('pong');
      const [request] = deliveries;
      expect(request?.replyTo).toEqual(expect.any(String));
      expect(request?.correlationId).toEqual(expect.any(String));
      expect(request?.headers).toMatchObject({ 'pulser-version': 1, 'pulser-deadline': request?.deadline });
      expect(request?.deadline).toBeGreaterThanOrEqual(before + soon.timeoutMs);
      expect(request?.deadline).toBeLessThanOrEqual(Date.now() + soon.timeoutMs);
    });

    it('of a thousand at once gets its own reply, in whatever order they come', async () => {
      const numbers = Array.from({ length: 1_000 }, (_, index) => String(index));
      await inbox(server, { ...dash, prefetch: 1_000 }, (delivery) => {
        setTimeout(() => {
          void delivery.reply({ body: Buffer.from(`reply to ${delivery.body.toString()}`) });
          delivery.ack();
        }, Math.random() * 50);
      });
      const replies = await Promise.all(numbers.map((number) => broker.request(message(number), soon)));

      expect(replies.map(({ body }) => body.toString())).toEqual(numbers.map((number) => `reply to ${number}`));
      expect(client.metrics.counts.lateReplies).toBe(0);
    });

    it('goes back to its own client', async () => {
      await answering((delivery) => `for ${delivery.body.toString()}`);
      const other = (await another()).broker;
      const replies = await Promise.all([broker.request(message('one'), soon), other.request(message('two'), soon)]);

      expect(replies.map(({ body }) => body.toString())).toEqual(['for one', 'for two']);
    });

    it('fails at its deadline; the reply that comes later is dropped and counted', async () => {
      const { deliveries } = await inbox(server, dash);
      const asked = broker.request(message('slow'), { timeoutMs: 2_000 });
      const outcome = expect(asked).rejects.toThrow(RequestTimedOut);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await outcome;
      await deliveries[0]?.reply({ body: Buffer.from('late') });
      deliveries[0]?.ack();

      await eventually(() => {
        expect(client.metrics.counts.lateReplies).toBe(1);
      });
    });

    it('that is late is dropped by the broker', async () => {
      await expect(broker.request(message('late'), { timeoutMs: 50 })).rejects.toThrow('no reply within 50 ms');
      await broker.publish(message('lasting'));
      const { texts } = await inbox(server, dash, acking);

      await eventually(() => {
        expect(texts).toContain('lasting');
      });
      expect(texts).toEqual(['lasting']);
    });

    it('keeps an earlier deadline that it has', async () => {
      const asked = broker.request(message('passed on', { deadline: Date.now() + 100 }), { timeoutMs: 60_000 });
      await expect(asked).rejects.toThrow(RequestTimedOut);
      const over = broker.request(message('over', { deadline: Date.now() - 1 }), { timeoutMs: 60_000 });
      await expect(over).rejects.toThrow(RequestTimedOut);
    });

    it('that no queue takes is refused', async () => {
      await expect(broker.request(event('task.completed'), soon)).rejects.toThrow(Unroutable);
      const rpc = { exchange: 'pulser.rpc', routingKey: 'tool.unknown', body: Buffer.from('{}') } as const;
      await expect(broker.request(rpc, soon)).rejects.toThrow(Unroutable);
    });

    it('ends when its caller aborts', async () => {
      const stop = new AbortController();
      const { deliveries } = await inbox(server, dash, acking);
      const asked = broker.request(message('?'), { timeoutMs: 60_000, signal: stop.signal });
      const outcome = expect(asked).rejects.toThrow('the user left');
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      stop.abort(new Error('the user left'));
      await outcome;

      await expect(broker.request(message('?'), { timeoutMs: 60_000, signal: stop.signal })).rejects.toThrow(
        'the user left',
      );
      expect(deliveries).toHaveLength(1);
    });

    it('fails with code and message when the reply is an error', async () => {
      await inbox(server, dash, (delivery) => {
        void delivery.reply(errorReply('no_such_tool', 'there is no tool x'));
        delivery.ack();
      });
      const asked = broker.request(message('?'), soon);

      await expect(asked).rejects.toThrow(RequestFailed);
      await expect(asked).rejects.toMatchObject({ code: 'no_such_tool', message: 'there is no tool x' });
    });

    it('takes the first of two replies; the second is counted', async () => {
      await inbox(server, dash, (delivery) => {
        void delivery.reply({ body: Buffer.from('first') });
        void delivery.reply({ body: Buffer.from('second') });
        delivery.ack();
      });

      expect((await broker.request(message('?'), soon)).body.toString()).toBe('first');
      await eventually(() => {
        expect(client.metrics.counts.lateReplies).toBe(1);
      });
    });

    it('says who sent it, which no client can say of another', async () => {
      const { deliveries } = await inbox(server, dash, (delivery) => {
        void delivery.reply({ body: Buffer.from('!') });
        delivery.ack();
      });
      await broker.request(message('?'), soon);
      expect(deliveries[0]).toMatchObject({ sender: broker.user, isRequest: true });
      await expect(broker.publish(message('?', { sender: 'somebody-else' }))).rejects.toThrow(BrokerUnavailable);
      expect(deliveries).toHaveLength(1);
    });

    it('is told how far it is before its reply', async () => {
      await inbox(server, dash, (delivery) => {
        for (const done of [1, 2]) void delivery.reply(progressReply({ done }));
        void delivery.reply({ body: Buffer.from('!') });
        delivery.ack();
      });
      const heard: unknown[] = [];
      const onProgress = ({ body }: Reply): void => void heard.push(JSON.parse(body.toString()));
      const reply = await broker.request(message('?'), { ...soon, onProgress });
      expect([heard, reply.body.toString()]).toEqual([[{ done: 1 }, { done: 2 }], '!']);
      expect(client.metrics.counts.lateReplies).toBe(0);
    });

    it('fails when its client goes, and its server bears that', async () => {
      const { deliveries } = await inbox(server, dash);
      const asked = broker.request(message('?'), { timeoutMs: 60_000 });
      const outcome = expect(asked).rejects.toThrow(BrokerUnavailable);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await broker.close();
      await outcome;
      await deliveries[0]?.reply({ body: Buffer.from('to nobody') });
      deliveries[0]?.ack();

      await expect(broker.request(message('?'), soon)).rejects.toThrow(BrokerUnavailable);
      await eventually(async () => {
        expect(await server.depth('agent.dash')).toBe(0);
      });
    });

    it('that is in hand while its server drains is answered', async () => {
      const { consumer, deliveries } = await inbox(server, dash);
      const asked = broker.request(message('?'), soon);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      const drained = consumer.drain(60_000).then(() => server.close());
      await deliveries[0]?.reply({ body: Buffer.from('just in time') });
      deliveries[0]?.ack();
      await drained;

      expect((await asked).body.toString()).toBe('just in time');
    });

    it('whose server goes is answered by the next one', async () => {
      const { deliveries } = await inbox(server, dash);
      const asked = broker.request(message('?'), soon);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await server.close();
      server = (await another()).broker;
      await answering((delivery) => `again: ${delivery.redelivered}`);

      expect((await asked).body.toString()).toBe('again: true');
    });
  });

  describe('a message that asks for a reply elsewhere', () => {
    it('shows that, and gets none: no producer writes into queues through a consumer', async () => {
      const asked = { replyTo: 'agent.echo', correlationId: 'c-1', deadline: Date.now() + 60_000 };
      const { deliveries } = await inbox(broker, dash, acking);
      await broker.publish(message('?', asked));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      expect(deliveries[0]).toMatchObject({ ...asked, isRequest: false });
      await deliveries[0]?.reply({ body: Buffer.from('!') });

      expect(await broker.depth('agent.echo')).toBe(0);
    });

    it('gets none when it asks for none', async () => {
      const { deliveries } = await inbox(broker, dash, acking);
      await broker.publish(message('?'));
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      expect(deliveries[0]).toMatchObject({ replyTo: undefined, correlationId: undefined, deadline: undefined });
      await expect(deliveries[0]?.reply({ body: Buffer.from('!') })).resolves.toBeUndefined();
    });
  });

  describe('draining', () => {
    it('takes nothing new and waits for what runs', async () => {
      for (const text of ['1', '2', '3']) await broker.publish(message(text));
      const { consumer, deliveries, texts } = await inbox(broker, { ...dash, prefetch: 2 });
      await eventually(() => {
        expect(texts).toHaveLength(2);
      });
      const drained = consumer.drain(60_000);
      deliveries[0]?.ack();
      await broker.publish(message('4'));
      deliveries[1]?.ack();
      await drained;

      expect(texts).toEqual(['1', '2']);
      expect(consumer.running).toBe(0);
      await eventually(async () => {
        expect(await broker.depth('agent.dash')).toBe(2);
      });
    });

    it('gives back, marked, what does not end in time', async () => {
      await broker.publish(message('slow'));
      const { consumer, deliveries } = await inbox(broker, dash);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      await consumer.drain(20);
      expect(deliveries[0]?.stale).toBe(true);

      const next = await inbox((await another()).broker, dash, acking);
      await eventually(() => {
        expect(next.texts).toEqual(['slow']);
      });
      expect(next.deliveries[0]?.redelivered).toBe(true);
      deliveries[0]?.ack();
      expect(client.metrics.counts.staleAcks).toBe(1);
    });

    it('loses no acknowledgement, even when the client goes at once', async () => {
      for (let round = 1; round <= 15; round++) {
        const leaving = (await another()).broker;
        await broker.publish(message(`done ${round}`));
        const { consumer, deliveries, texts } = await inbox(leaving, dash);
        await eventually(() => {
          expect(texts).toContain(`done ${round}`);
        });
        const gone = consumer.drain(60_000).then(() => leaving.close());
        await broker.publish(message('left over'));
        for (const delivery of deliveries) delivery.ack();
        await gone;
      }

      await broker.publish(message('last'));
      const { texts } = await inbox(broker, { ...dash, prefetch: 100 }, acking);
      await eventually(() => {
        expect(texts).toContain('last');
      });
      expect(texts.filter((text) => text.startsWith('done'))).toEqual([]);
    });

    it('does not wait when nothing runs', async () => {
      const { consumer } = await inbox(broker, dash);
      const start = performance.now();
      await consumer.drain(60_000);
      expect(performance.now() - start).toBeLessThan(30_000);
    });
  });

  describe('a client that goes', () => {
    it('gives back what it had in hand, and its acknowledgements count no more', async () => {
      await broker.publish(message('orphan'));
      const { deliveries } = await inbox(broker, dash);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      const heir = await inbox((await another()).broker, dash, acking);
      await broker.close();

      await eventually(() => {
        expect(heir.texts).toEqual(['orphan']);
      });
      expect(heir.deliveries[0]?.redelivered).toBe(true);
      expect(deliveries[0]?.stale).toBe(true);
      deliveries[0]?.ack();
      await deliveries[0]?.deadLetter('handler_failed');
      expect(client.metrics.counts.staleAcks).toBe(1);
    });

    it('leaves no second dead letter behind', async () => {
      await broker.publish(message('twice?'));
      const { deliveries } = await inbox(broker, dash);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      const heir = (await another()).broker;
      await broker.close();
      await deliveries[0]?.deadLetter('handler_failed');

      expect(await heir.depth('dead-letters')).toBe(0);
      expect(client.metrics.dead).toEqual([]);
    });

    it('publishes nothing more', async () => {
      await broker.close();
      await expect(broker.publish(message('too late'))).rejects.toThrow(BrokerUnavailable);
      await expect(broker.publish(message('too late'))).rejects.toMatchObject({ transient: true });
      await expect(broker.depth('agent.dash')).rejects.toThrow(BrokerUnavailable);
    });

    it('can go twice', async () => {
      await broker.close();
      await broker.close();
      expect(broker.state).toBe('down');
    });
  });

  describe('the state', () => {
    it('is told at every change', async () => {
      const { broker: fresh, metrics } = world.client();
      const told: string[] = [];
      fresh.onStateChange((state) => told.push(state));
      const stop = fresh.onStateChange(() => told.push('never after stop'));
      stop();
      expect(fresh.state).toBe('down');
      await expect(fresh.publish(message('too early'))).rejects.toThrow(BrokerUnavailable);
      await fresh.connect();
      expect(fresh.state).toBe('up');
      await fresh.close();

      expect(told).toEqual(['up', 'down']);
      expect(metrics.states).toEqual(['down', 'up', 'down']);
    });

    it('does not keep from subscribing early: messages flow once connected', async () => {
      await broker.publish(message('patient'));
      const { broker: fresh } = world.client();
      const { texts } = await inbox(fresh, dash, acking);
      await turn();
      expect(texts).toEqual([]);
      await fresh.connect();

      await eventually(() => {
        expect(texts).toEqual(['patient']);
      });
      await fresh.close();
    });
  });

  it('carries the dispatches of an agent that it has never heard of', async () => {
    expect(await broker.depth('agent.greeter')).toBe(0);
    const delivered = Promise.withResolvers<string>();
    const subscription = { queue: 'agent.greeter', bindings: [], prefetch: 1 };
    const consumer = await broker.consume(subscription, (delivery) => {
      delivery.ack();
      delivered.resolve(delivery.body.toString());
    });
    await broker.publish({
      exchange: 'pulser.agents',
      routingKey: 'greeter',
      body: Buffer.from('hello'),
      mandatory: true,
    });
    expect(await delivered.promise).toBe('hello');
    await consumer.drain(0);
  });

  it('knows no depth of a queue that is not there', async () => {
    await expect(broker.depth('nothing.like.this')).rejects.toThrow(UnknownQueue);
  });
};
