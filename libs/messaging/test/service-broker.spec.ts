import {
  BaseEnv,
  Env,
  SharedResources,
  Metrics,
  startFailure,
  startService,
  type RunningService,
  type ServiceDefinition,
} from '@pulser/service-kit';
import { eventually, TestVirtualHost } from '@pulser/testing';

import {
  amqpEnv,
  Broker,
  BrokerUnavailable,
  InProcessBroker,
  MessagingModule,
  Publisher,
  serviceBroker,
  type MessagingOptions,
} from '../src/index.js';
import { AmqpProxy } from './amqp-proxy.js';
import { amqpUrl, rabbitWorld } from './rabbit-world.js';

class TestEnv extends Env({ ...BaseEnv, ...amqpEnv }) {}

const service = (options: MessagingOptions): ServiceDefinition<TestEnv> => ({
  name: 'test',
  defaultPort: 0,
  env: TestEnv,
  module: (env) => ({
    module: class Root {},
    imports: [MessagingModule.forRoot(serviceBroker(env), options)],
  }),
});

interface StartOptions extends MessagingOptions {
  /** Listens to HTTP on a free port. */
  readonly listens?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
}

const fact = {
  task_id: '0190d3a5-7c3e-7b1e-8a0a-1f2e3d4c5b6a',
  tenant_id: '0190d3a5-7c3e-7b1e-8a0a-1f2e3d4c5b6b',
  task_type: 'analytics',
  agent: 'dash',
  attempt: 1,
} as const;

describe('the broker of a service', () => {
  const running: RunningService[] = [];
  const world = rabbitWorld();

  const start = async (
    url: string,
    { listens = false, variables = {}, ...options }: StartOptions = {},
    host = new SharedResources(),
  ): Promise<RunningService> => {
    const env = TestEnv.read({
      LOG_LEVEL: 'silent',
      AMQP_URL: url,
      AMQP_NAMESPACE: world.namespace,
      ...(listens && { PORT: '0' }),
      ...variables,
    });
    const started = await startService(service(options), { env, host });
    running.push(started);
    return started;
  };

  afterEach(async () => {
    for (const { close } of running.splice(0)) await close();
  });

  afterAll(async () => {
    await world.remove();
  });

  it('is RabbitMQ in a process of its own, and shows how that fares in the metrics', async () => {
    const { app } = await start(amqpUrl());
    const mandatory = { mandatory: true };
    await expect(app.get(Publisher).publish('task.cancelled', [fact], mandatory)).rejects.toThrow('no queue takes');

    const text = await app.get(Metrics).text();
    expect(text).toContain('pulser_broker_state{state="up"} 1');
    expect(text).toContain('pulser_broker_state{state="down"} 0');
    expect(text).toContain('pulser_broker_returned_total 1');
  });

  it('is the one that its process shares, over a client of its own', async () => {
    const host = new SharedResources().provide(InProcessBroker, new InProcessBroker());
    const [one, two] = [await start('amqp://unused', {}, host), await start('amqp://unused', {}, host)];
    await one.app.get(Publisher).publish('tasks.submitted', []);
    expect(await two.app.get(Broker).depth('router.tasks')).toBe(1);

    await one.close();
    expect(one.app.get(Broker).state).toBe('down');
    expect(two.app.get(Broker).state).toBe('up');
  });

  describe('that is away at the start', () => {
    let proxy: AmqpProxy;

    beforeEach(async () => {
      proxy = await new AmqpProxy().listen();
      await proxy.stop();
    });

    afterEach(async () => {
      await proxy.stop();
    });

    const readiness = async ({ url }: RunningService): Promise<{ status: number; body: unknown }> => {
      const answer = await fetch(`${url}/health/ready`);
      return { status: answer.status, body: await answer.json() };
    };

    it('is waited for: the service is not ready, its publishes fail fast, then all is well', async () => {
      const early = await start(proxy.url, { listens: true });
      expect(await readiness(early)).toMatchObject({
        status: 503,
        body: { ok: false, checks: { broker: { ok: false, detail: 'broker down' } } },
      });
      const publisher = early.app.get(Publisher);
      const asked = performance.now();
      await expect(publisher.publish('tasks.submitted', [])).rejects.toThrow(BrokerUnavailable);
      // One that waited for a confirm would give up after 10 s.
      expect(performance.now() - asked).toBeLessThan(8_000);

      await proxy.listen();
      await eventually(async () => {
        expect(await readiness(early)).toMatchObject({ status: 200, body: { checks: { broker: { ok: true } } } });
      });
      await publisher.publish('tasks.submitted', []);
    });

    it('leaves a service ready that does its work without it', async () => {
      const early = await start(proxy.url, { listens: true, withoutBroker: 'work waits' });
      expect(await readiness(early)).toMatchObject({
        status: 200,
        body: { ok: true, checks: { broker: { ok: true, detail: 'broker down, work waits' } } },
      });
    });
  });

  describe('that refuses the service keeps it from starting, with one line:', () => {
    const lineOf = async (url: string, variables = {}): Promise<string> => {
      const error: unknown = await start(url, { variables }).catch((reason: unknown) => reason);
      return startFailure('test', error).line;
    };

    const changed = (change: Partial<URL>): string => Object.assign(new URL(amqpUrl()), change).href;

    it('wrong credentials', async () => {
      expect(await lineOf(changed({ password: 'wrong' }))).toMatch(
        /^test cannot start: the broker is not available: it refuses the credentials \([^\n]*403[^\n]*\): set the user and password in AMQP_URL$/,
      );
    });

    it('an unknown virtual host', async () => {
      expect(await lineOf(changed({ pathname: '/nowhere' }))).toMatch(
        /^test cannot start: the broker is not available: it refuses the virtual host: set one in AMQP_URL [^\n]+$/,
      );
    });

    it('queues of dispatches of another type', async () => {
      await world.behindTheScenes(async (channel) => {
        await channel.deleteQueue(world.named('agent.dash'));
        await channel.assertQueue(world.named('agent.dash'), { arguments: { 'x-queue-type': 'quorum' } });
      });
      expect(await lineOf(amqpUrl(), { DISPATCH_QUEUE: 'classic' })).toMatch(
        /^test cannot start: the broker is not available: the queue [\w-]+\.agent\.\w+ is a quorum one and DISPATCH_QUEUE is classic: delete the queue, whose tasks are then dispatched again, or set DISPATCH_QUEUE=quorum for every service$/,
      );
    });

    it('a permission that is missing', async () => {
      const host = await TestVirtualHost.make();
      try {
        // The definitions permit the names without the namespace that this service has.
        expect(await lineOf(host.urlOf('worker-dash'))).toMatch(
          /^test cannot start: the broker is not available: it refused what we need of it \([^\n]*403[^\n]*\): give the user in AMQP_URL this permission$/,
        );
      } finally {
        await host.drop();
      }
    });
  });
});
