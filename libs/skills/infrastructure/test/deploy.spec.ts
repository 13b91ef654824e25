// What `deploy` decides by itself, with a cluster that answers as the tools of the server `kubernetes` do. The whole way, with that
// server and an API server: apps/embedded/test/deploy.e2e-spec.ts.
import { TaskError } from '@pulser/agent-runtime/skill';
import { type OperationRun, runOperation } from '@pulser/agent-runtime/testing';

import { clusterTools } from '../src/deploy/cluster-tools.js';
import { DeployResult, example } from '../src/deploy/deploy-contract.js';
import { infrastructure } from '../src/infrastructure.skill.js';

interface Cluster {
  readonly calls: { readonly tool: string; readonly given: Readonly<Record<string, unknown>> }[];
  /** What trials say, one after the other; the last one stays. */
  readonly diffs: string[];
  readonly state: 'complete' | 'failed';
  /** Of the apply. */
  readonly refusal?: string;
}

const refused = (message: string): TaskError =>
  new TaskError('tool_failed', message, { permanent: true, details: { code: 'upstream_error' } });

const answers: Readonly<Record<string, (cluster: Cluster, given: Readonly<Record<string, unknown>>) => object>> = {
  [clusterTools.apply]: ({ diffs, refusal }, given) => {
    if (given['dry_run'] === false && refusal !== undefined) throw refused(refusal);
    const diff = (diffs.length > 1 ? diffs.shift() : diffs[0]) ?? '';
    const change = diff === '' ? 'unchanged' : 'change';
    const object = { api_version: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop', warnings: [] };
    return { dry_run: given['dry_run'], objects: [{ ...object, change, diff }] };
  },
  [clusterTools.deployment]: () => ({ revision: 3, images: ['web:1'], desired: 2 }),
  [clusterTools.rollout]: ({ state }) => ({ state, message: `It is ${state}` }),
  [clusterTools.undo]: () => ({}),
  [clusterTools.scale]: () => ({}),
};

const run = (cluster: Partial<Cluster>, more: object = {}, passed: readonly string[] = []): Promise<OperationRun> => {
  const all: Cluster = { calls: [], diffs: ['- web:1\n+ web:2'], state: 'complete', ...cluster };
  const tools = Object.fromEntries(
    Object.entries(answers).map(([tool, answer]) => [
      tool,
      (given: Readonly<Record<string, unknown>>) => {
        all.calls.push({ tool, given });
        return { ...answer(all, given) };
      },
    ]),
  );
  return runOperation(infrastructure, { ...example, ...more }, { tools, passed });
};

describe('deploy', () => {
  it('says what became of each step, and keeps manifest and report', async () => {
    const { result, artifacts } = await run({});
    const { outcome, steps } = DeployResult.parse(result);
    expect(outcome).toBe('deployed');
    expect(steps.map((one) => `${one.step} ${one.outcome}`)).toEqual([
      ...['render done', 'validate done', 'plan done', 'approval skipped', 'apply done', 'watch done'],
      'roll_back skipped',
    ]);
    expect([...artifacts.keys()]).toEqual(['manifest.yaml', 'deployment.json']);
  });

  it('applies nothing where nothing changes, or the cluster has changed since the plan', async () => {
    const calls: Cluster['calls'] = [];
    const { result } = await run({ calls, diffs: [''] });
    expect(result).toMatchObject({ outcome: 'unchanged' });
    await expect(run({ calls, diffs: ['- web:1', '- web:7'] })).rejects.toMatchObject({ code: 'cluster_changed' });
    expect(calls.filter(({ given }) => given['dry_run'] === false)).toEqual([]);
  });

  it('asks no cluster about manifests that break a rule, unless the task ignores it', async () => {
    const calls: Cluster['calls'] = [];
    const content = 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [{ name: x, image: x }] }';
    const given = { description: undefined, documents: [{ content }] };
    await expect(run({ calls }, given)).rejects.toMatchObject({ code: 'invalid_manifest' });
    expect(calls).toEqual([]);
    await expect(run({ calls }, { documents: [{ content }] })).rejects.toMatchObject({ code: 'invalid_payload' });
  });

  it('goes back to the revision that there was, or keeps what failed where the task says so', async () => {
    const calls: Cluster['calls'] = [];
    await expect(run({ calls, state: 'failed' }, { on_failure: 'keep' })).rejects.toMatchObject({
      code: 'deployment_failed',
      facts: { details: { outcome: 'kept' } },
    });
    expect(calls.map(({ tool }) => tool)).not.toContain(clusterTools.undo);
    // The way back does not roll out either.
    await expect(run({ calls, state: 'failed' })).rejects.toMatchObject({
      facts: { details: { outcome: 'roll_back_failed' } },
    });
    expect(calls).toContainEqual({
      tool: clusterTools.undo,
      given: { namespace: 'shop', name: 'web', to_revision: 3 },
    });
  });

  it('goes back after an apply that failed on its way, when the cluster has seen it', async () => {
    const cluster = { refusal: 'Applied before: Deployment/web. Service/web: refused' };
    const { suspended } = await run(cluster);
    expect(suspended).toMatchObject({ key: 'settled' });
    await expect(run(cluster, {}, ['settled'])).rejects.toMatchObject({
      code: 'deployment_failed',
      message: expect.stringContaining('Service/web: refused') as string,
      facts: { details: { outcome: 'rolled_back' } },
    });
  });

  it('is not begun where the server does not offer its tools', async () => {
    await expect(runOperation(infrastructure, { ...example })).rejects.toMatchObject({
      ...{ code: 'tools_missing', permanent: false },
    });
  });
});
