import { SampleCluster } from './sample-cluster.js';

let cluster: SampleCluster;

beforeEach(async () => {
  cluster = await SampleCluster.start();
});

afterEach(() => cluster.close());

const flags = (beta: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: flags, namespace: web}
data: {beta: "${beta}", alpha: "off"}
`;
const found = (resource: string, name: string, namespace: string | undefined = 'web') =>
  cluster.api.store.find({ root: '/api/v1', resource, namespace }, name);

describe('a manifest', () => {
  it('is tried by default: what would change is shown, and nothing changes', async () => {
    const { dry_run, objects, changes } = await cluster.result('k8s_manifest_apply', { manifest: flags('on') });
    expect([dry_run, changes]).toEqual([true, 1]);
    expect(objects).toMatchObject([{ kind: 'ConfigMap', name: 'flags', namespace: 'web', change: 'create' }]);
    expect(found('configmaps', 'flags')).toBeUndefined();
  });

  it('is applied, and a second time changes nothing', async () => {
    await cluster.result('k8s_manifest_apply', { manifest: flags('on'), dry_run: false });
    expect(found('configmaps', 'flags')?.['data']).toEqual({ beta: 'on', alpha: 'off' });
    const again = await cluster.result('k8s_manifest_apply', { manifest: flags('on'), dry_run: false });
    expect(again).toMatchObject({ changes: 0, objects: [{ change: 'unchanged', diff: '' }] });
  });

  it('shows as a diff what it changes', async () => {
    await cluster.result('k8s_manifest_apply', { manifest: flags('on'), dry_run: false });
    const { objects } = await cluster.result('k8s_manifest_apply', { manifest: flags('no') });
    const [{ change, diff } = { change: '', diff: '' }] = objects as { change: string; diff: string }[];
    expect(change).toBe('change');
    expect(diff.split('\n').filter((line) => /^[+-]/.test(line))).toEqual(['-  beta: on', '+  beta: no']);
  });

  it('of several documents is applied in their order, with objects that need one another', async () => {
    const manifest = `
apiVersion: v1
kind: Namespace
metadata: {name: fresh}
---
# nothing here
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: one, namespace: fresh}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: cart}
    spec: {replicas: 1}
`;
    const trial = await cluster.result('k8s_manifest_apply', { manifest, namespace: 'web' });
    expect(trial['objects']).toMatchObject([
      { kind: 'Namespace', change: 'create' },
      { kind: 'ConfigMap', change: 'create', untried: expect.stringContaining('fresh') as string },
      { kind: 'Deployment', namespace: 'web', change: 'create' },
    ]);
    const seen: unknown[] = [];
    const applied = await cluster.result(
      'k8s_manifest_apply',
      { manifest, namespace: 'web', dry_run: false },
      { onProgress: ({ progress, total, message }) => seen.push([progress, total, message]) },
    );
    expect(applied).toMatchObject({ changes: 3 });
    expect(found('configmaps', 'one', 'fresh')).toBeDefined();
    expect(seen.at(-1)).toEqual([3, 3, 'Deployment/cart']);
  });

  it('is a conflict over fields of another manager, which are named, unless it is forced', async () => {
    const helm = { metadata: { name: 'flags', namespace: 'web' }, data: { beta: 'off' } };
    cluster.api.add('/api/v1', 'configmaps', helm, 'helm');
    for (const dry_run of [true, false]) {
      const { error } = await cluster.call('k8s_manifest_apply', { manifest: flags('on'), dry_run });
      expect(error?.code).toBe('conflict');
      expect(error?.message).toContain('ConfigMap/flags');
      expect(error?.message).toContain('.data.beta: conflict with "helm"');
    }
    expect(found('configmaps', 'flags')?.['data']).toEqual({ beta: 'off' });
    await cluster.result('k8s_manifest_apply', { manifest: flags('on'), dry_run: false, force_conflicts: true });
    expect(found('configmaps', 'flags')?.['data']).toEqual({ beta: 'on', alpha: 'off' });
  });

  it('changes nothing when one of its objects would fail', async () => {
    const manifest = `${flags('on')}---\napiVersion: example.com/v1\nkind: Unknown\nmetadata: {name: x}\n`;
    const { error } = await cluster.call('k8s_manifest_apply', { manifest, dry_run: false });
    expect(error).toMatchObject({
      code: 'invalid_args',
      message: expect.stringContaining('no Unknown of example.com/v1') as string,
    });
    expect(found('configmaps', 'flags')).toBeUndefined();
  });

  it('says what was applied when a later object fails all the same', async () => {
    const second = flags('on').replaceAll('flags', 'more');
    const of = 'PATCH /api/v1/namespaces/web/configmaps/more?fieldManager=pulser&force=false&fieldValidation=Strict';
    // The trial is answered with the object, the apply with a fault.
    cluster.api.faults.add({
      of: `${of}&dryRun`,
      body: JSON.stringify({ kind: 'ConfigMap', metadata: { name: 'more' } }),
    });
    cluster.api.faults.add({ of, status: 500, body: '{"kind":"Status","message":"etcdserver: request timed out"}' });
    const { error } = await cluster.call('k8s_manifest_apply', {
      manifest: `${flags('on')}---${second}`,
      dry_run: false,
    });
    expect(error).toEqual({
      code: 'upstream_error',
      message: 'Applied before: ConfigMap/flags. ConfigMap/more: etcdserver: request timed out.',
    });
  });

  it('shows no value of a secret', async () => {
    const secret = (value: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: web}\ndata: {key: ${value}, same: c2FtZQ==}\n`;
    await cluster.result('k8s_manifest_apply', { manifest: secret('b2xkLXZhbHVl'), dry_run: false });
    const answer = await cluster.call('k8s_manifest_apply', { manifest: secret('bmV3LXZhbHVl') });
    expect(answer.text).not.toMatch(/b2xkLXZhbHVl|bmV3LXZhbHVl|c2FtZQ/);
    expect(answer.result).toMatchObject({
      objects: [{ change: 'change', diff: expect.stringMatching(/^-.*key: "?\*\*\* \(before\)/m) as string }],
    });
  });

  it('passes on what the API server warns of', async () => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'flags' } });
    cluster.api.faults.add({
      of: 'PATCH',
      body,
      headers: { warning: '299 - "v1 X is deprecated", 299 - "unknown field \\"spec.y\\""' },
    });
    const { objects } = await cluster.result('k8s_manifest_apply', { manifest: flags('on') });
    expect(objects).toMatchObject([{ warnings: ['v1 X is deprecated', 'unknown field "spec.y"'] }]);
  });

  it('is sent with every field, also those that no client knows', async () => {
    const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x, namespace: web}\nspec: {replica: 3}\n';
    await cluster.call('k8s_manifest_apply', { manifest });
    const sent = cluster.lastOf('PATCH', '/apis/apps/v1/namespaces/web/deployments/x');
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ spec: { replica: 3 } });
    expect(sent?.path).toContain('fieldValidation=Strict');
  });
});
