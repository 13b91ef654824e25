import { Cuttable, eventually, type TestDatabase } from '@pulser/testing';

import type { Client } from './client.js';
import { EventSource } from './event-source.js';
import { GatewayUnderTest } from './gateway-under-test.js';
import { Listener } from './listener.js';

const body = { task_type: 'analytics', payload: { operation: 'query' } };

describe('without its database', () => {
  let gateway: GatewayUnderTest;
  let way: Cuttable;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    // The port of the way is known only once it is open, and what it leads to only when the database is made.
    way = await Cuttable.to(process.env['DATABASE_URL'] ?? '');
    const through = (database: TestDatabase): string => {
      const url = new URL(database.url('pulser_app'));
      url.host = new URL(way.url).host;
      return url.href;
    };
    gateway = await GatewayUnderTest.start((database) => ({ DATABASE_URL: through(database) }));
    ({ client, tenantId } = await gateway.client());
  });

  afterEach(async () => {
    way.mend();
    await eventually(async () => {
      expect((await client.get('/api/v1/tasks')).status).toBe(200);
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await way.close();
  });

  it('answers 503 that says so, and works again when the database is back', async () => {
    const taskId = await client.submit();
    way.cut();
    const answers = [
      await client.call('/api/v1/tasks', { body }),
      await client.call('/api/v1/tasks/batch', { body: { tasks: [body] } }),
      ...(await Promise.all(
        ['/tasks', `/tasks/${taskId}`, `/tasks/${taskId}?wait=1s`, `/tasks/${taskId}/events`, '/agents', '/status'].map(
          (path) => client.get(`/api/v1${path}`),
        ),
      )),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('retry-after'), answer.body]).toMatchObject([
        503,
        '1',
        { code: 'database_unavailable' },
      ]);
    }
    expect((await gateway.stranger.get('/health/ready')).status).toBe(503);
    expect((await gateway.stranger.get('/health/live')).status).toBe(200);
  });

  it('does not take an outage for a wrong key', async () => {
    const { client: newcomer } = await gateway.client('newcomer');
    way.cut();
    expect((await newcomer.get('/api/v1/tasks')).status).toBe(503);
  });

  it('keeps event streams open and goes on when the database is back', async () => {
    const taskId = await client.submit();
    const source = await EventSource.open(client, `/api/v1/tasks/${taskId}/events`);
    await eventually(() => {
      expect(source.events).toHaveLength(1);
    });
    way.cut();
    await gateway.worker.complete(tenantId, taskId);
    await eventually(async () => {
      expect((await client.get('/api/v1/status')).status).toBe(503);
    });
    way.mend();
    await source.ended;
    expect(source.events.at(-1)?.event).toBe('end');
  });
});

describe('without a broker', () => {
  let gateway: GatewayUnderTest;
  let way: Cuttable;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    way = await Cuttable.to(process.env['AMQP_URL'] ?? '');
    way.cut();
    gateway = await GatewayUnderTest.start(() => ({ AMQP_URL: way.url }));
    ({ client, tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await gateway.stop();
    await way.close();
  });

  const waiting = () =>
    eventually(async () => {
      expect(await (await gateway.stranger.fetch('/metrics')).text()).toMatch(/^pulser_task_waiters 1$/m);
    });

  it('starts and is ready, and says what is missing', async () => {
    const answer = await gateway.stranger.get('/health/ready');
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { ok: true, checks: { broker: { ok: true, detail: 'broker down, tasks are accepted and wait' } } },
    ]);
    expect((await client.get('/api/v1/status')).body).toMatchObject({ broker: 'down' });
  });

  it('accepts tasks at once, and counts those of which the router could not be told', async () => {
    const tookMs: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const asked = performance.now();
      await client.submit();
      tookMs.push(performance.now() - asked);
    }
    // A publish is given up after 10 s.
    expect(Math.min(...tookMs)).toBeLessThan(8_000);
    await eventually(async () => {
      const metrics = await (await gateway.stranger.fetch('/metrics')).text();
      expect(metrics).toMatch(/^pulser_task_dispatches_failed_total [1-9]/m);
    });
  });

  it('still answers who waits, long before the time is over', async () => {
    const taskId = await client.submit();
    const asked = performance.now();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    await waiting();
    await gateway.worker.complete(tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'completed' });
    expect(performance.now() - asked).toBeLessThan(50_000);
  });

  it('keeps the stream of a tenant open, and has the page read again when the broker is back', async () => {
    const source = await EventSource.open(client, '/api/v1/events');
    way.mend();
    await eventually(() => {
      expect(source.events.map(({ event }) => event)).toEqual(['ready', 'reset']);
    });
    expect(source.events.at(-1)?.data).toBe('{"reason":"gap"}');
    const listener = await Listener.start(gateway.broker);
    const taskId = await client.submit();
    // Lost by a worker that has no broker either, for instance: the hint makes good for it.
    way.cut();
    await gateway.worker.complete(tenantId, taskId);
    // With a broker there are hints too, one in half a minute.
    await eventually(
      () => {
        expect(source.events.at(-1)).toMatchObject({ event: 'hint', data: expect.stringContaining('tasks') as string });
      },
      { timeoutMs: 25_000 },
    );
    source.close();
    await source.ended;
    await listener.stop();
  });

  it('hears events again when the broker comes', async () => {
    way.mend();
    await eventually(async () => {
      expect((await client.get('/api/v1/status')).body).toMatchObject({ broker: 'up' });
    });
    const listener = await Listener.start(gateway.broker);
    const taskId = await client.submit();
    const asked = performance.now();
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=60s`);
    await waiting();
    // The row says nothing of an end: only who hears of it answers before the minute is over.
    await listener.tell('task.completed', tenantId, taskId);
    expect((await answer).body).toMatchObject({ status: 'queued' });
    expect(performance.now() - asked).toBeLessThan(50_000);
    await listener.stop();
  });
});
