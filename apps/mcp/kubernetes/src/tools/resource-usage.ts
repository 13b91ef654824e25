import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { inNamespaces, labelSelector, Time } from '../arguments.js';
import { type Cluster, type ClusterAnswer, parseAnswer, withCluster } from '../cluster.js';
import { failureOf } from '../failures.policy.js';
import { bytesOf, millicoresOf } from '../quantity.policy.js';

const api = '/apis/metrics.k8s.io/v1beta1';

const Amounts = z.object({ cpu: z.string().default('0'), memory: z.string().default('0') });
const Metadata = z.object({ name: z.string(), namespace: z.string().default('') });
const NodeMetrics = z.object({
  items: z.array(z.object({ metadata: Metadata, timestamp: z.string().optional(), usage: Amounts })),
});
const PodMetrics = z.object({
  items: z.array(
    z.object({
      metadata: Metadata,
      timestamp: z.string().optional(),
      containers: z.array(z.object({ name: z.string(), usage: Amounts })),
    }),
  ),
});

// An aggregated API is 404 where it was never registered and 503 where its server does not run.
const metricsOf = ({ status, text, headers }: ClusterAnswer): string => {
  if (status === 200) return text;
  if (status === 404)
    throw new ToolError('not_found', 'metrics-server is not installed in this cluster: it has no API metrics.k8s.io');
  if (status === 503)
    throw new ToolError('upstream_error', 'metrics-server does not answer: its API metrics.k8s.io is unavailable');
  throw failureOf(status, text, headers.get('retry-after'));
};

const Usage = z.object({ cpu_millicores: z.int(), memory_bytes: z.int() });
const Node = Usage.extend({
  name: z.string(),
  cpu_percent: z.number().optional().describe('of what pods may use'),
  memory_percent: z.number().optional(),
  measured_at: Time.optional(),
});
const Pod = Usage.extend({
  namespace: z.string(),
  name: z.string(),
  containers: z.array(Usage.extend({ name: z.string() })),
  measured_at: Time.optional(),
});

const usageOf = ({ cpu, memory }: z.infer<typeof Amounts>) => ({
  cpu_millicores: millicoresOf(cpu),
  memory_bytes: bytesOf(memory),
});

const percentOf = (used: number, total: number | undefined): number | undefined =>
  total === undefined || total === 0 ? undefined : Math.round((used / total) * 1_000) / 10;

const nodesOf = async (cluster: Cluster, labelSelector: string | undefined): Promise<z.input<typeof Node>[]> => {
  const text = metricsOf(await cluster.ask({ path: `${api}/nodes`, query: { labelSelector } }));
  const { items } = await cluster.core.listNode(labelSelector === undefined ? {} : { labelSelector });
  const capacities = new Map(items.map(({ metadata, status }) => [metadata?.name, status?.allocatable]));
  return parseAnswer(NodeMetrics, text).items.map(({ metadata, timestamp, usage }) => {
    const used = usageOf(usage);
    const { cpu, memory } = capacities.get(metadata.name) ?? {};
    return {
      ...{ name: metadata.name, ...used, measured_at: timestamp },
      cpu_percent: percentOf(used.cpu_millicores, cpu === undefined ? undefined : millicoresOf(cpu)),
      memory_percent: percentOf(used.memory_bytes, memory === undefined ? undefined : bytesOf(memory)),
    };
  });
};

const podsOf = async (
  cluster: Cluster,
  namespace: string | undefined,
  labelSelector: string | undefined,
): Promise<z.input<typeof Pod>[]> => {
  const path = namespace === undefined ? `${api}/pods` : `${api}/namespaces/${namespace}/pods`;
  const text = metricsOf(await cluster.ask({ path, query: { labelSelector } }));
  return parseAnswer(PodMetrics, text).items.map(({ metadata, timestamp, containers }) => {
    const used = containers.map(({ name, usage }) => ({ name, ...usageOf(usage) }));
    return {
      ...{ ...metadata, containers: used, measured_at: timestamp },
      cpu_millicores: used.reduce((sum, { cpu_millicores }) => sum + cpu_millicores, 0),
      memory_bytes: used.reduce((sum, { memory_bytes }) => sum + memory_bytes, 0),
    };
  });
};

const fields = { cpu: 'cpu_millicores', memory: 'memory_bytes' } as const;

const most = <Item extends z.infer<typeof Usage>>(items: readonly Item[], by: keyof typeof fields, limit: number) =>
  items.toSorted((a, b) => b[fields[by]] - a[fields[by]]).slice(0, limit);

export const resourceUsage = defineTool({
  name: 'k8s_resource_usage',
  title: 'Measure CPU and memory',
  description:
    'CPU and memory that nodes or pods use now, from metrics-server, the largest first. Says so where the cluster has no metrics-server.',
  flag: 'read',
  input: z.object({
    of: z.enum(['nodes', 'pods']).default('nodes'),
    ...inNamespaces,
    ...labelSelector,
    sort_by: z.enum(['cpu', 'memory']).default('cpu'),
    limit: z.int().min(1).max(500).default(50),
  }),
  output: z.object({
    nodes: z.array(Node).optional(),
    pods: z.array(Pod).optional(),
    total: z.int().describe('of which the largest are shown'),
    truncated: z.boolean(),
  }),
  examples: [{ arguments: {} }, { arguments: { of: 'pods', namespace: 'web', sort_by: 'memory' } }],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const { of, label_selector, sort_by, limit } = args;
      const namespace = args.all_namespaces ? undefined : (args.namespace ?? cluster.namespace);
      if (of === 'nodes') {
        const nodes = await nodesOf(cluster, label_selector);
        return { nodes: most(nodes, sort_by, limit), total: nodes.length, truncated: nodes.length > limit };
      }
      const pods = await podsOf(cluster, namespace, label_selector);
      return { pods: most(pods, sort_by, limit), total: pods.length, truncated: pods.length > limit };
    }),
});
