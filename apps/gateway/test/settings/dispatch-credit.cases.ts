import { exchange, type MessageBody, type Priority } from '@pulser/contracts';
import { InProcessBroker, type InProcessClient, Publisher } from '@pulser/messaging';
import { SharedResources } from '@pulser/service-kit';
import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import { GatewayUnderTest } from '../gateway-under-test.js';

type Report = MessageBody<'dispatch.reported'>;

/** A router as far as a gateway knows one: it hears its reports and gives it credit. */
class CreditingRouter {
  readonly reports: Report[] = [];

  constructor(
    private readonly broker: InProcessClient,
    private readonly name: string,
  ) {}

  async listen(): Promise<void> {
    const bindings = [{ exchange: exchange.events.name, pattern: 'dispatch.reported' }];
    await this.broker.consume({ queue: { temporaryFor: 'reports' }, bindings, prefetch: 10 }, (delivery) => {
      this.reports.push(JSON.parse(delivery.body.toString()) as Report);
      delivery.ack();
    });
  }

  get gateway(): string {
    return this.reports[0]?.gateway ?? '';
  }

  grant(until: Record<Priority, number>): Promise<void> {
    const grant = { gateway: this.gateway, agent: 'dash', task_types: ['analytics'], until, tasks_per_message: 10 };
    return new Publisher(this.broker).publish('dispatch.granted', { router: this.name, grants: [grant] });
  }
}

describe('a gateway with credit from the routers', () => {
  const core = new InProcessBroker();
  const broker = core.client();
  const router = new CreditingRouter(broker, 'router-1');
  const other = new CreditingRouter(broker, 'router-2');
  let gateway: GatewayUnderTest;
  let client: Client;

  beforeAll(async () => {
    await broker.connect();
    await Promise.all([router, other].map((one) => one.listen()));
    const nobody = { AMQP_URL: 'amqp://127.0.0.1:1' };
    gateway = await GatewayUnderTest.start(() => nobody, new SharedResources().provide(InProcessBroker, core));
    ({ client } = await gateway.client());
  });

  afterAll(async () => {
    await gateway.stop();
    await broker.close();
  });

  const depths = () => ({ worker: core.depth('agent.dash'), router: core.depth('router.tasks') });

  /** Submits tasks until one more message is in this queue, as an earlier grant may still hold. */
  const submitUntil = async (queue: keyof ReturnType<typeof depths>, priority: Priority = 'medium'): Promise<void> => {
    const before = depths()[queue];
    await eventually(async () => {
      await client.submit({ priority });
      expect(depths()[queue]).toBeGreaterThan(before);
    });
  };

  it('has none at first: tasks go to the router, and the gateway says what it would send', async () => {
    await client.submit();
    await eventually(() => {
      expect(depths()).toEqual({ worker: 0, router: 1 });
      expect(router.reports[0]).toMatchObject({ wanted: ['analytics'], sent: [], totals: [] });
    });
  });

  it('sends tasks to the workers itself as far as it goes, then to the router, and reports what it sent', async () => {
    await router.grant({ high: 3, medium: 2, low: 0 });
    await submitUntil('worker');
    const { router: before } = depths();
    await client.submit();
    await client.submit();
    await eventually(() => {
      expect(depths()).toEqual({ worker: 2, router: before + 1 });
      expect(router.reports.flatMap(({ sent }) => sent).reduce((sum, { tasks }) => sum + tasks, 0)).toBe(2);
      expect(router.reports.at(-1)?.totals).toEqual([{ agent: 'dash', tasks: 2 }]);
    });
  });

  it('has it by priority, as a window has room', async () => {
    await router.grant({ high: 10, medium: 10, low: 0 });
    await submitUntil('worker', 'high');
    await submitUntil('router', 'low');
  });

  it('is told that it has none any more as soon as older tasks wait', async () => {
    await router.grant({ high: 100, medium: 100, low: 100 });
    await submitUntil('worker');
    await router.grant({ high: 0, medium: 0, low: 0 });
    await submitUntil('router');
  });

  it('needs the agreement of all routers', async () => {
    await router.grant({ high: 100, medium: 100, low: 100 });
    await other.grant({ high: 0, medium: 0, low: 0 });
    await submitUntil('router');
    await other.grant({ high: 100, medium: 100, low: 100 });
    await router.grant({ high: 100, medium: 100, low: 100 });
    await submitUntil('worker');
  });

  it('has none any more a second after the last router was heard', async () => {
    await router.grant({ high: 1_000, medium: 1_000, low: 1_000 });
    await submitUntil('worker');
    await submitUntil('router');
  });
});
