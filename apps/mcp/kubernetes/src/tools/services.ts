// Services with the pods behind them.
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import {
  inNamespaces,
  labelSelector,
  Labels,
  listQuery,
  namespaceField,
  pageFields,
  pageIn,
  pageOf,
  ShortName,
  Time,
  timeOf,
} from '../arguments.js';
import { fieldManager, withCluster } from '../cluster.js';
import { createOnce } from '../create-once.js';
import { Endpoints, endpointsOf } from '../endpoints.js';

const Port = z.object({
  port: z.int(),
  name: z.string().optional(),
  protocol: z.string(),
  target: z.string().describe('number or name of a port of the pods'),
  node_port: z.int().optional(),
});
const serviceFields = {
  namespace: z.string(),
  name: z.string(),
  type: z.string(),
  cluster_ip: z.string().optional().describe('None for a headless service'),
  external: z.array(z.string()).describe('addresses and names by which it is reached from outside'),
  ports: z.array(Port),
  selector: z.record(z.string(), z.string()),
  created_at: Time.optional(),
};

const portOf = ({ port, name, protocol = 'TCP', targetPort, nodePort }: V1ServicePort): z.input<typeof Port> => ({
  ...{ port, name, protocol, node_port: nodePort },
  target: String(targetPort ?? port),
});

const externalOf = ({ spec, status }: V1Service): string[] => [
  ...(status?.loadBalancer?.ingress ?? []).map(({ hostname, ip }) => hostname ?? ip ?? ''),
  ...(spec?.externalIPs ?? []),
  ...(spec?.externalName ? [spec.externalName] : []),
];

const serviceOf = (service: V1Service) => ({
  namespace: service.metadata?.namespace ?? '',
  name: service.metadata?.name ?? '',
  type: service.spec?.type ?? 'ClusterIP',
  cluster_ip: service.spec?.clusterIP,
  external: externalOf(service),
  ports: (service.spec?.ports ?? []).map(portOf),
  selector: service.spec?.selector ?? {},
  created_at: timeOf(service.metadata?.creationTimestamp),
});

export const serviceList = defineTool({
  name: 'k8s_service_list',
  title: 'List services',
  description: 'Lists services with type, ports, and how many ready pods stand behind each.',
  flag: 'read',
  input: z.object({ ...inNamespaces, ...labelSelector, ...pageOf(100) }),
  output: z.object({
    services: z.array(z.object({ ...serviceFields, endpoints: Endpoints.optional() })),
    note: z.string().optional().describe('why there are no endpoints'),
    ...pageFields,
  }),
  examples: [{ arguments: { namespace: 'web' } }],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const query = listQuery(args);
      const namespace = args.all_namespaces ? undefined : (args.namespace ?? cluster.namespace);
      const { items, metadata } =
        namespace === undefined
          ? await cluster.core.listServiceForAllNamespaces(query)
          : await cluster.core.listNamespacedService({ namespace, ...query });
      const found = items.map(serviceOf);
      const { endpoints, note } = await endpointsOf(cluster, namespace, found);
      const services = found.map((service, index) => ({ ...service, endpoints: endpoints?.[index] }));
      return { services, note, ...pageIn(metadata) };
    }),
});

const CreateInput = z.object({
  ...namespaceField,
  name: ShortName,
  selector: Labels.refine((labels) => Object.keys(labels).length > 0, 'has no label').describe('labels of the pods'),
  ports: z
    .array(
      z.strictObject({
        port: z.int().min(1).max(65_535),
        target: z.int().min(1).max(65_535).or(ShortName.max(15)).optional().describe('by default the same as port'),
        name: ShortName.max(15).optional().describe('needed where there are several ports'),
        protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
      }),
    )
    .min(1)
    .max(20),
  type: z.enum(['ClusterIP', 'NodePort']).default('ClusterIP'),
  headless: z.boolean().default(false),
  labels: Labels.default({}),
});

const bodyOf = ({ name, selector, ports, type, headless, labels }: z.output<typeof CreateInput>): V1Service => ({
  metadata: { name, labels: { ...labels, 'app.kubernetes.io/managed-by': fieldManager } },
  spec: {
    ...{ type, selector },
    ...(headless && { clusterIP: 'None' }),
    ports: ports.map(({ port, target = port, protocol, ...rest }) => ({
      ...{ port, protocol, targetPort: target },
      ...(rest.name !== undefined && { name: rest.name }),
    })),
  },
});

export const serviceCreate = defineTool({
  name: 'k8s_service_create',
  title: 'Create a service',
  description:
    'Creates a service that leads to the pods of a selector, inside the cluster or on a port of every node. A load balancer costs money and opens the service to the world: k8s_manifest_apply makes one. A service of that name must not exist.',
  flag: 'write',
  input: CreateInput,
  output: z.object(serviceFields),
  examples: [
    {
      arguments: {
        namespace: 'web',
        name: 'shop',
        selector: { 'app.kubernetes.io/name': 'shop' },
        ports: [{ port: 80, target: 8080 }],
      },
    },
  ],
  run: (args, call) =>
    withCluster(call, async ({ core, ...cluster }) => {
      const namespace = args.namespace ?? cluster.namespace;
      const created = await createOnce(call, bodyOf(args), {
        create: (body) => core.createNamespacedService({ namespace, body, fieldManager }),
        read: () => core.readNamespacedService({ namespace, name: args.name }),
      });
      return serviceOf(created);
    }),
});
