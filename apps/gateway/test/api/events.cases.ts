import { once } from 'node:events';
import { connect } from 'node:net';

import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import { EventSource, type ServerSentEvent } from '../event-source.js';
import { GatewayUnderTest } from '../gateway-under-test.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

const story = (events: readonly ServerSentEvent[]): string[] =>
  events.map(({ event, data }) => {
    const { status } = JSON.parse(data ?? '{}') as { status?: string };
    return status ?? event ?? '';
  });

describe('the events of a task', () => {
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

  const open = (taskId: string, headers?: Record<string, string>, query = '') =>
    EventSource.open(client, `/api/v1/tasks/${taskId}/events${query}`, headers);

  const log = (message: string) => ({ type: 'log', attempt: 1, level: 'info', message });

  it('come as they happen, and an end when none can follow', async () => {
    const taskId = await client.submit();
    const source = await open(taskId);
    await eventually(() => {
      expect(story(source.events)).toEqual(['queued']);
    });
    const claim = await gateway.worker.claim(tenantId, taskId);
    const lines: string[] = [];
    const seenAfterMs: number[] = [];
    for (let place = 1; place <= 10; place += 1) {
      await gateway.worker.events.append({ ...claim, place, body: log(`line ${place}`) });
      lines.push('log');
      const told = performance.now();
      await listener.tell('task.progress', tenantId, taskId);
      await eventually(
        () => {
          expect(story(source.events)).toEqual(['queued', 'running', ...lines]);
        },
        { everyMs: 5 },
      );
      seenAfterMs.push(performance.now() - told);
    }
    // Untold, every one of them would be read a second after the one before.
    expect(Math.min(...seenAfterMs)).toBeLessThan(800);
    await gateway.worker.results.complete(claim, {});
    await listener.tell('task.completed', tenantId, taskId);
    await source.ended;
    expect(story(source.events)).toEqual(['queued', 'running', ...lines, 'completed', 'end']);
  });

  it('carry their number, their type and what the task tells of itself', async () => {
    const taskId = await client.submit();
    await gateway.worker.complete(tenantId, taskId);
    const source = await open(taskId);
    await source.ended;
    expect(source.blocks[0]).toBe('retry: 2000');
    expect(source.blocks[1]).toMatch(
      /^id: 0\nevent: status\ndata: \{"type":"status","at":"[^"]+","status":"queued","attempt":0\}$/,
    );
    expect(source.blocks.at(-1)).toBe('event: end\ndata: {}');
  });

  it('come all the same when the message was lost', async () => {
    const taskId = await client.submit();
    const source = await open(taskId);
    await eventually(() => {
      expect(source.events).toHaveLength(1);
    });
    await gateway.worker.complete(tenantId, taskId);
    await source.ended;
    expect(source.events.at(-1)?.event).toBe('end');
  });

  it.each([
    ['the Last-Event-ID header', (id: string) => ({ headers: { 'last-event-id': id }, query: '' })],
    ['the last_event_id query', (id: string) => ({ headers: {}, query: `?last_event_id=${id}` })],
    ['the header when both come', (id: string) => ({ headers: { 'last-event-id': id }, query: '?last_event_id=0' })],
  ])('resume after the last one seen, by %s', async (_, given) => {
    const taskId = await client.submit();
    await gateway.worker.complete(tenantId, taskId);
    const all = await open(taskId);
    await all.ended;
    const { headers, query } = given(all.events[1]?.id ?? '');
    const rest = await open(taskId, headers, query);
    await rest.ended;
    expect(story(rest.events)).toEqual(['completed', 'end']);
  });

  it('that were all seen end at once', async () => {
    const taskId = await client.submit();
    await gateway.worker.complete(tenantId, taskId);
    const all = await open(taskId);
    await all.ended;
    const rest = await open(taskId, { 'last-event-id': all.events.at(-2)?.id ?? '' });
    await rest.ended;
    expect(story(rest.events)).toEqual(['end']);
  });

  it('are complete however many there are, also after the end', async () => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    await Promise.all(
      Array.from({ length: 2_500 }, (_, n) =>
        gateway.worker.events.append({ ...claim, place: n + 1, body: log(`line ${n}`) }),
      ),
    );
    await gateway.worker.results.complete(claim, {});
    const source = await open(taskId);
    await source.ended;
    expect(source.events).toHaveLength(2_504);
    const messages = source.events
      .slice(2, -2)
      .map(({ data }) => (JSON.parse(data ?? '') as { message: string }).message);
    expect(messages).toEqual(Array.from({ length: 2_500 }, (_, n) => `line ${n}`));
  });

  it('keep the connection alive with comments while nothing happens', async () => {
    const source = await open(await client.submit());
    await eventually(() => {
      expect(source.blocks.filter((block) => block === ': heartbeat').length).toBeGreaterThan(1);
    });
    source.close();
    await source.ended;
  });

  it('are a stream that nothing keeps back, and that other origins may read when they are configured', async () => {
    const source = await open(await client.submit(), { origin: 'https://app.dev' });
    expect(Object.fromEntries(source.response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': 'https://app.dev',
      'x-content-type-options': 'nosniff',
      traceparent: expect.any(String) as string,
    });
    source.close();
    await source.ended;
  });

  it('cost nothing once the client is gone', async () => {
    const streams = async (): Promise<string | undefined> =>
      /^pulser_event_streams (\d+)$/m.exec(await (await gateway.stranger.fetch('/metrics')).text())?.[1];
    const source = await open(await client.submit());
    await eventually(async () => {
      expect(await streams()).toBe('1');
    });
    source.close();
    await eventually(async () => {
      expect(await streams()).toBe('0');
    });
  });

  it.each(['-1', 'abc', '1e3'])('cannot resume after %s', async (id) => {
    const taskId = await client.submit();
    const answer = await client.get(`/api/v1/tasks/${taskId}/events?last_event_id=${id}`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer: '/last_event_id' }] }]);
  });
});

describe('the events of a task when the gateway stops', () => {
  it('end without an end, so that the client comes back to another gateway', async () => {
    const gateway = await (await sharedGateway()).beside();
    const { client } = await gateway.client();
    const source = await EventSource.open(client, `/api/v1/tasks/${await client.submit()}/events`);
    await eventually(() => {
      expect(source.events).toHaveLength(1);
    });
    await gateway.service.close();
    await source.ended;
    expect(story(source.events)).toEqual(['queued']);
  });

  it('are read no faster than the client takes them, and a client that takes none holds up nothing', async () => {
    const gateway = await GatewayUnderTest.start();
    const { client, tenantId } = await gateway.client();
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const body = { type: 'log', attempt: 1, level: 'info', message: 'x'.repeat(20_000) };
    await Promise.all(
      Array.from({ length: 3_000 }, (_, n) => gateway.worker.events.append({ ...claim, place: n + 1, body })),
    );
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/v1/tasks/${taskId}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.key ?? ''}\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.pause();
    // Every buffer on the way is full once the gateway reads no further. Whether the key is still valid, it asks on and on.
    await eventually(async () => {
      const [row] = await gateway.database.query<{ idle: boolean }>(
        // Whether the caller is still let in is asked every second.
        `select coalesce(max(state_change) < now() - interval '1 s', true) as idle from pg_stat_activity
         where application_name = 'pulser-gateway' and datname = current_database() and query not like '%find_api_key%'`,
      );
      expect(row?.idle).toBe(true);
    });
    // Does not resolve while a connection is open.
    await gateway.stop();
    socket.destroy();
  });
});
