// A cluster with a few objects, and a client of the server that asks it.
import { testClient, type TestAnswer, type TestCall, type TestClient } from '@pulser/mcp-server-kit/testing';
import { FakeApi, type Fields } from '@pulser/testing/kubernetes';

import { kubernetes } from '../src/index.js';

const core = '/api/v1';
const apps = '/apis/apps/v1';

const template = (image: string): Fields => ({
  metadata: { labels: { app: 'shop' } },
  spec: {
    containers: [
      {
        name: 'app',
        image,
        ports: [{ containerPort: 8080 }],
        env: [{ name: 'PASSWORD', value: 'hunter2-hunter2' }],
        resources: { requests: { cpu: '50m' }, limits: { memory: '128Mi' } },
        // A field that the typed client does not know: it has to survive a rollback.
        futureField: 7,
      },
    ],
  },
});

export const deployment = (over: Fields = {}, status: Fields = {}): Fields => ({
  metadata: {
    namespace: 'web',
    name: 'shop',
    labels: { app: 'shop' },
    annotations: { 'deployment.kubernetes.io/revision': '3' },
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'shop' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
    template: template('shop:3'),
    ...over,
  },
  status: {
    ...{ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
    conditions: [
      {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        lastTransitionTime: '2026-11-01T10:01:00Z',
      },
    ],
    ...status,
  },
});

export const pod = (name: string, over: Fields = {}, status: Fields = {}): Fields => ({
  metadata: {
    namespace: 'web',
    name,
    labels: { app: 'shop' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-3', uid: 'rs-3', controller: true }],
    ...over,
  },
  spec: { nodeName: 'n1', ...(template('shop:3')['spec'] as Fields) },
  status: {
    phase: 'Running',
    podIP: '10.1.0.7',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'app',
        image: 'shop:3',
        ready: true,
        restartCount: 2,
        state: { running: { startedAt: '2026-11-01T10:00:00Z' } },
      },
    ],
    ...status,
  },
});

export const event = (name: string, over: Fields = {}): Fields => ({
  metadata: { namespace: 'web', name },
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  involvedObject: { kind: 'Pod', name: 'shop-a', namespace: 'web' },
  count: 4,
  lastTimestamp: '2026-11-01T10:05:00Z',
  ...over,
});

const replicaSet = (revision: number, uid: string): Fields => ({
  metadata: {
    namespace: 'web',
    name: `shop-${revision}`,
    labels: { app: 'shop', 'pod-template-hash': `h${revision}` },
    annotations: { 'deployment.kubernetes.io/revision': String(revision) },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', uid, controller: true }],
  },
  spec: {
    template: {
      ...template(`shop:${revision}`),
      metadata: { labels: { app: 'shop', 'pod-template-hash': `h${revision}` } },
    },
  },
});

const fill = (api: FakeApi): void => {
  for (const [name, labels] of Object.entries({ default: {}, web: { team: 'shop' } }))
    api.add(core, 'namespaces', { metadata: { name, labels }, status: { phase: 'Active' } });
  api.add(apps, 'deployments', deployment());
  const { uid } = api.store.get({ root: apps, resource: 'deployments', namespace: 'web' }, 'shop').metadata;
  for (const revision of [1, 2, 3]) api.add(apps, 'replicasets', replicaSet(revision, uid));
  api.add(apps, 'replicasets', replicaSet(9, 'uid-of-another-deployment'));
  api.add(core, 'pods', pod('shop-a'));
  api.add(core, 'services', {
    metadata: { namespace: 'web', name: 'shop' },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.2.0.9',
      selector: { app: 'shop' },
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
    },
    status: { loadBalancer: {} },
  });
  api.add('/apis/discovery.k8s.io/v1', 'endpointslices', {
    metadata: { namespace: 'web', name: 'shop-x', labels: { 'kubernetes.io/service-name': 'shop' } },
    endpoints: [{ conditions: { ready: true } }, { conditions: { ready: false } }, { conditions: {} }],
  });
};

/** The cluster and its client of one suite. */
export class SampleCluster {
  private constructor(
    readonly api: FakeApi,
    private readonly client: TestClient,
  ) {}

  static async start(): Promise<SampleCluster> {
    const api = await FakeApi.start();
    fill(api);
    return new SampleCluster(api, await testClient(kubernetes));
  }

  get variables(): Readonly<Record<string, string>> {
    return { KUBERNETES_URL: this.api.url, KUBERNETES_TOKEN: this.api.token };
  }

  call(tool: string, args: Record<string, unknown> = {}, call: TestCall = {}): Promise<TestAnswer> {
    return this.client.call(tool, args, { variables: this.variables, ...call });
  }

  /** The result of a call that has one. */
  async result(
    tool: string,
    args: Record<string, unknown> = {},
    call: TestCall = {},
  ): Promise<Record<string, unknown>> {
    const { result, text } = await this.call(tool, args, call);
    if (result === undefined) throw new Error(text);
    return result;
  }

  /** The last request of this kind. */
  lastOf(method: string, path: string) {
    return this.api.seen.findLast((seen) => seen.method === method && seen.path.startsWith(path));
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.api.close();
  }
}
