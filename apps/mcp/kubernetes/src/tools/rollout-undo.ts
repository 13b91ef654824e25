import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { namespaceField, ObjectName } from '../arguments.js';
import { type Cluster, fieldManager, withCluster } from '../cluster.js';
import { imagesOf, ReplicaSet, type Revision, revisionOf, revisionsOf, targetOf } from '../rollout.policy.js';

const Deployment = z.object({
  metadata: z.object({
    uid: z.string(),
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({
    paused: z.boolean().default(false),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()).default({}) }),
    template: z.record(z.string(), z.unknown()),
  }),
});
type Deployment = z.infer<typeof Deployment>;

// A deployment keeps ten old revisions unless it says otherwise.
const maxSets = 500;
const ReplicaSets = z.object({ items: z.array(ReplicaSet) });

const readRevisions = async (cluster: Cluster, namespace: string, { metadata, spec }: Deployment) => {
  const labels = Object.entries(spec.selector.matchLabels).map(([name, value]) => `${name}=${value}`);
  const { items } = await cluster.read(ReplicaSets, {
    path: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
    query: { labelSelector: labels.join(','), limit: maxSets },
  });
  return revisionsOf(items, metadata.uid);
};

const refuse = (
  name: string,
  { spec }: Deployment,
  revisions: readonly Revision[],
  wanted: number | undefined,
): never => {
  const kept = revisions.map(({ revision }) => revision).join(', ');
  const which = wanted === undefined ? 'no earlier revision' : `no revision ${wanted}`;
  throw spec.paused
    ? new ToolError('conflict', `The deployment ${name} is paused: resume it first`)
    : new ToolError('not_found', `The deployment ${name} has ${which}; the cluster keeps ${kept || 'none'}`);
};

const undo = async (
  cluster: Cluster,
  { path, dryRun }: { readonly path: string; readonly dryRun: boolean },
  { metadata }: Deployment,
  { template }: Revision,
): Promise<void> => {
  await cluster.read(Deployment, {
    ...{ method: 'PATCH', path, contentType: 'application/json-patch+json' },
    query: { fieldManager, dryRun: dryRun ? 'All' : undefined },
    body: [
      // A change since it was read makes this a conflict.
      { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
      { op: 'replace', path: '/spec/template', value: template },
    ],
  });
};

export const rolloutUndo = defineTool({
  name: 'k8s_rollout_undo',
  title: 'Roll a deployment back',
  description:
    'Gives a deployment the template of an earlier revision again: of the one before the current one, or of to_revision. It starts a rollout; k8s_rollout_status reports it.',
  flag: 'destructive',
  input: z.object({
    ...namespaceField,
    name: ObjectName,
    to_revision: z.int().min(1).optional(),
    dry_run: z.boolean().default(false),
  }),
  output: z.object({
    namespace: z.string(),
    name: z.string(),
    dry_run: z.boolean(),
    from_revision: z.int().optional(),
    to_revision: z.int(),
    images_before: z.array(z.string()),
    images_after: z.array(z.string()),
  }),
  examples: [{ arguments: { namespace: 'web', name: 'shop' } }, { arguments: { name: 'shop', to_revision: 3 } }],
  run: ({ name, to_revision, dry_run, ...args }, call) =>
    withCluster(call, async (cluster) => {
      const namespace = args.namespace ?? cluster.namespace;
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      const deployment = await cluster.read(Deployment, { path });
      const revisions = await readRevisions(cluster, namespace, deployment);
      const from_revision = revisionOf(deployment.metadata);
      const target = targetOf(revisions, from_revision, to_revision);
      if (target === undefined || deployment.spec.paused) return refuse(name, deployment, revisions, to_revision);
      if (target.revision === from_revision)
        throw new ToolError('conflict', `The deployment ${name} is at revision ${target.revision} already`);
      await undo(cluster, { path, dryRun: dry_run }, deployment, target);
      return {
        ...{ namespace, name, dry_run, from_revision, to_revision: target.revision },
        images_before: imagesOf(deployment.spec.template),
        images_after: imagesOf(target.template),
      };
    }),
});
