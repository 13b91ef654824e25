// arkie deploys to a cluster: through gateway, router, worker and MCP coordinator as processes of their own, with a local API
// server that has the controllers of deployments.
import type { ApprovalPage } from '@pulser/contracts';
import { newSecretsKey } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';
import { DeploymentController, FakeApi } from '@pulser/testing/kubernetes';

import { Apart } from './apart.js';

const patience = { timeoutMs: 90_000, everyMs: 100 };
const web = { root: '/apis/apps/v1', resource: 'deployments', namespace: 'web' };

interface Ended {
  readonly task_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly result?: { readonly outcome: string; readonly steps: readonly { step: string; outcome: string }[] };
  readonly error?: { readonly code: string; readonly message: string; readonly details: Record<string, unknown> };
}

describe('a deployment', () => {
  let api: FakeApi;
  let controller: DeploymentController;
  let apart: Apart;
  let decider: string;
  /** Pods of images that are called so start now. */
  let slowStarts = false;

  beforeAll(async () => {
    api = await FakeApi.start();
    api.add('/api/v1', 'namespaces', { metadata: { name: 'web' }, status: { phase: 'Active' } });
    controller = new DeploymentController(api, (image) => {
      if (image.includes('broken')) return false;
      return image.includes('slow') && !slowStarts ? 'later' : true;
    });
    const variables = { SECRETS_KEY: newSecretsKey(), OUTGOING_ORIGINS: api.url, LEASE_S: '5' };
    apart = await Apart.start({ ...variables, MCP_SERVERS_MODE: 'in-process' }, [
      ...(['gateway', 'router', 'mcp-coordinator', 'agents/arkie'] as const),
    ]);
    decider = await apart.tenant('acme');
    await apart.call('/api/v1/secrets/mcp-kubernetes-kubernetes-token', { value: api.token }, {}, 'PUT');
    const value = { kubernetes: { KUBERNETES_URL: api.url } };
    await apart.call('/api/v1/settings/mcp-variables', { value }, {}, 'PUT');
  }, 240_000);

  afterAll(async () => {
    await apart.stop();
    controller.close();
    await api.close();
  });

  const submit = async (name: string, image: string, headers = {}): Promise<string> => {
    const probe = { http: { path: '/', port: 8080 } };
    const service = {
      ...{ name, image: `ghcr.io/example/${image}`, ports: [{ name: 'http', port: 8080 }], replicas: 1 },
      ...{ resources: { cpu: 0.1, memory_mb: 64 }, readiness: probe, liveness: { ...probe, initial_delay_s: 5 } },
    };
    const payload = { operation: 'deploy', description: { name, namespace: 'web', services: [service] }, watch_s: 60 };
    const accepted = await apart.call<Ended>('/api/v1/tasks', { task_type: 'infrastructure', payload }, headers);
    expect(accepted).toHaveProperty('task_id');
    return accepted.task_id;
  };

  const asDecider = () => ({ authorization: `Bearer ${decider}` });

  const approvalsOf = async (taskId: string): Promise<ApprovalPage['approvals']> => {
    const { approvals } = await apart.call<ApprovalPage>('/api/v1/approvals?limit=100', undefined, asDecider());
    return approvals.filter(({ task_id }) => task_id === taskId);
  };

  const decide = async (taskId: string, verdict: 'approve' | 'deny') => {
    const one = await eventually(async () => {
      const [waiting] = await approvalsOf(taskId);
      if (waiting === undefined) throw new Error('There is no approval of the task yet');
      return waiting;
    }, patience);
    expect((await taskOf(taskId)).status).toBe('waiting');
    await apart.call(`/api/v1/approvals/${one.approval_id}/${verdict}`, {}, asDecider());
    return one;
  };

  const taskOf = (taskId: string, headers = {}): Promise<Ended> =>
    apart.call<Ended>(`/api/v1/tasks/${taskId}`, undefined, headers);

  const ended = (taskId: string, headers = {}): Promise<Ended> =>
    eventually(async () => {
      const task = await taskOf(taskId, headers);
      expect(['completed', 'failed']).toContain(task.status);
      return task;
    }, patience);

  const imageOf = (name: string): unknown => {
    const found = api.store.find(web, name) as
      { spec: { template: { spec: { containers: readonly { image: string }[] } } } } | undefined;
    return found?.spec.template.spec.containers[0]?.image.replace('ghcr.io/example/', '');
  };

  /** Requests that changed the deployment; trials are none. */
  const writesOf = (name: string): number =>
    api.seen.filter(
      ({ method, path }) => method !== 'GET' && path.includes(`/deployments/${name}`) && !path.includes('dryRun=All'),
    ).length;

  it('is shown, approved, applied and watched, and a second time changes nothing', async () => {
    const taskId = await submit('shop', 'shop:1');
    const asked = await decide(taskId, 'approve');
    expect(asked.title).toBe('Deploy: 2 created, 0 changed, 0 unchanged');
    expect(asked.arguments).toMatchObject({
      calls: [
        { tool: 'kubernetes__k8s_manifest_apply', arguments: { dry_run: false } },
        { tool: 'kubernetes__k8s_deployment_scale', arguments: { namespace: 'web', name: 'shop', replicas: 0 } },
      ],
      changes: [{ resource: 'Deployment/shop', change: 'create' }, { resource: 'Service/shop' }],
    });
    const { result } = await ended(taskId);
    expect(result).toMatchObject({ outcome: 'deployed', rollouts: [{ deployment: 'web/shop', state: 'complete' }] });
    expect(result?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      ...[
        'render done',
        'validate done',
        'plan done',
        'approval done',
        'apply done',
        'watch done',
        'roll_back skipped',
      ],
    ]);
    expect([imageOf('shop'), writesOf('shop')]).toEqual(['shop:1', 1]);
    const again = await submit('shop', 'shop:1');
    expect((await ended(again)).result).toMatchObject({ outcome: 'unchanged' });
    expect(await approvalsOf(again)).toEqual([]);
    expect(writesOf('shop')).toBe(1);
  }, 120_000);

  it('that is denied changes nothing', async () => {
    const taskId = await submit('denied', 'denied:1');
    await decide(taskId, 'deny');
    expect(await ended(taskId)).toMatchObject({ status: 'failed', error: { code: 'approval_denied' } });
    expect([imageOf('denied'), writesOf('denied')]).toEqual([undefined, 0]);
  }, 120_000);

  it('that does not roll out goes back by what was approved with it, and says so', async () => {
    const first = await submit('cart', 'cart:1');
    await decide(first, 'approve');
    await ended(first);
    const second = await submit('cart', 'cart-broken:2');
    await decide(second, 'approve');
    const { status, error } = await ended(second);
    expect({ status, error }).toMatchObject({
      status: 'failed',
      error: {
        code: 'deployment_failed',
        details: {
          outcome: 'rolled_back',
          steps: expect.arrayContaining([
            expect.objectContaining({ step: 'apply', outcome: 'done' }),
            expect.objectContaining({ step: 'watch', outcome: 'failed' }),
            { step: 'roll_back', outcome: 'done', message: 'web/cart: back to revision 1' },
          ]) as unknown,
        },
      },
    });
    expect(await approvalsOf(second)).toHaveLength(1);
    expect([imageOf('cart'), writesOf('cart')]).toEqual(['cart:1', 3]);
  }, 120_000);

  it('that is new and does not start is stopped', async () => {
    const taskId = await submit('fresh', 'fresh-broken:1');
    await decide(taskId, 'approve');
    expect((await ended(taskId)).error).toMatchObject({
      code: 'deployment_failed',
      details: { outcome: 'rolled_back' },
    });
    expect(api.store.get(web, 'fresh')['spec']).toMatchObject({ replicas: 0 });
  }, 120_000);

  it('goes on where its worker and the coordinator are killed between apply and watch, and is applied once', async () => {
    const taskId = await submit('slow', 'slow:1');
    await decide(taskId, 'approve');
    const isApply = ({ path }: { readonly path: string }): boolean =>
      path.includes('/services/slow?') && !path.includes('dryRun=All');
    await eventually(() => {
      const applied = api.seen.findIndex(isApply);
      const looks = api.seen.slice(applied + 1).filter(({ path }) => path.endsWith('/deployments/slow'));
      expect([applied >= 0, looks.length > 0]).toEqual([true, true]);
    }, patience);
    await Promise.all([apart.end('agents/arkie', 'SIGKILL'), apart.end('mcp-coordinator', 'SIGKILL')]);
    await Promise.all([apart.run('agents/arkie'), apart.run('mcp-coordinator')]);
    slowStarts = true;
    expect(await ended(taskId)).toMatchObject({ status: 'completed', result: { outcome: 'deployed' } });
    expect([writesOf('slow'), api.seen.filter(isApply)]).toEqual([1, [expect.anything()]]);
    expect(await approvalsOf(taskId)).toHaveLength(1);
  }, 180_000);

  it('is refused where the tenant has no cluster, before anybody is asked', async () => {
    const headers = { authorization: `Bearer ${await apart.tenant('other')}` };
    const taskId = await submit('shop', 'shop:1', headers);
    const { status, error } = await ended(taskId, headers);
    expect({ status, error }).toMatchObject({
      status: 'failed',
      error: { code: 'tool_not_configured', message: expect.stringContaining('KUBERNETES') as string },
    });
  }, 120_000);
});
