// Deployments as lists and one by one.
import type { V1Container, V1Deployment } from '@kubernetes/client-node';
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import {
  inNamespaces,
  labelSelector,
  listQuery,
  namespaceField,
  ObjectName,
  pageFields,
  pageIn,
  pageOf,
  Time,
  timeOf,
} from '../arguments.js';
import { withCluster } from '../cluster.js';
import { Condition, conditionsOf } from '../conditions.js';
import { revisionOf } from '../rollout.policy.js';

export const deploymentFields = {
  namespace: z.string(),
  name: z.string(),
  desired: z.int(),
  ready: z.int(),
  updated: z.int().describe('replicas of the current revision'),
  available: z.int(),
  paused: z.boolean(),
  images: z.array(z.string()),
  created_at: Time.optional(),
};
const Deployment = z.object(deploymentFields);

const containersOf = ({ spec }: V1Deployment): readonly V1Container[] => spec?.template.spec?.containers ?? [];

export const deploymentOf = (deployment: V1Deployment): z.input<typeof Deployment> => ({
  namespace: deployment.metadata?.namespace ?? '',
  name: deployment.metadata?.name ?? '',
  // The API server's own default.
  desired: deployment.spec?.replicas ?? 1,
  ready: deployment.status?.readyReplicas ?? 0,
  updated: deployment.status?.updatedReplicas ?? 0,
  available: deployment.status?.availableReplicas ?? 0,
  paused: deployment.spec?.paused ?? false,
  images: containersOf(deployment).map(({ image = '' }) => image),
  created_at: timeOf(deployment.metadata?.creationTimestamp),
});

export const deploymentList = defineTool({
  name: 'k8s_deployment_list',
  title: 'List deployments',
  description: 'Lists the deployments of a namespace, or of all, with desired and ready replicas and images.',
  flag: 'read',
  input: z.object({ ...inNamespaces, ...labelSelector, ...pageOf(500) }),
  output: z.object({ deployments: z.array(Deployment), ...pageFields }),
  examples: [{ arguments: { namespace: 'web' } }],
  run: (args, call) =>
    withCluster(call, async ({ apps, namespace }) => {
      const query = listQuery(args);
      const { items, metadata } = args.all_namespaces
        ? await apps.listDeploymentForAllNamespaces(query)
        : await apps.listNamespacedDeployment({ namespace: args.namespace ?? namespace, ...query });
      return { deployments: items.map(deploymentOf), ...pageIn(metadata) };
    }),
});

const Container = z.object({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.int()),
  env: z.array(z.string()).describe('names only'),
  requests: z.record(z.string(), z.string()),
  limits: z.record(z.string(), z.string()),
});

const containerOf = ({
  name,
  image = '',
  ports = [],
  env = [],
  resources,
}: V1Container): z.input<typeof Container> => ({
  ...{ name, image },
  ports: ports.map(({ containerPort }) => containerPort),
  env: env.map((variable) => variable.name),
  requests: resources?.requests ?? {},
  limits: resources?.limits ?? {},
});

// Surge and unavailability are numbers or percentages.
const asText = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;

const strategyOf = ({ spec }: V1Deployment) => ({
  type: spec?.strategy?.type ?? 'RollingUpdate',
  max_surge: asText(spec?.strategy?.rollingUpdate?.maxSurge),
  max_unavailable: asText(spec?.strategy?.rollingUpdate?.maxUnavailable),
});

export const deploymentGet = defineTool({
  name: 'k8s_deployment_get',
  title: 'Describe a deployment',
  description:
    'One deployment: replicas, revision, strategy, conditions, selector and containers. Values of environment variables are not shown.',
  flag: 'read',
  input: z.object({ ...namespaceField, name: ObjectName }),
  output: z.object({
    ...deploymentFields,
    revision: z.int().optional(),
    strategy: z.object({
      type: z.string(),
      max_surge: z.string().optional(),
      max_unavailable: z.string().optional(),
    }),
    conditions: z.array(Condition),
    selector: z.record(z.string(), z.string()),
    labels: z.record(z.string(), z.string()),
    containers: z.array(Container),
  }),
  examples: [{ arguments: { namespace: 'web', name: 'shop' } }],
  run: (args, call) =>
    withCluster(call, async ({ apps, namespace }) => {
      const found = await apps.readNamespacedDeployment({ namespace: args.namespace ?? namespace, name: args.name });
      return {
        ...deploymentOf(found),
        revision: revisionOf(found.metadata),
        strategy: strategyOf(found),
        conditions: conditionsOf(found.status?.conditions),
        selector: found.spec?.selector.matchLabels ?? {},
        labels: found.metadata?.labels ?? {},
        containers: containersOf(found).map(containerOf),
      };
    }),
});
