import { event, pod, SampleCluster } from './sample-cluster.js';

let cluster: SampleCluster;

beforeEach(async () => {
  cluster = await SampleCluster.start();
});

afterEach(() => cluster.close());

describe('namespaces', () => {
  it('are listed with phase and labels', async () => {
    const { namespaces, truncated } = await cluster.result('k8s_namespace_list');
    expect(namespaces).toEqual([
      { name: 'default', phase: 'Active', labels: {}, created_at: '2026-11-01T10:00:00.000Z' },
      { name: 'web', phase: 'Active', labels: { team: 'shop' }, created_at: '2026-11-01T10:00:00.000Z' },
    ]);
    expect(truncated).toBe(false);
  });

  it('come a page at a time, and every one once', async () => {
    for (let index = 0; index < 23; index += 1)
      cluster.api.add('/api/v1', 'namespaces', { metadata: { name: `n-${index}` }, status: { phase: 'Active' } });
    const names: string[] = [];
    let next: Record<string, unknown> = {};
    do {
      const page = await cluster.result('k8s_namespace_list', { limit: 10, ...next });
      names.push(...(page['namespaces'] as { name: string }[]).map(({ name }) => name));
      expect(page['remaining']).toBe(page['truncated'] === true ? 25 - names.length : undefined);
      next = page['continue'] === undefined ? {} : { continue: page['continue'] };
    } while ('continue' in next);
    expect([names.length, new Set(names).size]).toEqual([25, 25]);
  });

  it('start again when the list has changed too much since the last page', async () => {
    const { error } = await cluster.call('k8s_namespace_list', { continue: 'b2xk' });
    expect(error).toMatchObject({ code: 'invalid_args', message: expect.stringContaining('start again') as string });
  });
});

describe('pods', () => {
  beforeEach(() => {
    const waiting = {
      name: 'app',
      image: 'shop:3',
      ready: false,
      restartCount: 7,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
    };
    const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-01T10:02:00Z' } };
    cluster.api.add(
      '/api/v1',
      'pods',
      pod(
        'shop-b',
        {},
        { conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [{ ...waiting, lastState }] },
      ),
    );
    cluster.api.add('/api/v1', 'pods', pod('other', { namespace: 'default', labels: { app: 'other' } }));
  });

  it('are listed with readiness, restarts and the reason why one does not run', async () => {
    const { pods } = await cluster.result('k8s_pod_list', { namespace: 'web' });
    expect(pods).toMatchObject([
      {
        name: 'shop-a',
        ready: true,
        ready_containers: 1,
        containers: 1,
        restarts: 2,
        controller: 'ReplicaSet/shop-3',
        node: 'n1',
      },
      { name: 'shop-b', ready: false, ready_containers: 0, restarts: 7, reason: 'CrashLoopBackOff' },
    ]);
  });

  it('are selected by labels, in one namespace or in all', async () => {
    const names = async (args: Record<string, unknown>) =>
      ((await cluster.result('k8s_pod_list', args))['pods'] as { name: string }[]).map(({ name }) => name).toSorted();
    expect(await names({})).toEqual(['other']);
    expect(await names({ all_namespaces: true })).toEqual(['other', 'shop-a', 'shop-b']);
    expect(await names({ all_namespaces: true, label_selector: 'app=shop' })).toEqual(['shop-a', 'shop-b']);
    expect(await names({ all_namespaces: true, field_selector: 'metadata.name=other' })).toEqual(['other']);
  });

  it('are described with containers, last end and events, and without values of their environment', async () => {
    cluster.api.add(
      '/api/v1',
      'events',
      event('e1', { involvedObject: { kind: 'Pod', name: 'shop-b', namespace: 'web' } }),
    );
    cluster.api.add('/api/v1', 'events', event('e2'));
    const answer = await cluster.call('k8s_pod_get', { namespace: 'web', name: 'shop-b' });
    expect(answer.result).toMatchObject({
      containers: [
        {
          ...{ name: 'app', state: 'waiting', reason: 'CrashLoopBackOff', ports: [8080] },
          last_end: { reason: 'OOMKilled', exit_code: 137, finished_at: '2026-11-01T10:02:00.000Z' },
          ...{ requests: { cpu: '50m' }, limits: { memory: '128Mi' } },
        },
      ],
      events: [{ object: 'Pod/shop-b', reason: 'BackOff', count: 4 }],
    });
    expect(answer.text).not.toContain('hunter2');
  });

  it('that are not there are not found', async () => {
    const { error } = await cluster.call('k8s_pod_get', { namespace: 'web', name: 'gone' });
    expect(error).toEqual({ code: 'not_found', message: 'pods "gone" not found' });
  });
});

describe('logs', () => {
  beforeEach(() => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`);
    cluster.api.logs.set('web/shop-a/app', `${lines.join('\n')}\n`);
    cluster.api.logs.set('web/shop-a/app/previous', 'it crashed\n');
  });

  it('are the last lines', async () => {
    const { text, lines, truncated } = await cluster.result('k8s_pod_logs', {
      namespace: 'web',
      pod: 'shop-a',
      tail_lines: 3,
    });
    expect([text, lines, truncated]).toEqual(['line 997\nline 998\nline 999\n', 3, false]);
  });

  it('are those since a time, of a container, with time stamps, as the API server is asked', async () => {
    await cluster.call('k8s_pod_logs', {
      namespace: 'web',
      pod: 'shop-a',
      container: 'app',
      since_seconds: 60,
      timestamps: true,
    });
    const { path = '' } = cluster.lastOf('GET', '/api/v1/namespaces/web/pods/shop-a/log') ?? {};
    const query = Object.fromEntries(new URL(path, 'http://api').searchParams);
    expect(query).toMatchObject({ container: 'app', sinceSeconds: '60', timestamps: 'true', tailLines: '200' });
  });

  it('are those of the instance before the last restart', async () => {
    const { text } = await cluster.result('k8s_pod_logs', { namespace: 'web', pod: 'shop-a', previous: true });
    expect(text).toBe('it crashed\n');
  });

  it('lose their oldest lines when they are too long, and say so', async () => {
    cluster.api.logs.set('web/shop-a/app', `${'x'.repeat(999)}\n`.repeat(1_000));
    const { text, truncated } = await cluster.result('k8s_pod_logs', {
      namespace: 'web',
      pod: 'shop-a',
      tail_lines: 1_000,
    });
    expect(truncated).toBe(true);
    expect((text as string).length).toBeLessThanOrEqual(256 * 1_024);
    expect((text as string).split('\n').every((line) => line === '' || line.length === 999)).toBe(true);
  });

  it('say when lines are too long to reach the newest ones', async () => {
    cluster.api.logs.set('web/shop-a/app', `${'x'.repeat(99_999)}\n`.repeat(100));
    const { note, truncated } = await cluster.result('k8s_pod_logs', { namespace: 'web', pod: 'shop-a' });
    expect([truncated, note]).toEqual([true, expect.stringContaining('tail_lines')]);
  });

  it('of a pod with two containers need the name of one', async () => {
    cluster.api.add('/api/v1', 'pods', {
      metadata: { namespace: 'web', name: 'two' },
      spec: { containers: [{ name: 'a' }, { name: 'b' }] },
    });
    const { error } = await cluster.call('k8s_pod_logs', { namespace: 'web', pod: 'two' });
    expect(error).toMatchObject({
      code: 'invalid_args',
      message: expect.stringContaining('choose one of: [a b]') as string,
    });
  });
});

describe('deployments', () => {
  it('are listed', async () => {
    const { deployments } = await cluster.result('k8s_deployment_list', { namespace: 'web' });
    expect(deployments).toMatchObject([
      { name: 'shop', desired: 3, ready: 3, available: 3, images: ['shop:3'], paused: false },
    ]);
  });

  it('are described, without values of their environment', async () => {
    const answer = await cluster.call('k8s_deployment_get', { namespace: 'web', name: 'shop' });
    expect(answer.result).toMatchObject({
      revision: 3,
      strategy: { type: 'RollingUpdate', max_surge: '25%', max_unavailable: '0' },
      conditions: [{ type: 'Available', status: 'True' }],
      containers: [{ name: 'app', env: ['PASSWORD'], ports: [8080] }],
      selector: { app: 'shop' },
    });
    expect(answer.text).not.toContain('hunter2');
  });
});

describe('services', () => {
  it('are listed with the pods behind them', async () => {
    const { services } = await cluster.result('k8s_service_list', { namespace: 'web' });
    expect(services).toMatchObject([
      {
        ...{ name: 'shop', type: 'ClusterIP', cluster_ip: '10.2.0.9', selector: { app: 'shop' } },
        ports: [{ port: 80, target: '8080', protocol: 'TCP' }],
        endpoints: { ready: 2, not_ready: 1 },
      },
    ]);
  });

  it('of an old cluster count the endpoints of its own kind', async () => {
    cluster.api.missing.add('/apis/discovery.k8s.io/v1');
    const subsets = [{ addresses: [{ ip: '10.1.0.7' }], notReadyAddresses: [{ ip: '10.1.0.8' }, { ip: '10.1.0.9' }] }];
    cluster.api.add('/api/v1', 'endpoints', { metadata: { namespace: 'web', name: 'shop' }, subsets });
    const { services } = await cluster.result('k8s_service_list', { all_namespaces: true });
    expect(services).toMatchObject([{ endpoints: { ready: 1, not_ready: 2 } }]);
  });

  it('come without them where the credential may not read them', async () => {
    cluster.api.faults.add({ of: 'GET /apis/discovery', status: 403, body: '{"kind":"Status","message":"forbidden"}' });
    const { services, note } = await cluster.result('k8s_service_list', { namespace: 'web' });
    expect((services as { endpoints?: unknown }[]).map(({ endpoints }) => endpoints)).toEqual([undefined]);
    expect(note).toContain('may not read');
  });
});

describe('events', () => {
  beforeEach(() => {
    const times: Record<string, unknown>[] = [
      { lastTimestamp: '2026-11-01T10:05:00Z', reason: 'Second' },
      {
        lastTimestamp: null,
        eventTime: '2026-11-01T10:06:00.000000Z',
        series: { count: 9, lastObservedTime: '2026-11-01T10:09:00.000000Z' },
        reason: 'First',
      },
      { lastTimestamp: '2026-11-01T10:01:00Z', reason: 'Third' },
      { type: 'Normal', lastTimestamp: '2026-11-01T11:00:00Z', reason: 'Pulled' },
    ];
    for (const [index, over] of times.entries()) cluster.api.add('/api/v1', 'events', event(`e${index}`, over));
  });

  it('are warnings, newest first, whatever field has their time', async () => {
    const { events, truncated } = await cluster.result('k8s_event_list', { namespace: 'web' });
    expect((events as { reason: string }[]).map(({ reason }) => reason)).toEqual(['First', 'Second', 'Third']);
    expect(events).toMatchObject([{ count: 9 }, {}, {}]);
    expect(truncated).toBe(false);
  });

  it('are of all types and of one object when that is asked for', async () => {
    const { events } = await cluster.result('k8s_event_list', { namespace: 'web', types: 'all', limit: 1 });
    expect(events).toMatchObject([{ reason: 'Pulled' }]);
    const of = { namespace: 'web', object_kind: 'Pod', object_name: 'nothing' };
    expect(await cluster.result('k8s_event_list', of)).toEqual({ events: [], truncated: false });
  });

  it('are read over all pages, for the newest may be on the last one', async () => {
    for (let index = 0; index < 700; index += 1)
      cluster.api.add(
        '/api/v1',
        'events',
        event(`a${index}`, { lastTimestamp: '2026-11-01T09:00:00Z', reason: 'Old' }),
      );
    const { events, truncated } = await cluster.result('k8s_event_list', { namespace: 'web', limit: 2 });
    expect([(events as { reason: string }[]).map(({ reason }) => reason), truncated]).toEqual([
      ['First', 'Second'],
      true,
    ]);
  });
});

describe('usage', () => {
  const metrics = '/apis/metrics.k8s.io/v1beta1';

  it('of nodes comes with their share of what pods may use, the largest first', async () => {
    for (const [name, cpu] of [
      ['n1', '500m'],
      ['n2', '1500000000n'],
    ] as const)
      cluster.api.add('/api/v1', 'nodes', {
        metadata: { name },
        status: { allocatable: { cpu: name === 'n1' ? '2' : '3', memory: '4Gi' } },
        spec: { cpu },
      });
    cluster.api.aggregated.set(`${metrics}/nodes`, {
      kind: 'NodeMetricsList',
      items: [
        { metadata: { name: 'n1' }, timestamp: '2026-11-01T10:00:00Z', usage: { cpu: '500m', memory: '1Gi' } },
        {
          metadata: { name: 'n2' },
          timestamp: '2026-11-01T10:00:00Z',
          usage: { cpu: '1500000000n', memory: '2097152Ki' },
        },
      ],
    });
    const { nodes } = await cluster.result('k8s_resource_usage');
    expect(nodes).toMatchObject([
      { name: 'n2', cpu_millicores: 1_500, cpu_percent: 50, memory_bytes: 2_147_483_648, memory_percent: 50 },
      { name: 'n1', cpu_millicores: 500, cpu_percent: 25, memory_percent: 25 },
    ]);
  });

  it('of pods is the sum of their containers', async () => {
    const containers = [
      { name: 'app', usage: { cpu: '12m', memory: '20Mi' } },
      { name: 'proxy', usage: { cpu: '3m', memory: '5Mi' } },
    ];
    cluster.api.aggregated.set(`${metrics}/namespaces/web/pods`, {
      kind: 'PodMetricsList',
      items: [{ metadata: { namespace: 'web', name: 'shop-a' }, containers }],
    });
    const { pods, total } = await cluster.result('k8s_resource_usage', {
      of: 'pods',
      namespace: 'web',
      sort_by: 'memory',
    });
    expect(pods).toMatchObject([{ name: 'shop-a', cpu_millicores: 15, memory_bytes: 26_214_400 }]);
    expect(total).toBe(1);
  });

  it('says when the cluster has no metrics-server, and when that does not answer', async () => {
    const { error } = await cluster.call('k8s_resource_usage');
    expect(error).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('metrics-server is not installed') as string,
    });
    cluster.api.faults.add({ of: 'GET /apis/metrics', status: 503, body: 'service unavailable' });
    const down = await cluster.call('k8s_resource_usage', { of: 'pods', all_namespaces: true });
    expect(down.error).toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('does not answer') as string,
    });
  });
});
