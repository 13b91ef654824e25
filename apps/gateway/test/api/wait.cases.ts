import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import { GatewayUnderTest } from '../gateway-under-test.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

const waiters = async (gateway: GatewayUnderTest): Promise<number> => {
  const metrics = await (await gateway.stranger.fetch('/metrics')).text();
  return Number(/^pulser_task_waiters (\d+)$/m.exec(metrics)?.[1]);
};

const waiting = (gateway: GatewayUnderTest, count: number) =>
  eventually(async () => {
    expect(await waiters(gateway)).toBe(count);
  });

describe('waiting for a task', () => {
  let gateway: GatewayUnderTest;
  let listener: Listener;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    listener = await Listener.start(gateway.broker);
    ({ client, tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await listener.stop();
  });

  it('answers with how the task ended', async () => {
    const taskId = await client.submit();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    await waiting(gateway, 1);
    await gateway.worker.complete(tenantId, taskId, { answer: 42 });
    await listener.tell('task.completed', tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'completed', result: { answer: 42 } });
    await waiting(gateway, 0);
  });

  it('answers as soon as it is told of the end, not when it looks for it', async () => {
    const taskId = await client.submit();
    const asked = performance.now();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    await waiting(gateway, 1);
    // The row says nothing of an end: whoever looks for one there waits for the whole minute.
    await listener.tell('task.completed', tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'queued' });
    expect(performance.now() - asked).toBeLessThan(50_000);
  });

  it('goes on while the task only starts', async () => {
    const taskId = await client.submit();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=30s`);
    await waiting(gateway, 1);
    await gateway.worker.complete(tenantId, taskId);
    await listener.tell('task.started', tenantId, taskId);
    await listener.tell('task.completed', tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'completed' });
  });

  it('answers long before the time is over when the event was lost', async () => {
    const taskId = await client.submit();
    const asked = performance.now();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    await waiting(gateway, 1);
    await gateway.worker.complete(tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'completed' });
    expect(performance.now() - asked).toBeLessThan(50_000);
  });

  it('binds a queue to what workers publish only while a request waits, and for 5 s after', async () => {
    // Of the shared one other cases have streams open.
    const own = await GatewayUnderTest.start();
    const ear = await Listener.start(own.broker);
    const acme = await own.client();
    const taskId = await acme.client.submit();
    expect(await ear.reached(acme.tenantId, taskId)).toBe(false);
    const answer = acme.client.get(`/api/v1/tasks/${taskId}?wait=30s`);
    await waiting(own, 1);
    expect(await ear.reached(acme.tenantId, taskId)).toBe(true);
    await own.worker.complete(acme.tenantId, taskId);
    await ear.tell('task.completed', acme.tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'completed' });
    expect(await ear.reached(acme.tenantId, taskId)).toBe(true);
    await eventually(() => expect(ear.reached(acme.tenantId, taskId)).resolves.toBe(false));
    await ear.stop();
    await own.stop();
  });

  it('answers at once when the task has ended', async () => {
    const taskId = await client.submit();
    await gateway.worker.complete(tenantId, taskId);
    const asked = performance.now();
    await client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    expect(performance.now() - asked).toBeLessThan(50_000);
  });

  it('answers with what the task is when the time is over', async () => {
    const asked = performance.now();
    const answer = await client.get(`/api/v1/tasks/${await client.submit()}?wait=1`);
    expect([answer.status, answer.body]).toMatchObject([200, { status: 'queued' }]);
    expect(performance.now() - asked).toBeGreaterThan(990);
  });

  it('ends when the client goes away', async () => {
    const abort = new AbortController();
    const path = `/api/v1/tasks/${await client.submit()}?wait=60s`;
    const answer = client.fetch(path, { signal: abort.signal }).catch(() => 'gone');
    await waiting(gateway, 1);
    abort.abort();
    expect(await answer).toBe('gone');
    await waiting(gateway, 0);
  });

  it.each(['0', '0s', '61s', '10m', '-1', '1.5', 's', '100'])('cannot be for %s', async (wait) => {
    const answer = await client.get(`/api/v1/tasks/${await client.submit()}?wait=${wait}`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer: '/wait' }] }]);
  });
});

describe('waiting for a task when the gateway stops', () => {
  it('is answered at once with what the task is', async () => {
    const gateway = await (await sharedGateway()).beside();
    const { client } = await gateway.client();
    const taskId = await client.submit();
    const asked = performance.now();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    await waiting(gateway, 1);
    await gateway.service.close();
    expect((await answer).body).toMatchObject({ status: 'queued' });
    expect(performance.now() - asked).toBeLessThan(50_000);
  });
});
