// Changes of a deployment that leave its template's meaning: its size, and new pods of the same.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { namespaceField, ObjectName, Time } from '../arguments.js';
import { fieldManager, withCluster } from '../cluster.js';

export const deploymentScale = defineTool({
  name: 'k8s_deployment_scale',
  title: 'Scale a deployment',
  description:
    'Sets the number of replicas of a deployment. With expected the call is a conflict when the present number is another one.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({
    ...namespaceField,
    name: ObjectName,
    replicas: z.int().min(0).max(1_000),
    expected: z.int().min(0).optional().describe('replicas that the deployment must have now'),
  }),
  output: z.object({ namespace: z.string(), name: z.string(), before: z.int(), after: z.int() }),
  examples: [{ arguments: { namespace: 'web', name: 'shop', replicas: 5 } }],
  run: ({ name, replicas, expected, ...args }, call) =>
    withCluster(call, async ({ apps, ...cluster }) => {
      const namespace = args.namespace ?? cluster.namespace;
      const scale = await apps.readNamespacedDeploymentScale({ namespace, name });
      const before = scale.spec?.replicas ?? 0;
      if (expected !== undefined && expected !== before)
        throw new ToolError('conflict', `The deployment ${name} has ${before} replicas, not ${expected}`);
      // It carries the version that was read: a change in between is a conflict.
      const body = { metadata: scale.metadata ?? {}, spec: { replicas } };
      const { spec } = await apps.replaceNamespacedDeploymentScale({ namespace, name, body, fieldManager });
      return { namespace, name, before, after: spec?.replicas ?? 0 };
    }),
});

const Deployment = z.object({
  metadata: z.object({ generation: z.int().default(0) }),
  spec: z.object({ paused: z.boolean().default(false) }),
});

export const deploymentRestart = defineTool({
  name: 'k8s_deployment_restart',
  title: 'Restart a deployment',
  description:
    'Replaces all pods of a deployment by new ones of the same template, a few at a time, as kubectl rollout restart.',
  flag: 'write',
  input: z.object({ ...namespaceField, name: ObjectName }),
  output: z.object({
    namespace: z.string(),
    name: z.string(),
    restarted_at: Time,
    generation: z.int().describe('of the deployment; k8s_rollout_status reports the progress'),
  }),
  examples: [{ arguments: { namespace: 'web', name: 'shop' } }],
  run: ({ name, ...args }, call) =>
    withCluster(call, async (cluster) => {
      const namespace = args.namespace ?? cluster.namespace;
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      const { spec } = await cluster.read(Deployment, { path });
      if (spec.paused) throw new ToolError('conflict', `The deployment ${name} is paused: it replaces no pods`);
      const restarted_at = new Date().toISOString();
      const annotations = { 'kubectl.kubernetes.io/restartedAt': restarted_at };
      const { metadata } = await cluster.read(Deployment, {
        ...{ method: 'PATCH', path, query: { fieldManager } },
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { template: { metadata: { annotations } } } },
      });
      return { namespace, name, restarted_at, generation: metadata.generation };
    }),
});
