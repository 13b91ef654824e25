// `/mcp` with real clients of both eras, and real servers of both behind it.
import { fileURLToPath } from 'node:url';

import { ToolPins } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';

import { type AnyClient, clients, newClient, oldClient } from './clients.js';
import { CoordinatorUnderTest } from './coordinator-under-test.js';
import { programOf } from './upstreams-under-test.js';

const everything = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

const node = (...args: string[]) => ({ command: process.execPath, args });
const reads = { flags: { '*': 'read' } };

const servers = {
  old: { ...node(programOf('old')), pulser: reads },
  new: { ...node(programOf('new')), pulser: { ...reads, protocol: '2026-07-28' } },
  plain: {
    ...node(programOf('plain'), '{}'),
    env: { TOKEN: '${env:MCP_TEST_TOKEN}' },
    pulser: {
      flags: { echo: 'read', wait: 'read', environment: 'read', change: 'write' },
      rename: { environment: 'surroundings' },
      allow: ['echo', 'wait', 'environment', 'change', 'hang'],
    },
  },
  everything: {
    ...node(everything, 'stdio'),
    pulser: { flags: { echo: 'read', 'get-*': 'read', 'trigger-long*': 'read' } },
  },
  incomplete: { ...node(programOf('plain')), env: { TOKEN: '${env:MCP_TEST_NOT_SET}' } },
};

describe('/mcp', () => {
  let under: CoordinatorUnderTest;
  let key: string;
  const open: AnyClient[] = [];

  beforeAll(async () => {
    process.env['MCP_TEST_TOKEN'] = 'a-token-of-the-operator';
    under = await CoordinatorUnderTest.start(servers);
    key = await under.key();
    await under.offers('old__add', 'new__add', 'plain__echo', 'everything__echo');
  });

  afterAll(async () => {
    await under.close();
    delete process.env['MCP_TEST_TOKEN'];
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()));
  });

  const connected = async (connect: typeof oldClient, with_ = key): Promise<AnyClient> => {
    const client = await connect(under.url, with_);
    open.push(client);
    return client;
  };

  const post = (headers: Record<string, string>, body: unknown = { jsonrpc: '2.0', id: 1, method: 'tools/list' }) =>
    fetch(under.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify(body),
    });

  describe.each(clients)('with a client of the %s era', (_, revision, connect) => {
    it('lists tools of both eras and calls them', async () => {
      const client = await connected(connect);
      expect(client.revision).toBe(revision);
      const tools = await client.tools();
      expect(tools).toEqual(expect.arrayContaining(['find_tool', 'pulser__ask_agent', 'old__add', 'new__add']));
      for (const server of ['old', 'new']) {
        const answer = await client.call(`${server}__add`, { a: 2, b: 3 });
        expect(answer).toMatchObject({ structuredContent: { sum: 5 }, content: [{ type: 'text', text: '5' }] });
      }
    });

    it('refuses arguments that the schema does not allow before they reach a server', async () => {
      const client = await connected(connect);
      expect(await client.call('old__add', { a: 'two', b: 3 })).toMatchObject({
        isError: true,
        _meta: { 'io.pulser/error': { code: 'invalid_args' } },
      });
    });

    it('says what a failing tool says', async () => {
      const client = await connected(connect);
      const answer = await client.call('new__fail');
      expect(answer).toMatchObject({ isError: true, _meta: { 'io.pulser/error': { code: 'upstream_error' } } });
      expect(JSON.stringify(answer.content)).toContain('as wanted');
    });

    it('knows no tool that the key does not see', async () => {
      const client = await connected(connect);
      expect(await client.tools()).not.toContain('plain__change');
      await expect(client.call('plain__change', { text: 'x' })).rejects.toThrow(/Unknown tool/);
      await expect(client.call('no_such__tool')).rejects.toThrow(/Unknown tool/);
    });

    it('works with a server of npm that the file attaches, progress included', async () => {
      const client = await connected(connect, await under.key(['everything__*']));
      expect(await client.call('everything__echo', { message: 'hello' })).toMatchObject({
        content: [{ type: 'text', text: 'Echo: hello' }],
      });
      expect(await client.call('everything__get-structured-content', { location: 'Chicago' })).toMatchObject({
        structuredContent: { temperature: expect.any(Number) as number },
      });
      const heard: number[] = [];
      const args = { duration: 0.2, steps: 2 };
      await client.call('everything__trigger-long-running-operation', args, (done) => heard.push(done));
      expect(heard[0]).toBe(1);
      // Nobody has said what this one does: persons decide.
      expect(await client.call('everything__toggle-simulated-logging')).toMatchObject({
        _meta: { 'io.pulser/error': { code: 'approval_required', approval_id: expect.any(String) as string } },
      });
    });
  });

  it('is for keys of a tenant alone', async () => {
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: 'Bearer pulser_wrong' })).status).toBe(401);
    expect((await post({ authorization: `Bearer ${key}` })).status).toBe(200);
  });

  it('is for no web page but those that are named', async () => {
    const authorization = `Bearer ${key}`;
    expect((await post({ authorization, origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await post({ authorization, origin: 'http://localhost:6274' })).status).toBe(200);
  });

  it('keeps no session', async () => {
    const answer = await post({ authorization: `Bearer ${key}` });
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    for (const method of ['GET', 'DELETE']) {
      const refused = await fetch(under.url, { method, headers: { authorization: `Bearer ${key}` } });
      expect(refused.status).toBe(405);
    }
  });

  it('gives servers the variables that the file names, and leaves out those whose variable is missing', async () => {
    const client = await connected(oldClient);
    const { structuredContent } = await client.call('plain__surroundings');
    expect(structuredContent).toMatchObject({ TOKEN: 'a-token-of-the-operator' });
    expect(Object.keys(structuredContent as object)).not.toContain('DATABASE_URL');
    const states = under.upstreams.states();
    expect(states.find(({ server }) => server === 'incomplete')).toMatchObject({
      state: 'disabled',
      lastError: 'the variable MCP_TEST_NOT_SET is not set',
    });
  });

  it('writes every call into the audit', async () => {
    const client = await connected(newClient);
    await client.call('plain__echo', { text: 'for the audit' });
    await client.call('plain__change', { text: 'refused' }).catch(() => undefined);
    await eventually(async () => {
      const rows = await under.server.query<{ tool: string; outcome: string }>(
        `select tool, outcome from tool_call where tool like 'plain\\_\\_%' order by at`,
      );
      expect(rows).toEqual(
        expect.arrayContaining([
          { tool: 'plain__echo', outcome: 'done' },
          { tool: 'plain__change', outcome: 'not_allowed' },
        ]),
      );
    });
  });

  it('withdraws a tool whose definition changes, until it is approved', async () => {
    await under.upstreams.call(
      'plain',
      'change',
      { text: 'Sends it away.' },
      { signal: AbortSignal.timeout(60_000), meta: {} },
    );
    await eventually(() => {
      expect(under.registry.find('plain__echo')?.isQuarantined).toBe(true);
    });
    const client = await connected(newClient);
    expect(await client.tools()).not.toContain('plain__echo');
    expect(await client.call('plain__echo', { text: 'x' })).toMatchObject({
      _meta: { 'io.pulser/error': { code: 'server_unavailable' } },
    });
    const pins = under.service.app.get(ToolPins);
    const [pin] = await pins.list(['quarantined']);
    expect(pin).toMatchObject({ server: 'plain', tool: 'echo', approvedDefinition: { name: 'echo' } });
    expect(await pins.approve('plain', 'echo', pin?.digest ?? '', 'an operator')).toBe(true);
    await under.registry.judge('plain');
    expect(await client.tools()).toContain('plain__echo');
    expect(await client.call('plain__echo', { text: 'x' })).toMatchObject({ structuredContent: { text: 'x' } });
  });

  it('follows the file: what is new is started, what is gone is gone, the others go on', async () => {
    const before = under.upstreams.states().find(({ server }) => server === 'new');
    const second = { ...node(programOf('old')), pulser: { ...reads, rename: { add: 'plus' } } };
    under.configure({ ...servers, old: undefined, second });
    await under.offers('second__plus');
    const client = await connected(oldClient);
    const tools = await client.tools();
    expect(tools).toContain('second__plus');
    expect(tools.filter((name) => name.startsWith('old__'))).toEqual([]);
    expect(await client.call('second__plus', { a: 1, b: 1 })).toMatchObject({ structuredContent: { sum: 2 } });
    expect(under.upstreams.states().find(({ server }) => server === 'new')).toMatchObject({
      starts: before?.starts ?? 0,
    });
    under.configure({ broken: 'x' });
  });
});
