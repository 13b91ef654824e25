import type { Fields } from '@pulser/testing/kubernetes';

import { deployment, pod, SampleCluster } from './sample-cluster.js';

const apps = '/apis/apps/v1';
const shop = { namespace: 'web', name: 'shop' };

let cluster: SampleCluster;

beforeEach(async () => {
  cluster = await SampleCluster.start();
});

afterEach(() => cluster.close());

const stored = (resource: string, name: string, root = '/api/v1') =>
  cluster.api.store.get({ root, resource, namespace: 'web' }, name);
const specOf = (name: string): Fields => stored('deployments', name, apps)['spec'] as Fields;

describe('a namespace', () => {
  it('is made with labels, once', async () => {
    const args = { name: 'staging', labels: { team: 'shop' } };
    expect(await cluster.result('k8s_namespace_create', args)).toMatchObject(args);
    expect((await cluster.call('k8s_namespace_create', args)).error).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('already exists') as string,
    });
  });
});

describe('a pod', () => {
  it('is deleted, itself and no other that has taken its name', async () => {
    const { uid } = stored('pods', 'shop-a').metadata;
    const deleted = await cluster.result('k8s_pod_delete', { namespace: 'web', name: 'shop-a', grace_period_s: 5 });
    expect(deleted).toEqual({ namespace: 'web', name: 'shop-a', deleted: true, controller: 'ReplicaSet/shop-3' });
    expect(JSON.parse(cluster.lastOf('DELETE', '/api/v1')?.body ?? '')).toMatchObject({
      gracePeriodSeconds: 5,
      preconditions: { uid },
    });
  });

  it('without a controller is kept, unless that is meant', async () => {
    cluster.api.add('/api/v1', 'pods', pod('alone', { ownerReferences: [] }));
    const args = { namespace: 'web', name: 'alone' };
    expect((await cluster.call('k8s_pod_delete', args)).error?.code).toBe('refused');
    expect(stored('pods', 'alone')).toBeDefined();
    expect(await cluster.result('k8s_pod_delete', { ...args, without_controller: true })).toMatchObject({
      deleted: true,
    });
  });
});

describe('a new deployment', () => {
  const args = {
    ...{ namespace: 'web', name: 'cart', image: 'cart:1', replicas: 2, ports: [{ port: 8080, name: 'http' }] },
    ...{ env: { LEVEL: 'info' }, secret_env: { TOKEN: { secret: 'cart', key: 'token' } }, labels: { team: 'shop' } },
  };

  it('has image, ports, environment and limits, and no privileges', async () => {
    expect(await cluster.result('k8s_deployment_create', args)).toMatchObject({
      name: 'cart',
      desired: 2,
      images: ['cart:1'],
    });
    expect(specOf('cart')).toMatchObject({
      replicas: 2,
      template: {
        metadata: { labels: { team: 'shop', 'app.kubernetes.io/name': 'cart' } },
        spec: {
          automountServiceAccountToken: false,
          containers: [
            {
              ports: [{ containerPort: 8080, name: 'http' }],
              env: [
                { name: 'LEVEL', value: 'info' },
                { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'cart', key: 'token' } } },
              ],
              resources: { limits: { memory: '512Mi' } },
              securityContext: { allowPrivilegeEscalation: false, privileged: false },
            },
          ],
        },
      },
    });
  });

  it('of a dry run is not made', async () => {
    expect(await cluster.result('k8s_deployment_create', { ...args, dry_run: true })).toMatchObject({ dry_run: true });
    expect(cluster.api.store.find({ root: apps, resource: 'deployments', namespace: 'web' }, 'cart')).toBeUndefined();
  });

  it('replaces none, and is refused when the cluster finds it invalid', async () => {
    expect((await cluster.call('k8s_deployment_create', { ...args, name: 'shop' })).error?.code).toBe('conflict');
    const message = 'Deployment.apps "cart" is invalid: spec.replicas: Invalid value';
    const body = JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Invalid',
      code: 422,
      message,
    });
    cluster.api.faults.add({ of: 'POST /apis/apps', status: 422, body });
    expect((await cluster.call('k8s_deployment_create', args)).error).toEqual({ code: 'invalid_args', message });
  });
});

describe('scaling', () => {
  it('sets the number of replicas', async () => {
    expect(await cluster.result('k8s_deployment_scale', { ...shop, replicas: 5, expected: 3 })).toEqual({
      ...shop,
      before: 3,
      after: 5,
    });
    expect(specOf('shop')['replicas']).toBe(5);
  });

  it('is a conflict when the number is another one than expected, or changes meanwhile', async () => {
    expect((await cluster.call('k8s_deployment_scale', { ...shop, replicas: 5, expected: 2 })).error?.code).toBe(
      'conflict',
    );
    const body = JSON.stringify({
      kind: 'Status',
      status: 'Failure',
      reason: 'Conflict',
      code: 409,
      message: 'the object has been modified',
    });
    cluster.api.faults.add({ of: 'PUT /apis/apps', status: 409, body });
    expect((await cluster.call('k8s_deployment_scale', { ...shop, replicas: 5 })).error?.code).toBe('conflict');
    expect(specOf('shop')['replicas']).toBe(3);
  });
});

describe('a restart', () => {
  it('changes the template, and nothing else of it', async () => {
    const { restarted_at } = await cluster.result('k8s_deployment_restart', shop);
    expect(specOf('shop')).toMatchObject({
      template: {
        metadata: { labels: { app: 'shop' }, annotations: { 'kubectl.kubernetes.io/restartedAt': restarted_at } },
        spec: { containers: [{ image: 'shop:3' }] },
      },
    });
  });

  it('of a paused deployment is a conflict', async () => {
    cluster.api.add(apps, 'deployments', deployment({ paused: true }));
    expect((await cluster.call('k8s_deployment_restart', shop)).error?.code).toBe('conflict');
  });
});

describe('a rollout', () => {
  it('is reported at once when it is complete', async () => {
    expect(await cluster.result('k8s_rollout_status', { ...shop, wait_s: 60 })).toMatchObject({
      ...{ state: 'complete', desired: 3, updated: 3, available: 3, revision: 3 },
    });
  });

  it('is waited for, with progress, until it is complete', async () => {
    cluster.api.add(apps, 'deployments', deployment({}, { updatedReplicas: 1, availableReplicas: 2 }));
    const seen: string[] = [];
    const waiting = cluster.result(
      'k8s_rollout_status',
      { ...shop, wait_s: 60 },
      {
        onProgress: ({ message = '' }) => {
          seen.push(message);
          cluster.api.add(apps, 'deployments', deployment());
        },
      },
    );
    expect(await waiting).toMatchObject({ state: 'complete' });
    expect(seen[0]).toBe('1 of 3 replicas are of the new revision');
  });

  it('is reported as it is when the time is over, or has failed', async () => {
    cluster.api.add(apps, 'deployments', deployment({}, { updatedReplicas: 1 }));
    expect(await cluster.result('k8s_rollout_status', shop)).toMatchObject({ state: 'progressing' });
    cluster.api.add(
      apps,
      'deployments',
      deployment(
        {},
        {
          updatedReplicas: 1,
          conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
        },
      ),
    );
    expect(await cluster.result('k8s_rollout_status', { ...shop, wait_s: 60 })).toMatchObject({ state: 'failed' });
  });

  it('stops to be waited for when the caller cancels', async () => {
    cluster.api.add(apps, 'deployments', deployment({}, { updatedReplicas: 1 }));
    const controller = new AbortController();
    const waiting = cluster.call(
      'k8s_rollout_status',
      { ...shop, wait_s: 300 },
      {
        signal: controller.signal,
        onProgress: () => {
          controller.abort();
        },
      },
    );
    await expect(waiting).rejects.toThrow();
  });
});

describe('a rollback', () => {
  it('goes to the revision before, with every field of its template', async () => {
    expect(await cluster.result('k8s_rollout_undo', shop)).toMatchObject({
      ...{ from_revision: 3, to_revision: 2, images_before: ['shop:3'], images_after: ['shop:2'], dry_run: false },
    });
    const template = specOf('shop')['template'] as {
      metadata: { labels: Fields };
      spec: { containers: readonly Fields[] };
    };
    expect(template.spec.containers).toMatchObject([{ image: 'shop:2', futureField: 7 }]);
    expect(template.metadata.labels).toEqual({ app: 'shop' });
  });

  it('goes to a named revision, or tries to', async () => {
    expect(await cluster.result('k8s_rollout_undo', { ...shop, to_revision: 1, dry_run: true })).toMatchObject({
      to_revision: 1,
    });
    expect(specOf('shop')).toMatchObject({ template: { spec: { containers: [{ image: 'shop:3' }] } } });
    await cluster.result('k8s_rollout_undo', { ...shop, to_revision: 1 });
    expect(specOf('shop')).toMatchObject({ template: { spec: { containers: [{ image: 'shop:1' }] } } });
  });

  it('goes neither to a revision of another deployment nor to the current one', async () => {
    expect((await cluster.call('k8s_rollout_undo', { ...shop, to_revision: 9 })).error).toEqual({
      code: 'not_found',
      message: 'The deployment shop has no revision 9; the cluster keeps 3, 2, 1',
    });
    expect((await cluster.call('k8s_rollout_undo', { ...shop, to_revision: 3 })).error?.code).toBe('conflict');
  });

  it('is a conflict when the deployment is paused or has changed meanwhile', async () => {
    const body = JSON.stringify({ kind: 'Status', reason: 'Conflict', message: 'the object has been modified' });
    cluster.api.faults.add({ of: 'PATCH /apis/apps', status: 409, body });
    expect((await cluster.call('k8s_rollout_undo', shop)).error?.code).toBe('conflict');
    cluster.api.add(apps, 'deployments', deployment({ paused: true }));
    expect((await cluster.call('k8s_rollout_undo', shop)).error?.code).toBe('conflict');
  });
});

describe('a new service', () => {
  const args = { namespace: 'web', name: 'cart', selector: { app: 'cart' }, ports: [{ port: 80, target: 8080 }] };

  it('leads to the pods of its selector', async () => {
    expect(await cluster.result('k8s_service_create', args)).toMatchObject({ name: 'cart', type: 'ClusterIP' });
    expect(stored('services', 'cart')['spec']).toMatchObject({
      ...{ type: 'ClusterIP', selector: { app: 'cart' }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] },
    });
    expect((await cluster.call('k8s_service_create', args)).error?.code).toBe('conflict');
  });

  it('is no load balancer, and has a selector', async () => {
    expect((await cluster.call('k8s_service_create', { ...args, type: 'LoadBalancer' })).error?.code).toBe(
      'invalid_args',
    );
    expect((await cluster.call('k8s_service_create', { ...args, selector: {} })).error?.code).toBe('invalid_args');
  });
});

describe('a repeat of a call with the same idempotency key', () => {
  it.each<[string, Record<string, unknown>]>([
    ['k8s_namespace_create', { name: 'staging' }],
    ['k8s_deployment_create', { namespace: 'web', name: 'cart', image: 'cart:1' }],
    ['k8s_service_create', { namespace: 'web', name: 'cart', selector: { app: 'cart' }, ports: [{ port: 80 }] }],
  ])('%s has the answer of the first, and another call a conflict', async (tool, args) => {
    const first = await cluster.result(tool, args, { idempotencyKey: 'one' });
    expect(await cluster.result(tool, args, { idempotencyKey: 'one' })).toEqual(first);
    expect((await cluster.call(tool, args, { idempotencyKey: 'two' })).error?.code).toBe('conflict');
    expect((await cluster.call(tool, args)).error?.code).toBe('conflict');
  });
});
