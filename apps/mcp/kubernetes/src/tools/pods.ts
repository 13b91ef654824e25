// Pods as lists and one by one, and their end.
import type { V1ContainerState, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
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
import { type Cluster, withCluster } from '../cluster.js';
import { Condition, conditionsOf } from '../conditions.js';
import { Event, eventsOf } from '../events.js';

const podFields = {
  namespace: z.string(),
  name: z.string(),
  phase: z.string(),
  ready: z.boolean(),
  ready_containers: z.int(),
  containers: z.int(),
  restarts: z.int(),
  reason: z.string().optional().describe('why it does not run, such as CrashLoopBackOff'),
  node: z.string().optional(),
  ip: z.string().optional(),
  controller: z.string().optional().describe('what replaces it, such as ReplicaSet/web-7d4b9'),
  created_at: Time.optional(),
};
const Pod = z.object(podFields);

const statusesOf = ({ status }: V1Pod): readonly V1ContainerStatus[] => status?.containerStatuses ?? [];

const controllerOf = ({ metadata }: V1Pod): string | undefined => {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return owner && `${owner.kind}/${owner.name}`;
};

const reasonOf = (state: V1ContainerState | undefined): string | undefined =>
  state?.waiting?.reason ?? state?.terminated?.reason;

const podReason = (pod: V1Pod): string | undefined =>
  pod.metadata?.deletionTimestamp !== undefined
    ? 'Terminating'
    : (pod.status?.reason ??
      statusesOf(pod)
        .map(({ state }) => reasonOf(state))
        .find((reason) => reason !== undefined));

const podOf = (pod: V1Pod): z.input<typeof Pod> => ({
  namespace: pod.metadata?.namespace ?? '',
  name: pod.metadata?.name ?? '',
  phase: pod.status?.phase ?? 'Unknown',
  ready: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
  ready_containers: statusesOf(pod).filter(({ ready }) => ready).length,
  containers: pod.spec?.containers.length ?? 0,
  restarts: statusesOf(pod).reduce((sum, { restartCount }) => sum + restartCount, 0),
  reason: podReason(pod),
  node: pod.spec?.nodeName,
  ip: pod.status?.podIP,
  controller: controllerOf(pod),
  created_at: timeOf(pod.metadata?.creationTimestamp),
});

export const podList = defineTool({
  name: 'k8s_pod_list',
  title: 'List pods',
  description:
    'Lists the pods of a namespace, or of all, with readiness, restarts and the reason why one does not run.',
  flag: 'read',
  input: z.object({
    ...inNamespaces,
    ...labelSelector,
    field_selector: z.string().max(1_000).optional().describe('such as status.phase=Pending or spec.nodeName=n1'),
    ...pageOf(500),
  }),
  output: z.object({ pods: z.array(Pod), ...pageFields }),
  examples: [{ arguments: { namespace: 'web', label_selector: 'app=shop' } }, { arguments: { all_namespaces: true } }],
  run: (args, call) =>
    withCluster(call, async ({ core, namespace }) => {
      const query = listQuery(args);
      const { items, metadata } = args.all_namespaces
        ? await core.listPodForAllNamespaces(query)
        : await core.listNamespacedPod({ namespace: args.namespace ?? namespace, ...query });
      return { pods: items.map(podOf), ...pageIn(metadata) };
    }),
});

const Quantities = z.record(z.string(), z.string());
const Container = z.object({
  name: z.string(),
  init: z.boolean(),
  image: z.string(),
  ready: z.boolean(),
  restarts: z.int(),
  state: z.enum(['waiting', 'running', 'terminated', 'unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  exit_code: z.int().optional(),
  last_end: z
    .object({ reason: z.string().optional(), exit_code: z.int(), finished_at: Time.optional() })
    .optional()
    .describe('of the instance before this one'),
  ports: z.array(z.int()),
  requests: Quantities,
  limits: Quantities,
});

const stateNames = ['waiting', 'running', 'terminated'] as const;
const maxMessage = 1_000;

const containersOf = (pod: V1Pod): z.input<typeof Container>[] => {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...statusesOf(pod)];
  return [...initContainers, ...containers].map((container) => {
    const status = statuses.find(({ name }) => name === container.name);
    return {
      name: container.name,
      init: initContainers.includes(container),
      image: container.image ?? '',
      ...stateOf(status),
      ports: (container.ports ?? []).map(({ containerPort }) => containerPort),
      requests: container.resources?.requests ?? {},
      limits: container.resources?.limits ?? {},
    };
  });
};

const stateOf = (status: V1ContainerStatus | undefined) => {
  const state = status?.state;
  const last = status?.lastState?.terminated;
  return {
    ready: status?.ready ?? false,
    restarts: status?.restartCount ?? 0,
    state: stateNames.find((name) => state?.[name] !== undefined) ?? ('unknown' as const),
    reason: reasonOf(state),
    message: (state?.waiting?.message ?? state?.terminated?.message)?.slice(0, maxMessage),
    exit_code: state?.terminated?.exitCode,
    last_end: last && { reason: last.reason, exit_code: last.exitCode, finished_at: timeOf(last.finishedAt) },
  };
};

const maxEvents = 20;

export const podGet = defineTool({
  name: 'k8s_pod_get',
  title: 'Describe a pod',
  description: `One pod: its containers with state and last end, its conditions, and its ${maxEvents} latest events. Values of environment variables are not shown.`,
  flag: 'read',
  input: z.object({ ...namespaceField, name: ObjectName }),
  output: z.object({
    ...podFields,
    containers: z.array(Container),
    labels: z.record(z.string(), z.string()),
    conditions: z.array(Condition),
    events: z.array(Event),
  }),
  examples: [{ arguments: { namespace: 'web', name: 'shop-7d4b9c-x2x5p' } }],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const namespace = args.namespace ?? cluster.namespace;
      const [pod, events] = await Promise.all([
        cluster.core.readNamespacedPod({ namespace, name: args.name }),
        eventsOf(cluster, { namespace, kind: 'Pod', name: args.name, types: 'all' }),
      ]);
      return {
        ...podOf(pod),
        containers: containersOf(pod),
        labels: pod.metadata?.labels ?? {},
        conditions: conditionsOf(pod.status?.conditions),
        events: events.items.slice(0, maxEvents),
      };
    }),
});

// The uid is part of the request: a pod that has taken the name meanwhile is not deleted.
const deletePod = async ({ core }: Cluster, pod: V1Pod, gracePeriodSeconds: number | undefined): Promise<void> => {
  const { name = '', namespace = '', uid } = pod.metadata ?? {};
  await core.deleteNamespacedPod({
    ...{ name, namespace },
    body: { ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }), ...(uid && { preconditions: { uid } }) },
  });
};

export const podDelete = defineTool({
  name: 'k8s_pod_delete',
  title: 'Delete a pod',
  description:
    'Deletes a pod so that its controller replaces it. A pod without a controller is refused unless without_controller is set, for nothing would replace it.',
  flag: 'destructive',
  input: z.object({
    ...namespaceField,
    name: ObjectName,
    grace_period_s: z.int().min(0).max(3_600).optional().describe('by default that of the pod'),
    without_controller: z.boolean().default(false),
  }),
  output: z.object({
    namespace: z.string(),
    name: z.string(),
    deleted: z.literal(true),
    controller: z.string().optional().describe('what replaces it'),
  }),
  examples: [{ arguments: { namespace: 'web', name: 'shop-7d4b9c-x2x5p' } }],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const namespace = args.namespace ?? cluster.namespace;
      const pod = await cluster.core.readNamespacedPod({ namespace, name: args.name });
      const controller = controllerOf(pod);
      if (controller === undefined && !args.without_controller)
        throw new ToolError('refused', `Nothing would replace the pod ${args.name}: it has no controller`);
      await deletePod(cluster, pod, args.grace_period_s);
      return { namespace, name: args.name, deleted: true as const, controller };
    }),
});
