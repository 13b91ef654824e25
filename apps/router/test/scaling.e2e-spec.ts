import { exchange, type MessageBody } from '@pulser/contracts';
import { RabbitBroker } from '@pulser/messaging';
import { eventually } from '@pulser/testing';

import { newTask, RouterUnderTest } from './router-under-test.js';

type Measured = MessageBody<'scaling.measured'>;

describe('the scaling signal of a router', () => {
  let under: RouterUnderTest;
  let listener: RabbitBroker;
  let heard: Measured[];

  beforeEach(async () => {
    under = await RouterUnderTest.start(1, { WAIT_OBJECTIVES: 'dash=2' });
    heard = [];
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    listener = new RabbitBroker({ url: under.broker.url, namespace: under.broker.namespace, name: 'listener', log });
    await listener.connect();
    const bindings = [{ exchange: exchange.events.name, pattern: 'scaling.measured' }];
    await listener.consume({ queue: { temporaryFor: 'scaling' }, bindings, prefetch: 10 }, (delivery) => {
      heard.push(JSON.parse(delivery.body.toString()) as Measured);
      delivery.ack();
    });
  });

  afterEach(async () => {
    await listener.close();
    await under.stop();
  });

  const ofDash = (): Measured[number] | undefined => heard.at(-1)?.find(({ agent }) => agent === 'dash');

  it('asks for more workers of an agent whose tasks wait too long, and for none of one without tasks', async () => {
    await under.submit(Array.from({ length: 300 }, () => newTask({})));
    await under.server.query(`update task_queue set created_at = now() - interval '60 s'`);
    // 100 slots, as its heartbeat says, none in use.
    await eventually(async () => {
      await under.beat('dash', 0);
      expect(ofDash()).toMatchObject({ workers: 1, slots: 100, waiting: 300, objective_s: 2, desired_workers: 2 });
    });
    expect(ofDash()?.oldest_wait_s).toBeGreaterThan(59);
    expect(heard.at(-1)?.find(({ agent }) => agent === 'maya')).toMatchObject({ desired_workers: 0, objective_s: 10 });
  });
});
