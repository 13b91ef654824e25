// Workers and gateways at the coordinator, each as its own user of a real broker.
import { fileURLToPath } from 'node:url';

import { newCallId, systemActor, TenantSettings } from '@pulser/context-bus';
import { ToolCallReply, type ToolCaller } from '@pulser/contracts';
import { agentOfUser, Publisher, RabbitBroker, RequestFailed } from '@pulser/messaging';
import { eventually, TestVirtualHost } from '@pulser/testing';

import { CoordinatorUnderTest } from './coordinator-under-test.js';
import { programOf } from './upstreams-under-test.js';

const servers = {
  plain: {
    command: process.execPath,
    args: [programOf('plain'), '{}'],
    pulser: {
      flags: { echo: 'read', wait: 'read', process: 'write' },
      view: ['dash'],
      allow: ['echo', 'wait', 'process'],
    },
  },
  everything: {
    command: process.execPath,
    args: [fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js')), 'stdio'],
    pulser: { flags: { 'get-sum': 'read' }, view: ['maya'], allow: ['get-sum'] },
  },
};

interface Asked {
  readonly tool: string;
  readonly given: object;
  readonly callId: string;
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('a request to the coordinator', () => {
  let host: TestVirtualHost;
  let under: CoordinatorUnderTest;
  const brokers = new Map<string, RabbitBroker>();

  beforeAll(async () => {
    host = await TestVirtualHost.make();
    const broker = { AMQP_URL: host.urlOf('mcp-coordinator'), AMQP_NAMESPACE: '' };
    under = await CoordinatorUnderTest.start(servers, broker);
    for (const user of ['worker-dash', 'worker-maya', 'gateway', 'router']) {
      const connected = new RabbitBroker({ url: host.urlOf(user), name: user, log: quiet });
      await connected.connect();
      brokers.set(user, connected);
    }
    await under.offers('plain__echo', 'plain__wait', 'everything__get-sum');
  });

  afterAll(async () => {
    await Promise.all([...brokers.values()].map((broker) => broker.close()));
    await under.close();
    await host.drop();
  });

  const publisherOf = (user: string): Publisher => {
    const broker = brokers.get(user);
    if (broker === undefined) throw new Error(`There is no ${user}`);
    return new Publisher(broker);
  };

  const running = async (agent: string): Promise<Extract<ToolCaller, { kind: 'task' }>> => {
    const [row] = await under.server.query<{ task_id: string }>(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, status, epoch, due_at, attempts)
       values ($1, 'analytics', $2, '{}', 'running', 1, now() + interval '1 hour', 1) returning task_id`,
      [under.tenantId, agent],
    );
    return { kind: 'task', tenant_id: under.tenantId, task_id: row?.task_id ?? '', epoch: 1 };
  };

  const key = async (tools?: readonly string[]): Promise<ToolCaller> => {
    await under.key(tools);
    const [row] = await under.server.query<{ key_id: string }>(
      'select key_id from api_key order by created_at desc limit 1',
    );
    const name = { name: 'test', role: 'operator' } as const;
    return { kind: 'principal', tenant_id: under.tenantId, key_id: row?.key_id ?? '', ...name };
  };

  const ask = async (
    user: string,
    caller: ToolCaller,
    { tool = 'plain__echo', given = { text: 'hello' }, callId = newCallId() }: Partial<Asked> = {},
  ): Promise<ToolCallReply> => {
    const order = { call_id: callId, caller, tool, arguments: { ...given } };
    const { body } = await publisherOf(user).request('tool.call', order, { timeoutMs: 20_000 });
    return ToolCallReply.parse(JSON.parse(body.toString()));
  };

  const codeOf = async (reply: Promise<ToolCallReply>): Promise<string | undefined> => {
    const settled = await reply;
    return settled.ok ? undefined : settled.error.code;
  };

  it('of a worker is for the task that it has, and of a gateway for a key', async () => {
    expect(await ask('worker-dash', await running('dash'))).toMatchObject({
      ok: true,
      result: { structured: { text: 'hello' } },
    });
    expect(await ask('gateway', await key())).toMatchObject({ ok: true, result: { structured: { text: 'hello' } } });
  });

  it('reaches a server of npm that the file attaches, from tasks of its view and from keys', async () => {
    const order = { tool: 'everything__get-sum', given: { a: 2, b: 3 } };
    for (const reply of [
      await ask('worker-maya', await running('maya'), order),
      await ask('gateway', await key(['everything__*']), order),
    ])
      expect(reply).toMatchObject({ ok: true, result: { content: [{ text: 'The sum of 2 and 3 is 5.' }] } });
    expect(await codeOf(ask('worker-dash', await running('dash'), order))).toBe('not_allowed');
  });

  it('is not allowed in the name of another agent, another claim, or another kind of caller', async () => {
    const [dash, pulser] = [await running('dash'), await running('pulser')];
    expect(await codeOf(ask('worker-dash', pulser))).toBe('not_allowed');
    expect(await codeOf(ask('worker-maya', dash))).toBe('not_allowed');
    expect(await codeOf(ask('worker-dash', { ...dash, epoch: 2 }))).toBe('not_allowed');
    expect(await codeOf(ask('worker-dash', { ...dash, tenant_id: pulser.task_id }))).toBe('not_allowed');
    expect(await codeOf(ask('worker-dash', await key(['*'])))).toBe('not_allowed');
    expect(await codeOf(ask('gateway', dash))).toBe('not_allowed');
    // In no view of its agent.
    expect(await codeOf(ask('worker-maya', await running('maya')))).toBe('not_allowed');
  });

  it('of whoever is neither is not even taken by the broker', async () => {
    const order = { call_id: newCallId(), caller: await running('dash'), tool: 'plain__echo', arguments: {} };
    await expect(publisherOf('router').request('tool.call', order, { timeoutMs: 5_000 })).rejects.toThrow();
  });

  it('for what only gateways may know is refused to workers', async () => {
    const read = publisherOf('worker-dash').request('tools.read', { what: 'pins' }, { timeoutMs: 20_000 });
    await expect(read).rejects.toThrow(RequestFailed);
    await expect(read).rejects.toMatchObject({ code: 'not_allowed' });
    const review = { server: 'plain', tool: 'echo', digest: '0'.repeat(64), by: 'me' };
    const asked = publisherOf('worker-dash').request('tools.review', review, { timeoutMs: 20_000 });
    await expect(asked).rejects.toMatchObject({ code: 'not_allowed' });
    const { body } = await publisherOf('gateway').request('tools.read', { what: 'pins' }, { timeoutMs: 20_000 });
    expect(JSON.parse(body.toString())).toMatchObject({
      pins: expect.arrayContaining([expect.objectContaining({ tool: 'echo' })]) as unknown,
    });
  });

  const list = async (user: string, caller: ToolCaller): Promise<string[]> => {
    const { body } = await publisherOf(user).request('tools.read', { what: 'tools', caller }, { timeoutMs: 20_000 });
    return (JSON.parse(body.toString()) as { tools: { name: string }[] }).tools.map(({ name }) => name).sort();
  };

  it('of a person of the identity provider has what the tenant names for the role, and else what only reads', async () => {
    const person = (role: 'operator' | 'admin'): ToolCaller => ({
      ...{ kind: 'principal', tenant_id: under.tenantId, key_id: null, name: 'ada@example.com', role },
    });
    const write = { tool: 'plain__process', given: {} };
    expect(await list('gateway', person('admin'))).toEqual(['everything__get-sum', 'plain__echo', 'plain__wait']);
    expect(await codeOf(ask('gateway', person('admin'), write))).toBe('not_allowed');

    const setting = { name: 'person-tools', value: { admin: ['plain__*'] }, expected: 'whatever' } as const;
    await new TenantSettings(under.database).put(under.tenantId, systemActor('test'), setting);
    await eventually(async () => {
      expect(await list('gateway', person('admin'))).toEqual(['plain__echo', 'plain__process', 'plain__wait']);
    });
    // Seen; the entry of the server names no tenant for which it writes.
    expect(await codeOf(ask('gateway', person('admin'), write))).toBe('not_configured');
    expect(await list('gateway', person('operator'))).toEqual(['everything__get-sum', 'plain__echo', 'plain__wait']);
    expect(await codeOf(ask('gateway', person('operator'), write))).toBe('not_allowed');
  });

  it('lists the servers, and the tools in the view of the caller', async () => {
    expect(await list('worker-dash', await running('dash'))).toEqual(['plain__echo', 'plain__process', 'plain__wait']);
    expect(await list('worker-maya', await running('maya'))).toEqual(['everything__get-sum']);
    expect(await list('gateway', await key(['*__wait']))).toEqual(['plain__wait']);
    const { body } = await publisherOf('gateway').request('tools.read', { what: 'servers' }, { timeoutMs: 20_000 });
    const { servers: all } = JSON.parse(body.toString()) as { servers: object[] };
    expect(all).toContainEqual(expect.objectContaining({ name: 'plain', state: 'ready', tools: 6, last_error: null }));
  });

  it('shows one server with its life, and only to gateways', async () => {
    const find = async (user: string, name: string): Promise<unknown> => {
      const read = { what: 'server', name, tenant_id: under.tenantId } as const;
      const { body } = await publisherOf(user).request('tools.read', read, { timeoutMs: 20_000 });
      return (JSON.parse(body.toString()) as { server: unknown }).server;
    };
    expect(await find('gateway', 'plain')).toMatchObject({
      ...{ name: 'plain', is_own: false, transport: 'stdio', starts: 1, variables: [] },
      changes: [{ state: 'ready' }, { state: 'starting', error: null }],
    });
    expect(await find('gateway', 'nothing')).toBeNull();
    await expect(find('worker-dash', 'plain')).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('finds tools by what is to be done, with what persons want to know of them', async () => {
    const search = { query: 'say the same again', limit: 1 };
    const read = { what: 'tools', caller: await key(), search, brief: true } as const;
    const { body } = await publisherOf('gateway').request('tools.read', read, { timeoutMs: 60_000 });
    expect(JSON.parse(body.toString())).toEqual({
      tools: [
        expect.objectContaining({ name: 'plain__echo', agents: ['dash'], not_configured: null, input_schema: {} }),
      ],
    });
  }, 90_000);

  it('ends when whoever called does not wait any more', async () => {
    const callId = newCallId();
    const late = ask('worker-dash', await running('dash'), { tool: 'plain__wait', given: { ms: 60_000 }, callId });
    const ended = codeOf(late);
    await eventually(() => {
      expect(under.upstreams.states()).toContainEqual(expect.objectContaining({ server: 'plain', inFlight: 1 }));
    });
    await publisherOf('worker-dash').publish('tool.cancelled', { call_id: callId });
    expect(await ended).toBe('timeout');
  });

  it('that asks for no direct reply is not handled', async () => {
    const order = { call_id: newCallId(), caller: await running('dash'), tool: 'plain__echo', arguments: {} };
    await publisherOf('worker-dash').publish('tool.call', order);
    await eventually(async () => {
      expect(await host.use((channel) => channel.checkQueue('dead-letters'))).toMatchObject({ messageCount: 1 });
    });
    const made = await under.server.query('select from tool_call where call_id = $1', [order.call_id]);
    expect(made).toEqual([]);
  });

  it('names its sender as the broker knows it', () => {
    for (const [user, broker] of brokers)
      expect(agentOfUser(broker.user)).toBe(user.startsWith('worker-') ? user.slice('worker-'.length) : undefined);
  });
});
