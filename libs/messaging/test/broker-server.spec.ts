import type { Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { header, type SubmitTask, type TaskDispatches, type TasksSubmitted } from '@pulser/contracts';
import { BaseEnv, Env, startService, type ServiceDefinition } from '@pulser/service-kit';
import { eventually } from '@pulser/testing';
import { of } from 'rxjs';

import {
  BrokerServer,
  RejectMessage,
  RequestFailed,
  DeliveryContext,
  MessageConsumer,
  MessagingModule,
  OnMessage,
  OnRequest,
  Publisher,
  type Broker,
  type Delivery,
  type ServerSubscription,
} from '../src/index.js';
import type { Client, World } from './broker.contract.js';
import { acking, inbox } from './inbox.js';
import { inProcessWorld } from './in-process-world.js';
import { keptLog } from './kept-log.js';
import { rabbitWorld } from './rabbit-world.js';

const submitted: ServerSubscription = {
  queue: 'router.tasks',
  prefetch: 10,
  bindings: [
    { exchange: 'pulser.tasks', pattern: 'task.submit' },
    { exchange: 'pulser.tasks', pattern: 'tasks.submitted' },
  ],
};

const task = {
  task_id: '0190d3a5-7c3e-7b1e-8a0a-1f2e3d4c5b6a',
  tenant_id: '0190d3a5-7c3e-7b1e-8a0a-1f2e3d4c5b6b',
  task_type: 'analytics',
} as const;

const order = { task_type: 'analytics', payload: { operation: 'summarise' } } as const;

/** What a handler got; `behave` decides what it does then. */
class Handled {
  readonly bodies: unknown[] = [];
  readonly contexts: DeliveryContext[] = [];
  behave: () => unknown = () => undefined;

  take(body: unknown, context: DeliveryContext): unknown {
    this.bodies.push(body);
    this.contexts.push(context);
    return this.behave();
  }
}

@MessageConsumer()
class RouterConsumer {
  constructor(private readonly handled: Handled) {}

  @OnMessage('task.submit')
  submit(@Payload() body: SubmitTask, @Ctx() context: DeliveryContext): unknown {
    return this.handled.take(body, context);
  }

  @OnMessage('tasks.submitted')
  submitted(@Payload() body: TasksSubmitted, @Ctx() context: DeliveryContext): unknown {
    return this.handled.take(body, context);
  }
}

@MessageConsumer()
class DispatchConsumer {
  constructor(private readonly handled: Handled) {}

  @OnMessage('task.dispatch')
  async dispatch(@Payload() body: TaskDispatches, @Ctx() context: DeliveryContext): Promise<unknown> {
    return Promise.resolve(this.handled.take(body, context));
  }
}

@MessageConsumer()
class AnsweringConsumer {
  constructor(private readonly handled: Handled) {}

  @OnRequest('task.submit')
  submit(@Payload() body: SubmitTask, @Ctx() context: DeliveryContext): unknown {
    return this.handled.take(body, context);
  }

  @OnMessage('tasks.submitted')
  submitted(@Payload() body: TasksSubmitted, @Ctx() context: DeliveryContext): unknown {
    return this.handled.take(body, context);
  }
}

@MessageConsumer()
class ForgetfulConsumer {
  @EventPattern('task.dispatch')
  dispatch(@Payload() body: unknown): unknown {
    return body;
  }
}

class Root {}

class TestEnv extends Env({ ...BaseEnv }) {}

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

const gate = (): Gate => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    opened: promise,
    open: () => {
      resolve(undefined);
    },
  };
};

const gone = (): Error => Object.assign(new Error('the database is gone'), { transient: true });

describe.each([
  ['in process', inProcessWorld],
  ['RabbitMQ', rabbitWorld],
])('Nest on the broker (%s)', (_name, createWorld: () => World) => {
  let world: World;
  let client: Client;
  let outside: Broker;
  let handled: Handled;
  let log: ReturnType<typeof keptLog>;
  const closers: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    world = createWorld();
    client = world.client();
    handled = new Handled();
    log = keptLog();
    outside = world.client().broker;
    await outside.connect();
  });

  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await world.remove();
  });

  const start = async (
    consumer: Type,
    subscription: ServerSubscription,
    drainMs = 5_000,
  ): Promise<{ readonly close: () => Promise<void>; readonly publisher: Publisher }> => {
    const definition: ServiceDefinition<TestEnv> = {
      name: 'test',
      defaultPort: 0,
      env: TestEnv,
      module: () => ({
        module: Root,
        imports: [MessagingModule.forRoot(client.broker)],
        controllers: [consumer],
        providers: [{ provide: Handled, useValue: handled }],
      }),
      microservices: () => new BrokerServer(client.broker, [subscription], log, { drainMs }),
    };
    const { app, close } = await startService(definition, { env: TestEnv.read({ LOG_LEVEL: 'silent' }) });
    closers.push(close);
    return { close, publisher: app.get(Publisher) };
  };

  const dead = async (): Promise<Delivery[]> => (await inbox(outside, { queue: 'dead-letters' }, acking)).deliveries;

  const send = (routingKey: string, body: string): Promise<void> =>
    outside.publish({ exchange: 'pulser.tasks', routingKey, body: Buffer.from(body) });

  describe('a handler', () => {
    it('gets the checked body with its defaults, and what else there is to know', async () => {
      await start(RouterConsumer, submitted);
      await outside.publish({
        exchange: 'pulser.tasks',
        routingKey: 'task.submit',
        body: Buffer.from(JSON.stringify(order)),
        headers: { [header.apiKey]: 'key' },
        messageId: 'm-1',
        priority: 5,
      });

      await eventually(() => {
        expect(handled.bodies).toEqual([{ ...order, priority: 'medium' }]);
      });
      const [context] = handled.contexts;
      expect(context).toBeInstanceOf(DeliveryContext);
      expect(context).toMatchObject({ messageId: 'm-1', routingKey: 'task.submit', priority: 5, redelivered: false });
      expect(context?.headers).toMatchObject({ [header.apiKey]: 'key' });
      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(0);
      });
    });

    it('is found by the pattern of the subscription where the key is the name of an agent', async () => {
      const { publisher } = await start(DispatchConsumer, {
        queue: 'agent.dash',
        bindings: [],
        prefetch: 4,
        pattern: 'task.dispatch',
      });
      await publisher.dispatch('dash', [{ ...task, dispatch_id: 7 }], 9);

      await eventually(() => {
        expect(handled.bodies).toEqual([[{ ...task, dispatch_id: 7 }]]);
      });
      expect(handled.contexts[0]).toMatchObject({ routingKey: 'dash', priority: 9 });
      expect(handled.contexts[0]?.headers).toMatchObject({ [header.version]: 1 });
    });

    it('may return an Observable: the message is done when that ends', async () => {
      handled.behave = () => of(1, 2, 3);
      const { close } = await start(RouterConsumer, submitted);
      await send('tasks.submitted', '[]');
      await eventually(() => {
        expect(handled.bodies).toHaveLength(1);
      });
      await close();

      expect(await outside.depth('router.tasks')).toBe(0);
    });

    it('gets no more messages at a time than the prefetch', async () => {
      const { opened, open } = gate();
      handled.behave = () => opened;
      await start(RouterConsumer, { ...submitted, prefetch: 2 });
      for (let index = 0; index < 4; index++) await send('tasks.submitted', '[]');
      await eventually(() => {
        expect(handled.bodies).toHaveLength(2);
      });
      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(2);
      });

      expect(handled.bodies).toHaveLength(2);
      open();
      await eventually(() => {
        expect(handled.bodies).toHaveLength(4);
      });
    });

    it('that is missing keeps the app from starting', async () => {
      await expect(start(DispatchConsumer, submitted)).rejects.toThrow(
        "'task.submit' are subscribed to, but nothing handles",
      );
    });

    it('whose errors would be lost keeps the app from starting', async () => {
      const dispatches = { queue: 'agent.dash', bindings: [], prefetch: 1, pattern: 'task.dispatch' } as const;
      await expect(start(ForgetfulConsumer, dispatches)).rejects.toThrow('must be marked with @OnMessage');
    });
  });

  describe('a message goes to the dead letters', () => {
    it('when it is not JSON', async () => {
      await start(RouterConsumer, submitted);
      await send('task.submit', '{"task_type":');

      const [letter] = await eventually(async () => {
        const letters = await dead();
        await eventually(() => {
          expect(letters).toHaveLength(1);
        });
        return letters;
      });
      expect(letter?.headers).toMatchObject({ [header.deadReason]: 'unparsable' });
      expect(letter?.body.toString()).toBe('{"task_type":');
      expect(handled.bodies).toEqual([]);
      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(0);
      });
    });

    it('when it does not match its schema, with the fields that do not', async () => {
      await start(RouterConsumer, submitted);
      await send(
        'tasks.submitted',
        JSON.stringify([
          { ...task, priority: 'medium' },
          { ...task, priority: 'urgent' },
        ]),
      );

      const letters = await dead();
      await eventually(() => {
        expect(letters).toHaveLength(1);
      });
      expect(letters[0]?.headers).toMatchObject({
        [header.deadReason]: 'invalid_message',
        [header.deadDetail]: expect.stringContaining('/1/priority') as unknown,
      });
    });

    it('when nobody knows its routing key', async () => {
      await start(RouterConsumer, { ...submitted, bindings: [{ exchange: 'pulser.tasks', pattern: '#' }] });
      await send('task.explode', '{}');

      const letters = await dead();
      await eventually(() => {
        expect(letters).toHaveLength(1);
      });
      expect(letters[0]?.headers).toMatchObject({ [header.deadReason]: 'unknown_routing_key' });
    });

    it('when the handler says so', async () => {
      handled.behave = () => {
        throw new RejectMessage('unauthenticated', 'no such key');
      };
      await start(RouterConsumer, submitted);
      await send('task.submit', JSON.stringify(order));

      const letters = await dead();
      await eventually(() => {
        expect(letters).toHaveLength(1);
      });
      expect(letters[0]?.headers).toMatchObject({
        [header.deadReason]: 'unauthenticated',
        [header.deadDetail]: 'no such key',
      });
      expect(handled.bodies).toHaveLength(1);
      // The letter can be read before its confirm arrives.
      await eventually(() => {
        expect(client.metrics.dead).toEqual(['unauthenticated']);
      });
    });

    it('when the handler failed six times for no passing reason', async () => {
      handled.behave = () => {
        throw new TypeError('x is not a function');
      };
      await start(RouterConsumer, submitted);
      await send('task.submit', JSON.stringify(order));

      const letters = await dead();
      await eventually(() => {
        expect(letters).toHaveLength(1);
      });
      expect(letters[0]?.headers).toMatchObject({
        [header.deadReason]: 'handler_failed',
        [header.deadDetail]: 'TypeError: x is not a function',
      });
      expect(handled.bodies).toHaveLength(6);
      await eventually(() => {
        expect(log.lines).toEqual([
          'warn: a message could not be handled, trying again',
          'error: a message went to the dead letters',
        ]);
      });
    });
  });

  describe('a message whose handler fails for a passing reason', () => {
    it('is tried again in its place until it succeeds, and holds its slot', async () => {
      handled.behave = () => {
        if (handled.bodies.length < 8) throw gone();
      };
      await start(RouterConsumer, { ...submitted, prefetch: 1 });
      await send('task.submit', JSON.stringify(order));
      await send('tasks.submitted', '[]');

      await eventually(() => {
        expect(handled.bodies).toHaveLength(9);
      });
      expect(handled.bodies.slice(0, 8)).toEqual(Array(8).fill({ ...order, priority: 'medium' }));
      expect(handled.contexts.every(({ redelivered }) => !redelivered)).toBe(true);
      expect(client.metrics.dead).toEqual([]);
      expect(log.lines).toEqual(['warn: a message could not be handled, trying again']);
    });

    it('is given back when the app closes', async () => {
      handled.behave = () => {
        throw gone();
      };
      const { close } = await start(RouterConsumer, submitted);
      await send('task.submit', JSON.stringify(order));
      await eventually(() => {
        expect(handled.bodies.length).toBeGreaterThan(2);
      });
      await close();

      const { deliveries } = await inbox(outside, { queue: 'router.tasks' }, acking);
      await eventually(() => {
        expect(deliveries).toHaveLength(1);
      });
      expect(deliveries[0]?.redelivered).toBe(true);
      expect(client.metrics.counts.staleAcks).toBe(0);
    });
  });

  describe('closing the app', () => {
    it('waits for the handlers that run', async () => {
      const { opened, open } = gate();
      handled.behave = () => opened;
      const { close } = await start(RouterConsumer, submitted);
      await send('tasks.submitted', '[]');
      await eventually(() => {
        expect(handled.bodies).toHaveLength(1);
      });
      const closed = close();
      await send('tasks.submitted', '[]');
      open();
      await closed;

      expect(handled.bodies).toHaveLength(1);
      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(1);
      });
    });

    it('gives back what does not end in time', async () => {
      const { opened, open } = gate();
      handled.behave = () => opened;
      const { close } = await start(RouterConsumer, submitted, 50);
      await send('tasks.submitted', '[]');
      await eventually(() => {
        expect(handled.bodies).toHaveLength(1);
      });
      await close();

      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(1);
      });
      open();
      await eventually(() => {
        expect(client.metrics.counts.staleAcks).toBe(1);
      });
    });

    it('disconnects the broker after that', async () => {
      const { close } = await start(RouterConsumer, submitted);
      expect(client.broker.state).toBe('up');
      await close();

      expect(client.broker.state).toBe('down');
    });
  });

  describe('a request', () => {
    const soon = { timeoutMs: 60_000 } as const;
    const ask = (publisher: Publisher): Promise<unknown> =>
      publisher.request('task.submit', order, soon).then(({ body }) => JSON.parse(body.toString()) as unknown);

    it.each([
      ['a value', () => ({ task_id: 'x' }), { task_id: 'x' }],
      ['a promise', () => Promise.resolve([1, 2]), [1, 2]],
      ['an Observable', () => of('first', 'last'), 'last'],
      ['nothing', () => undefined, null],
    ])('is answered with what its handler returns: %s', async (_case, behave, expected) => {
      handled.behave = behave;
      const { publisher } = await start(AnsweringConsumer, submitted);

      expect(await ask(publisher)).toEqual(expected);
      expect(handled.bodies).toEqual([{ ...order, priority: 'medium' }]);
      expect(handled.contexts[0]?.headers).toMatchObject({ [header.version]: 1 });
      expect(handled.contexts[0]?.deadline).toBeGreaterThan(Date.now());
      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(0);
      });
    });

    it.each([
      [
        'a rejection: its reason',
        () => new RejectMessage('unauthenticated', 'no such key'),
        { code: 'unauthenticated', message: expect.stringContaining('no such key') as string },
      ],
      [
        'an error with a code: that',
        () => Object.assign(new Error('there is no tool x'), { code: 'no_such_tool' }),
        { code: 'no_such_tool', message: 'Error: there is no tool x' },
      ],
      ['any other error', () => new TypeError('x'), { code: 'handler_failed', message: 'TypeError: x' }],
      ['even a transient one, at once', gone, { code: 'handler_failed', message: 'Error: the database is gone' }],
    ])('whose handler throws is answered with a typed error, %s', async (_case, thrown, expected) => {
      handled.behave = () => {
        throw thrown();
      };
      const { publisher } = await start(AnsweringConsumer, submitted);
      const asked = ask(publisher);
      await expect(asked).rejects.toThrow(RequestFailed);
      await expect(asked).rejects.toMatchObject(expected);

      expect(handled.bodies).toHaveLength(1);
      expect(log.lines).toEqual(['warn: a request failed']);
      expect(await outside.depth('dead-letters')).toBe(0);
    });

    it('that does not match its schema is answered with the fields that do not', async () => {
      await start(AnsweringConsumer, submitted);
      const wrong = {
        exchange: 'pulser.tasks',
        routingKey: 'task.submit',
        body: Buffer.from('{"task_type":1}'),
      } as const;
      await expect(outside.request(wrong, soon)).rejects.toMatchObject({
        code: 'invalid_message',
        message: expect.stringContaining('/task_type') as string,
      });
      expect(handled.bodies).toEqual([]);
    });

    it('whose deadline has passed is not handled', async () => {
      const late = { ...order, payload: { operation: 'late' } };
      const { opened, open } = gate();
      handled.behave = () => opened;
      const { publisher } = await start(AnsweringConsumer, { ...submitted, prefetch: 1 });
      const first = ask(publisher);
      await eventually(() => {
        expect(handled.bodies).toHaveLength(1);
      });
      // Without an expiration of its own, the broker would drop it first.
      await outside.publish({
        exchange: 'pulser.tasks',
        routingKey: 'task.submit',
        body: Buffer.from(JSON.stringify(late)),
        replyTo: 'amq.rabbitmq.reply-to.nobody',
        deadline: Date.now() - 1,
        expirationMs: 60_000,
      });
      open();
      await first;
      expect(await ask(publisher)).toBe(null);

      expect(handled.bodies).toEqual(Array(2).fill({ ...order, priority: 'medium' }));
      expect(await outside.depth('router.tasks')).toBe(0);
      expect(await outside.depth('dead-letters')).toBe(0);
    });

    it('whose requester has gone is handled, and that is all', async () => {
      const { opened, open } = gate();
      handled.behave = () => opened;
      await start(AnsweringConsumer, submitted);
      const requester = world.client();
      await requester.broker.connect();
      const asked = new Publisher(requester.broker).request('task.submit', order, { timeoutMs: 60_000 });
      const outcome = expect(asked).rejects.toThrow('the connection was lost');
      await eventually(() => {
        expect(handled.bodies).toHaveLength(1);
      });
      await requester.broker.close();
      await outcome;
      open();

      await eventually(async () => {
        expect(await outside.depth('router.tasks')).toBe(0);
      });
      expect(client.broker.state).toBe('up');
      expect(log.lines).toEqual([]);
    });

    it('that runs when the app closes is answered', async () => {
      const { opened, open } = gate();
      handled.behave = () => opened.then(() => 'done');
      const { close } = await start(AnsweringConsumer, submitted);
      const asked = new Publisher(outside).request('task.submit', order, soon);
      await eventually(() => {
        expect(handled.bodies).toHaveLength(1);
      });
      const closed = close();
      open();
      await closed;

      expect(JSON.parse((await asked).body.toString())).toBe('done');
    });

    it('to a handler of messages is handled and not answered', async () => {
      handled.behave = () => 'nobody gets this';
      const { publisher } = await start(AnsweringConsumer, submitted);
      await expect(publisher.request('tasks.submitted', [], { timeoutMs: 2_000 })).rejects.toThrow('no reply within');

      expect(handled.bodies).toEqual([[]]);
      expect(client.metrics.counts.lateReplies).toBe(0);
    });
  });

  describe('a message to a handler of requests', () => {
    it('that asks for no reply is tried again like any other', async () => {
      handled.behave = () => {
        if (handled.bodies.length < 3) throw gone();
      };
      await start(AnsweringConsumer, submitted);
      await send('task.submit', JSON.stringify(order));

      await eventually(() => {
        expect(handled.bodies).toHaveLength(3);
      });
      expect(log.lines).toEqual(['warn: a message could not be handled, trying again']);
    });
  });

  describe('the publisher', () => {
    it('sends each message to the exchange of its key, with the version', async () => {
      const { publisher } = await start(RouterConsumer, submitted);
      const bindings = [{ exchange: 'pulser.events', pattern: 'task.*' }] as const;
      const events = await inbox(outside, { queue: { temporaryFor: 'tests' }, bindings }, acking);
      const fact = { ...task, agent: 'dash', attempt: 1 } as const;
      await publisher.publish('task.completed', [fact], { headers: { [header.traceparent]: '00-1-2-01' } });

      await eventually(() => {
        expect(events.deliveries).toHaveLength(1);
      });
      const [delivery] = events.deliveries;
      expect(delivery).toMatchObject({ exchange: 'pulser.events', routingKey: 'task.completed' });
      expect(delivery?.headers).toMatchObject({ [header.version]: 1, [header.traceparent]: '00-1-2-01' });
      expect(JSON.parse(delivery?.body.toString() ?? '')).toEqual([fact]);
    });

    it('minds whether orders arrive, not whether events do', async () => {
      const { publisher } = await start(RouterConsumer, submitted);
      await publisher.publish('tasks.submitted', [{ ...task, priority: 'high' }]);
      await publisher.publish('task.cancelled', [{ ...task, agent: 'dash', attempt: 1 }]);

      await eventually(() => {
        expect(handled.bodies).toEqual([[{ ...task, priority: 'high' }]]);
      });
      expect(client.metrics.counts.returned).toBe(0);
    });
  });
});
