import {
  BaseEnv,
  Env,
  SharedResources,
  Metrics,
  startService,
  type RunningService,
  type ServiceDefinition,
} from '@pulser/service-kit';

import { amqpEnv, Broker, InProcessBroker, MessagingModule, Publisher, serviceBroker } from '../src/index.js';
import { amqpUrl, rabbitWorld } from './rabbit-world.js';

class TestEnv extends Env({ ...BaseEnv, ...amqpEnv }) {}

const service: ServiceDefinition<TestEnv> = {
  name: 'test',
  defaultPort: 0,
  env: TestEnv,
  module: (env) => ({
    module: class Root {},
    imports: [MessagingModule.forRoot(serviceBroker(env))],
  }),
};

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

  const start = async (url: string, host = new SharedResources()): Promise<RunningService> => {
    const env = TestEnv.read({ LOG_LEVEL: 'silent', AMQP_URL: url, AMQP_NAMESPACE: world.namespace });
    const started = await startService(service, { env, host });
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
    const host = new SharedResources().share(InProcessBroker, new InProcessBroker());
    const [one, two] = [await start('amqp://unused', host), await start('amqp://unused', host)];
    await one.app.get(Publisher).publish('tasks.submitted', []);
    expect(await two.app.get(Broker).depth('router.tasks')).toBe(1);

    await one.close();
    expect(one.app.get(Broker).state).toBe('down');
    expect(two.app.get(Broker).state).toBe('up');
  });

  it('keeps the service from starting when it cannot be reached', async () => {
    await expect(start('amqp://127.0.0.1:1')).rejects.toThrow('the broker is not available: it cannot be reached');
  });
});
