import type { WorkflowDiff, WorkflowGraph, WorkflowPlan, WorkflowView } from '@pulser/contracts';

import type { Client } from '../client.js';
import { sharedGateway } from '../shared-gateway.js';

const step = (name: string, more: object = {}) => ({
  name,
  task_type: 'analytics',
  payload: { operation: 'query' },
  ...more,
});

const first = { steps: [step('one'), step('two', { needs: ['one'] })] };
const second = { description: 'Three now', steps: [...first.steps, step('three', { needs: ['two'] })] };

describe('workflows', () => {
  let client: Client;
  let path: string;

  beforeEach(async () => {
    ({ client } = await (await sharedGateway()).client(`flows-${crypto.randomUUID()}`));
    path = '/api/v1/workflows/figures';
  });

  const put = (body: object) => client.call<WorkflowView>(path, { method: 'PUT', body });

  it('are stored in versions that never change; what is the latest already makes none', async () => {
    const made = await put(first);
    expect([made.status, made.body.version, made.body.definition.steps.length]).toEqual([201, 1, 2]);
    expect((await put(first)).status).toBe(200);
    expect((await put(second)).body.version).toBe(2);
    expect((await client.get<WorkflowView>(path)).body).toMatchObject({
      version: 2,
      definition: { description: 'Three now' },
      versions: [{ version: 2 }, { version: 1 }],
    });
    expect((await client.get<WorkflowView>(`${path}?version=1`)).body.definition.description).toBeUndefined();
    expect((await client.get(`${path}?version=3`)).status).toBe(404);
    expect((await client.get('/api/v1/workflows')).body).toMatchObject({
      workflows: [{ name: 'figures', version: 2, steps: 3, description: 'Three now' }],
    });
  });

  it('get one number each, also when many are stored at once', async () => {
    const made = await Promise.all(
      [1, 2, 3, 4].map((n) => put({ steps: [step('one', { payload: { operation: 'query', n } })] })),
    );
    expect(made.map(({ body }) => body.version).sort()).toEqual([1, 2, 3, 4]);
  });

  it('are compared step by step, and drawn', async () => {
    await put(first);
    await put(second);
    expect((await client.get<WorkflowDiff>(`${path}/diff?from=1&to=2`)).body).toMatchObject({
      added: ['three'],
      removed: [],
      changed: [],
    });
    const { body } = await client.get<WorkflowGraph>(`${path}/graph`);
    expect(body.nodes.map(({ name, level }) => [name, level])).toEqual([
      ['one', 0],
      ['two', 1],
      ['three', 2],
    ]);
    expect(body.mermaid).toContain('s_one --> s_two');
    expect(body.svg).toContain('<svg');
  });

  it('are planned without being stored: what is wrong is named by its place', async () => {
    const bad = {
      steps: [
        step('one', { needs: ['two'] }),
        step('two', { needs: ['one'], when: 'steps.nobody.result.ok' }),
        step('three', { payload: { operation: 'dance' } }),
        step('four', { task_type: 'unheard_of' }),
      ],
    };
    const { status, body } = await client.call<WorkflowPlan>('/api/v1/workflows/plan', { body: bad });
    expect([status, body.ok]).toEqual([200, false]);
    expect(body.problems.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/steps', 'circle'],
      ['/steps/1/when', 'not_needed'],
      ['/steps/2/payload/operation', 'invalid_payload'],
      ['/steps/3/task_type', 'invalid_payload'],
    ]);
    const refused = await client.call(path, { method: 'PUT', body: bad });
    expect([refused.status, refused.body]).toMatchObject([422, { code: 'invalid_workflow' }]);
    expect((await client.get(path)).status).toBe(404);
  });

  it('that ran and have no such step are not run again', async () => {
    const none = await client.call(`/api/v1/runs/${crypto.randomUUID()}/rerun`, { body: { from: 'one' } });
    expect(none.status).toBe(404);
    expect((await client.get('/api/v1/runs')).body).toEqual({ runs: [], next_cursor: null });
  });
});
