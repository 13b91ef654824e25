import type {
  McpPinList,
  McpServerDetail,
  McpServerList,
  McpTool,
  McpToolList,
  ToolCallPage,
  ToolCallView,
  ToolErrorCode,
} from '@pulser/contracts';
import { httpErrors, toolErrorCodes } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import type { Coordinator } from '../coordinator.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('MCP servers, tools and calls', () => {
  let gateway: GatewayUnderTest;
  let coordinator: Coordinator;
  let client: Client;
  let tenantId: string;
  let keyId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ coordinator } = gateway);
    ({ client, tenantId, keyId } = await gateway.client('acme', { role: 'operator' }));
  });

  afterEach(() => {
    coordinator.answer = undefined;
  });

  const call = (more: object = {}, name = 'plain__echo') =>
    client.call(`/api/v1/mcp/tools/${name}/call`, {
      method: 'POST',
      body: { arguments: {}, ...more },
    });

  it('are asked of the coordinator', async () => {
    expect((await client.get<McpServerList>('/api/v1/mcp/servers')).body.servers).toMatchObject([{ state: 'ready' }]);
    expect((await client.get<McpToolList>('/api/v1/mcp/tools')).body.tools).toMatchObject([{ name: 'plain__echo' }]);
  });

  it('are asked for one by one, and a tool by what is to be done', async () => {
    expect((await client.get<McpServerDetail>('/api/v1/mcp/servers/plain')).body).toMatchObject({ name: 'plain' });
    expect(coordinator.reads.at(-1)).toMatchObject({ what: 'server', tenant_id: tenantId });
    expect((await client.get('/api/v1/mcp/servers/other')).status).toBe(404);
    expect((await client.get<McpTool>('/api/v1/mcp/tools/plain__echo')).body).toMatchObject({ name: 'plain__echo' });
    expect((await client.get('/api/v1/mcp/tools/plain__other')).body).toMatchObject({ code: 'unknown_tool' });
    await client.get('/api/v1/mcp/tools?query=say%20it%20again&limit=3&schemas=false');
    expect(coordinator.reads.at(-1)).toMatchObject({
      ...{ what: 'tools', brief: true, search: { query: 'say it again', limit: 3 } },
      caller: { key_id: keyId },
    });
    expect((await client.get('/api/v1/mcp/tools?query=')).status).toBe(400);
  });

  it('are called in the name of the key, whatever else the body says', async () => {
    const order = {
      arguments: { text: 'hi' },
      idempotency_key: 'k',
      approval_id: '019a0000-0000-7000-8000-000000000001',
    };
    const { status, body } = await call(order);
    expect([status, body]).toMatchObject([200, { structured: { ok: true }, content: [{ type: 'text' }] }]);
    expect(coordinator.calls.at(-1)).toMatchObject({
      ...{ tool: 'plain__echo', ...order },
      caller: { kind: 'principal', tenant_id: tenantId, key_id: keyId, role: 'operator' },
    });
    expect((await call({ caller: { kind: 'task' } })).status).toBe(400);
  });

  it.each(toolErrorCodes.map((code) => [code]))('fail with %s as the coordinator says', async (code: ToolErrorCode) => {
    const said = { may_have_run: true, key_spent: true } as const;
    coordinator.answer = ({ call_id }) => ({
      ok: false,
      error: { code, message: 'so it is', call_id, retry_after_s: 3, approval_id: call_id, ...said },
    });
    const { status, body, headers } = await call();
    expect([status, body]).toMatchObject([
      httpErrors[code].status,
      { code, detail: 'so it is', approval_id: expect.any(String) as string, ...said },
    ]);
    expect(headers.get('retry-after')).toBe('3');
  });

  it('fail with unknown_tool for what can be no name, and without an answer within their time', async () => {
    expect((await call({}, 'no.name')).body).toMatchObject({ code: 'unknown_tool' });
    coordinator.answer = () => 'never';
    const { status, body } = await call({ timeout_ms: 100 });
    expect([status, body]).toMatchObject([503, { code: 'server_unavailable' }]);
  });

  it('are listed newest first, by tool, task and outcome, and never those of another tenant', async () => {
    const task = '019a0000-0000-7000-8000-000000000009';
    await gateway.database.query(
      `insert into tool_call (tenant_id, call_id, at, tool, server, flag, agent, task_id, arguments, arguments_hash, outcome)
       select $1, pulser.new_id(), now() + n * interval '1 ms', 'plain__' || n, 'plain', 'read', 'dash', $2, '{"n": 1}', '\\x0a', 'done'
       from generate_series(1, 5) n`,
      [tenantId, task],
    );
    const page = async (query: string) => (await client.get<ToolCallPage>(`/api/v1/mcp/calls${query}`)).body;
    const first = await page(`?task=${task}&limit=3`);
    expect(first.calls.map(({ tool }) => tool)).toEqual(['plain__5', 'plain__4', 'plain__3']);
    expect(first.calls[0]).toMatchObject({ agent: 'dash', outcome: 'done', arguments: { n: 1 }, arguments_hash: '0a' });
    const rest = await page(`?task=${task}&limit=3&before=${first.next_before ?? ''}`);
    expect([rest.calls.map(({ tool }) => tool), rest.next_before]).toEqual([['plain__2', 'plain__1'], null]);
    expect((await page(`?tool=plain__2&task=${task}`)).calls).toHaveLength(1);
    expect((await page(`?outcome=timeout`)).calls).toHaveLength(0);
    expect((await page(`?server=plain&task=${task}&agent=dash`)).calls).toHaveLength(5);
    for (const filter of ['server=other', 'agent=maya', `principal=${keyId}`])
      expect((await page(`?task=${task}&${filter}`)).calls).toHaveLength(0);
    const [newest] = first.calls;
    expect((await client.get<ToolCallView>(`/api/v1/mcp/calls/${newest?.call_id ?? ''}`)).body).toEqual(newest);
    const { client: other } = await gateway.client('other');
    expect((await other.get<ToolCallPage>('/api/v1/mcp/calls')).body.calls).toEqual([]);
    expect((await other.get(`/api/v1/mcp/calls/${newest?.call_id ?? ''}`)).status).toBe(404);
  });

  it('are listed with the name of the key that has called', async () => {
    await gateway.database.query(
      `insert into tool_call (tenant_id, call_id, tool, principal, arguments, arguments_hash, outcome)
       select $1, pulser.new_id(), 'plain__named', who, '{}', '\\x0a', 'done' from unnest($2::text[]) who`,
      [tenantId, [keyId, 'ada@example.com']],
    );
    const { calls } = (await client.get<ToolCallPage>('/api/v1/mcp/calls?tool=plain__named')).body;
    const names = new Map(calls.map(({ principal, principal_name: name }) => [principal, name]));
    expect(names.get(keyId)).toEqual(expect.any(String));
    expect(names.get('ada@example.com')).toBeNull();
  });

  it('have definitions that operators of the installation look at', async () => {
    const { client: operator, keyId: by } = await gateway.operator('operator');
    const [pin] = (await operator.get<McpPinList>('/api/v1/mcp/pins')).body.pins;
    const approve = (digest: string) =>
      operator.fetch('/api/v1/mcp/pins/approve', { method: 'POST', body: { server: 'plain', tool: 'echo', digest } });
    expect((await approve(pin?.digest ?? '')).status).toBe(204);
    expect(coordinator.reviews.at(-1)).toMatchObject({ server: 'plain', tool: 'echo', by });
    expect((await approve('1'.repeat(64))).status).toBe(404);
  });

  it('are cancelled when the client goes', async () => {
    coordinator.answer = () => 'never';
    const before = coordinator.calls.length;
    const gone = new AbortController();
    const calling = fetch(`${gateway.url}/api/v1/mcp/tools/plain__echo/call`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key ?? ''}`, 'content-type': 'application/json' },
      body: '{"arguments": {}}',
      signal: gone.signal,
    });
    const ended = expect(calling).rejects.toThrow();
    await eventually(() => {
      expect(coordinator.calls.length).toBeGreaterThan(before);
    });
    gone.abort();
    await ended;
    await eventually(() => {
      expect(coordinator.cancelled).toContain(coordinator.calls.at(-1)?.call_id);
    });
  });
});
