import { exchange, type MessageBody, type Priority } from '@pulser/contracts';
import { Publisher, RabbitBroker } from '@pulser/messaging';
import { eventually } from '@pulser/testing';

import { newTask, RouterUnderTest } from './router-under-test.js';

type Granted = MessageBody<'dispatch.granted'>;

/** A gateway as far as a router knows one: it reports what it sends, and hears what it may send. */
class ReportingGateway {
  private readonly heard: Granted[] = [];

  private constructor(
    readonly name: string,
    private readonly broker: RabbitBroker,
  ) {}

  static async start(name: string, { broker: { url, namespace } }: RouterUnderTest): Promise<ReportingGateway> {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const broker = new RabbitBroker({ url, namespace, name, log });
    await broker.connect();
    const gateway = new ReportingGateway(name, broker);
    const bindings = [{ exchange: exchange.events.name, pattern: 'dispatch.granted' }];
    await broker.consume({ queue: { temporaryFor: 'grants' }, bindings, prefetch: 10 }, (delivery) => {
      gateway.heard.push(JSON.parse(delivery.body.toString()) as Granted);
      delivery.ack();
    });
    return gateway;
  }

  async report(change: Partial<MessageBody<'dispatch.reported'>> = {}): Promise<void> {
    const report = { gateway: this.name, wanted: ['analytics'], sent: [], totals: [], ...change };
    await new Publisher(this.broker).publish('dispatch.reported', report);
  }

  /** What the newest message says for it. */
  get until(): Record<Priority, number> | undefined {
    return this.heard.at(-1)?.grants.find(({ gateway }) => gateway === this.name)?.until;
  }

  get grants(): number {
    return this.heard.length;
  }

  stop(): Promise<void> {
    return this.broker.close();
  }
}

const plans = (count: number, priority: Priority) => Array.from({ length: count }, () => newTask({ priority }));

describe('the credit that a router gives to gateways', () => {
  let under: RouterUnderTest;
  let gateways: ReportingGateway[];

  beforeEach(async () => {
    under = await RouterUnderTest.start();
    gateways = await Promise.all(['g1', 'g2'].map((name) => ReportingGateway.start(name, under)));
  });

  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await under.stop();
  });

  const one = (): ReportingGateway => gateways[0] ?? missing();
  const two = (): ReportingGateway => gateways[1] ?? missing();

  it('is the room in the queue of the agent, and only for gateways that have tasks', async () => {
    await eventually(async () => {
      await one().report();
      expect(one().until).toEqual({ high: 512, medium: 384, low: 256 });
    });
    expect(two().until).toBeUndefined();
  });

  it('is shared by gateways, and counts on from what each of them has sent', async () => {
    await eventually(async () => {
      await one().report({ totals: [{ agent: 'dash', tasks: 1_000 }] });
      await two().report();
      expect(one().until).toEqual({ high: 1_256, medium: 1_192, low: 1_128 });
      expect(two().until).toEqual({ high: 256, medium: 192, low: 128 });
    });
  });

  it('is less by what is in the queue, whoever sent it', async () => {
    await under.submit(plans(100, 'high'));
    await one().report();
    await eventually(() => {
      expect(one().until).toEqual({ high: 412, medium: 284, low: 156 });
    });
  });

  it('is none for a priority of which older tasks wait in the database', async () => {
    await under.submit(plans(600, 'low'));
    await one().report();
    await eventually(() => {
      expect(one().until).toMatchObject({ low: 0 });
      expect(one().until?.high).toBeGreaterThan(100);
    });
  });

  it('is not given for types that no agent has registered', async () => {
    await one().report({ wanted: ['nobodys'] });
    await eventually(() => {
      expect(one().grants).toBeGreaterThan(1);
    });
    expect(one().until).toBeUndefined();
  });
});

const missing = (): never => {
  throw new Error('No gateway was started');
};
