import { exchange, type MessageBody } from '@pulser/contracts';
import { Publisher, RabbitBroker } from '@pulser/messaging';
import { eventually } from '@pulser/testing';

import { newTask, RouterUnderTest } from './router-under-test.js';

const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

describe('tasks of tenants whose event stream is open', () => {
  let under: RouterUnderTest;
  let broker: RabbitBroker;
  const heard: MessageBody<'task.queued'> = [];

  beforeAll(async () => {
    under = await RouterUnderTest.start();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    broker = new RabbitBroker({ ...under.broker, name: 'gateway', log });
    await broker.connect();
    const bindings = [{ exchange: exchange.events.name, pattern: 'task.queued' }];
    await broker.consume({ queue: { temporaryFor: 'test' }, bindings, prefetch: 10 }, (delivery) => {
      heard.push(...(JSON.parse(delivery.body.toString()) as MessageBody<'task.queued'>));
      delivery.ack();
    });
  });

  afterAll(async () => {
    await broker.close();
    await under.stop();
  });

  const watch = (tenants: string[]): Promise<void> =>
    new Publisher(broker).publish('streams.reported', { gateway: 'g1', tenants });

  it('are published when they are ordered and when they are promoted; those of others are not', async () => {
    await under.submit([newTask({ run_at: soon(300) })], { announced: false });
    await eventually(async () => {
      const [row] = await under.server.query<{ status: string }>('select status from task_queue');
      expect(row?.status).not.toBe('scheduled');
    });
    expect(heard).toEqual([]);
    // By then the router has heard that somebody watches.
    const [taskId] = await under.submit([newTask({ run_at: soon(4_000) })], { announced: false });
    await eventually(async () => {
      await watch([under.tenantId]);
      expect(heard).toMatchObject([{ task_id: taskId, tenant_id: under.tenantId, status: 'queued', agent: 'dash' }]);
    });
    await under.order();
    await eventually(() => {
      expect(heard).toMatchObject([{}, { status: 'queued', attempt: 0, tenant_id: under.tenantId }]);
    });
  });
});
