import { testClient, type TestClient, withoutVariables } from '@pulser/mcp-server-kit/testing';
import { type VendorServer, vendorServer } from '@pulser/testing/vendor';

import { type McpEcosystem, pulserHub } from '../src/index.js';

const plan = {
  name: 'release-shop',
  version: 3,
  definition: {
    steps: [
      { name: 'render', task_type: 'infrastructure', payload: {} },
      { name: 'gate', needs: ['render'], approval: { title: 'Go?' } },
      { name: 'pause', needs: ['gate'], wait: { for_s: 5 } },
    ],
  },
};
const runId = '01985cf0-0000-7000-8000-000000000001';

describe('Pulser as a backend', () => {
  let pulser: VendorServer;
  let client: TestClient;
  let variables: Record<string, string>;

  beforeAll(async () => {
    pulser = await vendorServer(({ method, path, query, headers, body }) => {
      const problem = (status: number, code: string, detail: string) => ({ status, json: { status, code, detail } });
      if (headers['authorization'] !== 'Bearer plsr_0123456789') return problem(401, 'unauthorized', 'No key');
      if (path === '/api/v1/workflows/release-shop') return { json: plan };
      if (method !== 'POST' || path !== '/api/v1/tasks') return problem(404, 'not_found', 'There is no such workflow');
      const { payload } = body as { payload: { inputs: Record<string, unknown> } };
      if (payload.inputs['tag'] === undefined) return problem(422, 'invalid_payload', 'inputs.tag is needed');
      if (query.get('dry_run') === 'true') return { json: { agent: 'pulser', status: 'queued', ahead: 0 } };
      return { status: 202, json: { task_id: runId, status: 'queued', links: {} } };
    });
    client = await testClient(pulserHub);
    variables = { PULSER_URL: pulser.url, PULSER_API_KEY: 'plsr_0123456789' };
  });

  afterAll(() => Promise.all([pulser.close(), client.close()]));

  const orchestrate = (args: Record<string, unknown>, idempotencyKey?: string) =>
    client.call('orchestrate_deployment', args, { variables, ...(idempotencyKey !== undefined && { idempotencyKey }) });

  const submissions = () => pulser.requests.filter(({ method, query }) => method === 'POST' && !query.has('dry_run'));

  it('shows what a plan would do, and starts nothing', async () => {
    const { result } = await orchestrate({ plan: 'release-shop', inputs: { tag: 'v1' } });
    expect(result).toEqual({
      dry_run: true,
      plan: 'release-shop',
      version: 3,
      steps: [
        { name: 'render', kind: 'infrastructure', needs: [] },
        { name: 'gate', kind: 'approval', needs: ['render'] },
        { name: 'pause', kind: 'wait', needs: ['gate'] },
      ],
      agent: 'pulser',
      status: 'queued',
      run_id: null,
    });
    expect(submissions()).toHaveLength(0);
  });

  it('runs a plan once for one intended call', async () => {
    const { result } = await orchestrate({ plan: 'release-shop', inputs: { tag: 'v1' }, dry_run: false }, 'call-7');
    expect(result).toMatchObject({ dry_run: false, run_id: runId, status: 'queued' });
    expect(submissions()).toMatchObject([
      {
        headers: { 'idempotency-key': 'call-7' },
        body: {
          task_type: 'orchestration',
          payload: { operation: 'run', workflow: 'release-shop', inputs: { tag: 'v1' } },
        },
      },
    ]);
  });

  it('starts nothing that would be refused, and says why', async () => {
    const before = submissions().length;
    const refused = await orchestrate({ plan: 'release-shop', dry_run: false });
    const unknown = await orchestrate({ plan: 'no-such-plan', dry_run: false });
    expect(refused.error).toMatchObject({ code: 'invalid_args', message: 'Pulser answered 422: inputs.tag is needed' });
    expect(unknown.error?.code).toBe('not_found');
    expect(submissions()).toHaveLength(before);
  });
});

describe('the state of all servers', () => {
  const host: McpEcosystem = {
    servers: [
      { name: 'github', state: 'ready', tools: 18, breaker: 'closed', last_error: null },
      { name: 'docker', state: 'backing-off', tools: 0, breaker: 'open', last_error: 'exited with 1' },
    ],
  };

  it('is what the coordinator says', async () => {
    const client = await testClient(pulserHub);
    const [all, one, none] = await Promise.all([
      client.call('get_mcp_ecosystem_status', {}, { host }),
      client.call('get_mcp_ecosystem_status', { server: 'docker' }, { host }),
      client.call('get_mcp_ecosystem_status', { server: 'gitlab' }, { host }),
    ]);
    expect(all.result).toEqual({ summary: { servers: 2, ready: 1, tools: 18 }, servers: host.servers });
    expect(one.result?.['servers']).toEqual([host.servers[1]]);
    expect(none.error?.code).toBe('not_found');
    await client.close();
  });
});

it('answers nothing without variables, and names the one that is missing', async () => {
  const answers = await withoutVariables(pulserHub);
  expect(new Set(answers.map(({ tool }) => tool)).size).toBe(12);
  for (const { tool, error } of answers) {
    expect({ tool, code: error?.code }).toEqual({ tool, code: 'not_configured' });
    if (tool !== 'get_mcp_ecosystem_status') expect(error?.message).toMatch(/^(ODOO|PULSER)_[A-Z_]+ is not set: /);
  }
});
