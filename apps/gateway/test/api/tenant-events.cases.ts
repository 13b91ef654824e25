import { systemActor, TenantKeys } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import { EventSource, type ServerSentEvent } from '../event-source.js';
import type { GatewayUnderTest, TenantClient } from '../gateway-under-test.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

interface Change {
  readonly task_id: string;
  readonly status: string;
}

const dataOf = ({ data }: ServerSentEvent): unknown => JSON.parse(data ?? '{}');

/** Every change of a task, alone or among others. */
const changesOf = (events: readonly ServerSentEvent[]): Change[] =>
  events.flatMap((event) => {
    if (event.event === 'task') return [dataOf(event) as Change];
    return event.event === 'tasks' ? (dataOf(event) as { changes: Change[] }).changes : [];
  });

const statesOf = (source: EventSource, taskId: string): string[] =>
  changesOf(source.events)
    .filter(({ task_id }) => task_id === taskId)
    .map(({ status }) => status);

const hintsOf = ({ events }: EventSource): string[] =>
  events.filter(({ event }) => event === 'hint').flatMap((event) => (dataOf(event) as { what: string[] }).what);

const open = async (client: Client, headers: Record<string, string> = {}, query = ''): Promise<EventSource> => {
  const source = await EventSource.open(client, `/api/v1/events${query}`, headers);
  await eventually(() => {
    expect(source.events).not.toHaveLength(0);
  });
  return source;
};

const close = async (...sources: readonly EventSource[]): Promise<void> => {
  for (const source of sources) source.close();
  await Promise.all(sources.map(({ ended }) => ended));
};

const idsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}`);

describe('the events of a tenant', () => {
  let gateway: GatewayUnderTest;
  let listener: Listener;

  beforeAll(async () => {
    gateway = await sharedGateway();
    listener = await Listener.start(gateway.broker);
  });

  afterAll(async () => {
    await listener.stop();
  });

  it('show every task from its submission to its end', async () => {
    const { client, tenantId } = await gateway.client('story');
    const source = await open(client);
    expect(source.events[0]).toMatchObject({ event: 'ready', data: '{"resumed":false}' });
    const taskId = await client.submit({ priority: 'high' });
    await eventually(() => {
      expect(changesOf(source.events)).toEqual([
        {
          task_id: taskId,
          task_type: 'analytics',
          operation: 'query',
          agent: 'dash',
          status: 'queued',
          priority: 'high',
          attempt: 0,
          at: expect.any(String) as string,
        },
      ]);
    });
    await listener.tell('task.started', tenantId, taskId);
    await eventually(() => {
      expect(statesOf(source, taskId)).toEqual(['queued', 'running']);
    });
    await listener.tell('task.progress', tenantId, taskId);
    await listener.tell('task.completed', tenantId, taskId);
    await eventually(() => {
      expect(statesOf(source, taskId)).toEqual(['queued', 'running', 'completed']);
    });
    await close(source);
  });

  it('show tasks that start later, batches, and what was cancelled', async () => {
    const { client } = await gateway.client('kinds');
    const source = await open(client);
    const later = await client.submit({ run_at: '2999-01-01T00:00:00Z' });
    const body = { tasks: [{ task_type: 'analytics', payload: { operation: 'query' } }] };
    expect((await client.call('/api/v1/tasks/batch', { body })).status).toBe(202);
    await eventually(() => {
      const states = changesOf(source.events).map(({ status }) => status);
      expect(states.sort()).toEqual(['queued', 'scheduled']);
    });
    await client.call(`/api/v1/tasks/${later}/cancel`, { method: 'POST' });
    await eventually(() => {
      expect(statesOf(source, later)).toEqual(['scheduled', 'cancelled']);
    });
    await close(source);
  });

  it('never reach another tenant', async () => {
    const tenants = [await gateway.client('one'), await gateway.client('other')] as const;
    const sources = await Promise.all(tenants.map(({ client }) => open(client)));
    const own = async ({ client, tenantId }: TenantClient): Promise<string[]> => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => client.submit()));
      await listener.tell('task.completed', tenantId, ...ids);
      await client.call('/api/v1/agents/maya/pause', { method: 'POST' });
      return ids;
    };
    const [ones, others] = await Promise.all(tenants.map(own));
    await eventually(() => {
      for (const source of sources) {
        expect(changesOf(source.events).filter(({ status }) => status === 'completed')).toHaveLength(20);
        expect(hintsOf(source)).toContain('pauses');
      }
    });
    const seen = sources.map(({ events }) => new Set(changesOf(events).map(({ task_id }) => task_id)));
    expect(seen).toEqual([new Set(ones), new Set(others)]);
    const texts = sources.map(({ blocks }) => blocks.join());
    expect(tenants.map(({ tenantId }) => texts.some((text) => text.includes(tenantId)))).toEqual([false, false]);
    await close(...sources);
  });

  it('that came while a client was away follow when it comes back, each once', async () => {
    const { client, tenantId } = await gateway.client('back');
    const first = await open(client);
    const [seen, missed] = [await client.submit(), await client.submit()];
    await eventually(() => {
      expect(changesOf(first.events)).toHaveLength(2);
    });
    await close(first);
    await listener.tell('task.completed', tenantId, seen, missed);
    const id = first.events.at(-1)?.id ?? '';
    const rest = await open(client, { 'last-event-id': id }, '?last_event_id=0000000000000000-0');
    expect(rest.events[0]).toMatchObject({ event: 'ready', data: '{"resumed":true}' });
    await eventually(() => {
      expect(changesOf(rest.events)).toHaveLength(2);
    });
    expect(changesOf(rest.events).map(({ status }) => status)).toEqual(['completed', 'completed']);
    await close(rest);
  });

  it('begin with a reset at a gateway that does not know the last one, which shows all that follows', async () => {
    const { client, tenantId } = await gateway.client('moved');
    const here = await open(client);
    await client.submit();
    await eventually(() => {
      expect(changesOf(here.events)).toHaveLength(1);
    });
    const other = await gateway.beside();
    const there = await open((await other.client('moved')).client, { 'last-event-id': here.events.at(-1)?.id ?? '' });
    expect(there.events[0]).toMatchObject({ event: 'reset', data: '{"reason":"unknown_cursor"}' });
    // Of this gateway, which must know that the other one has the tenant's stream open.
    await close(here);
    const { client: client2, tenantId: tenant2 } = await other.client('elsewhere');
    const elsewhere = await open(client2);
    const key = await new TenantKeys(gateway.worker.database).create(tenant2, systemActor('test'), {
      name: 'here',
      role: 'admin',
      allowedTaskTypes: null,
      expiresInS: null,
    });
    const submitter = new (client.constructor as new (url: string, key: string) => Client)(gateway.url, key.key);
    const taskId = await submitter.submit();
    await eventually(() => {
      expect(statesOf(elsewhere, taskId)).toEqual(['queued']);
    });
    await listener.tell('task.completed', tenantId, taskId);
    await close(elsewhere, there);
    await other.service.close();
  });

  const namedAndLeftOut = (source: EventSource, status: string): readonly [number, number] => {
    const frames = source.events.filter(({ event }) => event === 'tasks').map(dataOf) as {
      changes: Change[];
      left_out: Record<string, number>;
    }[];
    const leftOut = frames.reduce((sum, { left_out }) => sum + (left_out[status] ?? 0), 0);
    return [changesOf(source.events).filter((change) => change.status === status).length, leftOut];
  };

  it('are bounded: of too many at once some are left out, with their number and a hint', async () => {
    const { client, tenantId } = await gateway.client('many');
    const source = await open(client);
    await listener.tell('task.completed', tenantId, ...idsOf(1_000));
    await eventually(() => {
      const [named, leftOut] = namedAndLeftOut(source, 'completed');
      expect(named + leftOut).toBe(1_000);
      expect(leftOut).toBeGreaterThan(700);
      expect(hintsOf(source)).toContain('tasks');
    });
    await close(source);
  });

  it('are bounded where they are published: of too many submissions at once only the number is', async () => {
    const { client } = await gateway.client('crowd');
    const source = await open(client);
    const tasks = Array.from({ length: 400 }, () => ({ task_type: 'analytics', payload: { operation: 'query' } }));
    expect((await client.call('/api/v1/tasks/batch', { body: { tasks } })).status).toBe(202);
    await eventually(() => {
      const [named, leftOut] = namedAndLeftOut(source, 'queued');
      expect(named + leftOut).toBe(400);
      expect(leftOut).toBeGreaterThan(200);
    });
    await close(source);
  });

  it('hint at what changed beside tasks', async () => {
    const { client } = await gateway.client('hints');
    const source = await open(client);
    await client.call('/api/v1/task-types/analytics/pause', { method: 'POST' });
    await eventually(() => {
      expect(hintsOf(source)).toContain('pauses');
    });
    await client.call('/api/v1/dead-letters/discard', { body: { filter: {}, reason: 'old' } });
    await eventually(() => {
      expect(hintsOf(source)).toContain('dead-letters');
    });
    await client.call('/api/v1/task-types/analytics/resume', { method: 'POST' });
    await close(source);
  });

  it('end, also those of one task, with the key that opened them', async () => {
    const { client: admin } = await gateway.client('revoked');
    const { client, keyId } = await gateway.client('revoked', { role: 'viewer' });
    const taskId = await admin.submit();
    const sources = [await open(client), await EventSource.open(client, `/api/v1/tasks/${taskId}/events`)];
    const others = await open(admin);
    await admin.call(`/api/v1/keys/${keyId}`, { method: 'DELETE' });
    await Promise.all(sources.map(({ ended }) => ended));
    expect(sources.flatMap(({ events }) => events.map(({ event }) => event))).not.toContain('end');
    const heartbeats = (): number => others.blocks.filter((block) => block === ': heartbeat').length;
    const before = heartbeats();
    await eventually(() => {
      expect(heartbeats()).toBeGreaterThan(before);
    });
    await close(others);
  });

  it('cost nothing without a stream: no submission is published', async () => {
    const { client } = await gateway.client('unwatched');
    const heard = await listener.hear('task.queued');
    const watched = await gateway.client('watched');
    const source = await open(watched.client);
    const unseen = await client.submit();
    const seen = await watched.client.submit();
    await eventually(() => {
      expect(heard.flat().map(({ task_id }) => task_id)).toContain(seen);
    });
    expect(heard.flat().map(({ task_id }) => task_id)).not.toContain(unseen);
    const streams = async (): Promise<string | undefined> =>
      /^pulser_tenant_streams (\d+)$/m.exec(await (await gateway.stranger.fetch('/metrics')).text())?.[1];
    expect(await streams()).toBe('1');
    await close(source);
    await eventually(async () => {
      expect(await streams()).toBe('0');
    });
  });

  it.each(['-1', 'abc', '6f1de0c5b2a94c11', '6f1de0c5b2a94c11-x', "' or 1=1"])('cannot go on after %j', async (id) => {
    const { client } = await gateway.client('wrong');
    const answer = await client.get(`/api/v1/events?last_event_id=${encodeURIComponent(id)}`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer: '/last_event_id' }] }]);
  });

  it('end when the gateway stops, also for a client that does not read', async () => {
    const other = await gateway.beside();
    const { client } = await other.client('stopped');
    const source = await open(client);
    const deaf = await client.fetch('/api/v1/events');
    // Does not resolve while a connection is open.
    await other.service.close();
    await source.ended;
    await deaf.body?.cancel().catch(() => undefined);
  });
});
