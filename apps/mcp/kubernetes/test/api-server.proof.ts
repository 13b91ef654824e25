// All 18 tools on a real API server with its controllers: `npm run proof:mcp kubernetes`. There are no nodes: what a kubelet
// would report of pods, this proof reports.
import { testClient, type TestCall, type TestClient } from '@pulser/mcp-server-kit/testing';
import { EndpointClient } from '@pulser/outgoing/client';
import { eventually } from '@pulser/testing';

import { fromKubeconfig } from '../src/connection.policy.js';
import { kubernetes } from '../src/index.js';

const kubeconfig = process.env['PROOF_KUBECONFIG'] ?? '';
const namespace = 'proof';
const shop = { namespace, name: 'shop' };

let client: TestClient;
let direct: EndpointClient;

const connection = () => fromKubeconfig(kubeconfig);

/** A request as another client of the cluster would make it. */
const ask = async (
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<Record<string, unknown>> => {
  const { server, headers } = connection();
  const init = {
    method,
    headers: { ...headers, 'content-type': contentType },
    body: body === undefined ? null : JSON.stringify(body),
  };
  const answer = await direct.fetch(`${server}${path}`, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text) as Record<string, unknown>;
};

beforeAll(async () => {
  client = await testClient(kubernetes);
  const { server, tls } = connection();
  direct = new EndpointClient(server, { idleMs: 30_000, maxBytes: 10_000_000, tls });
});

afterAll(async () => {
  await client.close();
  await direct.close();
});

const call = (tool: string, args: Record<string, unknown> = {}, options: TestCall = {}) =>
  client.call(tool, args, { variables: { KUBERNETES_KUBECONFIG: kubeconfig }, ...options });

const result = async (tool: string, args: Record<string, unknown> = {}, options: TestCall = {}) => {
  const answer = await call(tool, args, options);
  if (answer.result === undefined) throw new Error(answer.text);
  return answer.result;
};

interface Pod {
  readonly name: string;
  readonly ready: boolean;
}

const pods = async (): Promise<readonly Pod[]> => (await result('k8s_pod_list', { namespace }))['pods'] as Pod[];

let lastAddress = 1;

/** Reports every pod that is not ready as running and ready. */
const reportReady = async (): Promise<void> => {
  for (const { name } of (await pods()).filter(({ ready }) => !ready)) {
    const conditions = [
      { type: 'Ready', status: 'True' },
      { type: 'ContainersReady', status: 'True' },
    ];
    lastAddress += 1;
    const podIP = `10.1.0.${lastAddress}`;
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
    await ask(
      'PATCH',
      `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      { status },
      'application/merge-patch+json',
    );
  }
};

const complete = () =>
  eventually(async () => {
    await reportReady();
    expect(await result('k8s_rollout_status', shop)).toMatchObject({ state: 'complete' });
  });

describe('a real API server', () => {
  it('has namespaces, each made once, listed in pages', async () => {
    expect(await result('k8s_namespace_create', { name: namespace, labels: { team: 'proof' } })).toMatchObject({
      name: namespace,
      phase: 'Active',
    });
    expect((await call('k8s_namespace_create', { name: namespace })).error?.code).toBe('conflict');
    const first = await result('k8s_namespace_list', { limit: 2 });
    expect(first).toMatchObject({ truncated: true, continue: expect.any(String) as string });
    const second = await result('k8s_namespace_list', { limit: 100, continue: first['continue'] });
    expect(second['truncated']).toBe(false);
    expect(await result('k8s_namespace_list', { label_selector: 'team=proof' })).toMatchObject({
      namespaces: [{ name: namespace }],
    });
    expect((await call('k8s_namespace_list', { continue: 'nonsense' })).error?.code).toBe('invalid_args');
  });

  it('has deployments: tried, made, listed, described, rolled out', async () => {
    const args = { ...shop, image: 'shop:1', replicas: 2, ports: [{ port: 8080 }], env: { SECRET: 'hunter2-hunter2' } };
    expect(await result('k8s_deployment_create', { ...args, dry_run: true })).toMatchObject({ dry_run: true });
    expect(await result('k8s_deployment_list', { namespace })).toMatchObject({ deployments: [] });
    await result('k8s_deployment_create', args);
    expect((await call('k8s_deployment_create', args)).error?.code).toBe('conflict');
    expect((await call('k8s_deployment_create', { ...args, name: 'other', image: ' ' })).error).toMatchObject({
      code: 'invalid_args',
    });
    await complete();
    expect(await result('k8s_deployment_list', { namespace })).toMatchObject({
      deployments: [{ name: 'shop', desired: 2, ready: 2 }],
    });
    const described = await call('k8s_deployment_get', shop);
    expect(described.result).toMatchObject({ revision: 1, containers: [{ image: 'shop:1', env: ['SECRET'] }] });
    expect(described.text).not.toContain('hunter2');
  });

  it('waits for a rollout with progress, and says when it is not complete in time', async () => {
    const manifest = (image: string): string =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: shop, image: "${image}"}]}}}\n`;
    const args = { namespace, manifest: manifest('shop:2'), force_conflicts: true };
    const { objects } = await result('k8s_manifest_apply', args);
    expect(objects).toMatchObject([
      { change: 'change', diff: expect.stringMatching(/-.*shop:1\n\+.*shop:2/) as string },
    ]);
    await result('k8s_manifest_apply', { ...args, dry_run: false });
    expect(await result('k8s_rollout_status', shop)).toMatchObject({ state: 'progressing' });
    const seen: unknown[] = [];
    const waiting = result(
      'k8s_rollout_status',
      { ...shop, wait_s: 60 },
      { onProgress: ({ message }) => seen.push(message) },
    );
    await complete();
    expect(await waiting).toMatchObject({ state: 'complete', revision: 2 });
    expect(seen.length).toBeGreaterThan(0);
  });

  it('scales, restarts and goes back to a revision', async () => {
    expect(await result('k8s_deployment_scale', { ...shop, replicas: 3, expected: 2 })).toMatchObject({
      before: 2,
      after: 3,
    });
    expect((await call('k8s_deployment_scale', { ...shop, replicas: 1, expected: 2 })).error?.code).toBe('conflict');
    await complete();
    await result('k8s_deployment_restart', shop);
    await complete();
    expect(await result('k8s_rollout_undo', { ...shop, to_revision: 1, dry_run: true })).toMatchObject({
      images_after: ['shop:1'],
    });
    expect(await result('k8s_rollout_undo', { ...shop, to_revision: 1 })).toMatchObject({
      from_revision: 3,
      images_before: ['shop:2'],
    });
    await complete();
    expect(await result('k8s_deployment_get', shop)).toMatchObject({ revision: 4, containers: [{ image: 'shop:1' }] });
    expect((await call('k8s_rollout_undo', { ...shop, to_revision: 99 })).error?.code).toBe('not_found');
  });

  it('has pods, which are described and replaced, and no logs without a node', async () => {
    const [{ name } = { name: '' }] = await pods();
    expect(await result('k8s_pod_get', { namespace, name })).toMatchObject({
      ready: true,
      containers: [{ name: 'shop' }],
    });
    expect((await call('k8s_pod_logs', { namespace, pod: name })).error).toBeDefined();
    expect((await call('k8s_pod_logs', { namespace, pod: 'nothing' })).error?.code).toBe('not_found');
    expect(await result('k8s_pod_delete', { namespace, name, grace_period_s: 0 })).toMatchObject({
      deleted: true,
      controller: expect.stringMatching(/^ReplicaSet\/shop-/) as string,
    });
    await complete();
    expect((await pods()).map((pod) => pod.name)).not.toContain(name);
  });

  it('has services with the pods behind them', async () => {
    const args = { ...shop, selector: { 'app.kubernetes.io/name': 'shop' }, ports: [{ port: 80, target: 8080 }] };
    expect(await result('k8s_service_create', args)).toMatchObject({ type: 'ClusterIP' });
    expect((await call('k8s_service_create', args)).error?.code).toBe('conflict');
    await eventually(async () => {
      expect(await result('k8s_service_list', { namespace })).toMatchObject({
        services: [{ name: 'shop', endpoints: { ready: 3, not_ready: 0 } }],
      });
    });
  });

  it('applies manifests, with conflicts, new namespaces and new kinds', async () => {
    const flags = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flags, namespace: ${namespace}}\ndata: {beta: "${value}"}\n`;
    await result('k8s_manifest_apply', { manifest: flags('on'), dry_run: false, field_manager: 'helm' });
    const { error } = await call('k8s_manifest_apply', { manifest: flags('off') });
    expect(error?.code).toBe('conflict');
    expect(error?.message).toContain('.data.beta: conflict with "helm"');
    const forced = { manifest: flags('off'), dry_run: false, force_conflicts: true };
    expect(await result('k8s_manifest_apply', forced)).toMatchObject({ changes: 1 });
    expect(await result('k8s_manifest_apply', forced)).toMatchObject({
      changes: 0,
      objects: [{ change: 'unchanged' }],
    });
    const fresh = `apiVersion: v1\nkind: Namespace\nmetadata: {name: fresh}\n---\n${flags('on').replace(namespace, 'fresh')}`;
    expect(await result('k8s_manifest_apply', { manifest: fresh })).toMatchObject({
      objects: [{ change: 'create' }, { untried: expect.any(String) as string }],
    });
    expect(await result('k8s_manifest_apply', { manifest: fresh, dry_run: false })).toMatchObject({ changes: 2 });
    const unknown = await call('k8s_manifest_apply', {
      manifest: 'apiVersion: acme.test/v1\nkind: Thing\nmetadata: {name: x}',
    });
    expect(unknown.error?.code).toBe('invalid_args');
  });

  it('has events, newest first, and no metrics', async () => {
    const { events } = await result('k8s_event_list', { namespace, types: 'all', limit: 200 });
    const times = (events as { last_seen_at?: string }[]).map(({ last_seen_at = '' }) => last_seen_at);
    expect(times.length).toBeGreaterThan(3);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(
      await result('k8s_event_list', { namespace, types: 'all', object_kind: 'Deployment', object_name: 'shop' }),
    ).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ reason: 'ScalingReplicaSet' })]) as unknown[],
    });
    for (const kind of ['nodes', 'pods'])
      expect((await call('k8s_resource_usage', { of: kind })).error).toMatchObject({
        code: 'not_found',
        message: expect.stringContaining('metrics-server is not installed') as string,
      });
  });

  it('refuses a wrong credential', async () => {
    const wrong = kubeconfig.replace(/"token":"[^"]*"/, '"token":"wrong-token"');
    expect((await call('k8s_pod_list', {}, { variables: { KUBERNETES_KUBECONFIG: wrong } })).error?.code).toBe(
      'refused',
    );
  });
});
