import type { V1Container, V1Deployment, V1EnvVar } from '@kubernetes/client-node';
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { Labels, namespaceField, ObjectName, ShortName } from '../arguments.js';
import { fieldManager, withCluster } from '../cluster.js';
import { createOnce } from '../create-once.js';
import { deploymentFields, deploymentOf } from './deployments.js';

const Quantity = z.string().regex(/^\d+(\.\d+)?([munkMGTPE]|[KMGTPE]i)?$/, 'no quantity, such as 250m or 256Mi');
const EnvName = z
  .string()
  .max(200)
  .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/);

const Input = z.object({
  ...namespaceField,
  name: ShortName.max(52),
  image: z.string().min(1).max(500).describe('with a tag or digest'),
  replicas: z.int().min(0).max(100).default(1),
  ports: z
    .array(z.strictObject({ port: z.int().min(1).max(65_535), name: ShortName.max(15).optional() }))
    .max(20)
    .default([]),
  env: z.record(EnvName, z.string().max(10_000)).default({}),
  secret_env: z
    .record(EnvName, z.object({ secret: ObjectName, key: z.string().max(253) }))
    .default({})
    .describe('variables whose values are keys of secrets of the namespace'),
  command: z.array(z.string().max(4_096)).max(50).optional().describe('instead of the entrypoint of the image'),
  args: z.array(z.string().max(4_096)).max(100).optional(),
  labels: Labels.default({}),
  cpu_request: Quantity.default('50m'),
  cpu_limit: Quantity.optional(),
  memory_request: Quantity.default('64Mi'),
  memory_limit: Quantity.default('512Mi'),
  dry_run: z.boolean().default(false),
});
type Input = z.output<typeof Input>;

const envOf = ({ env, secret_env }: Input): V1EnvVar[] => [
  ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ...Object.entries(secret_env).map(([name, { secret, key }]) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  })),
];

const containerOf = (input: Input): V1Container => ({
  name: input.name,
  image: input.image,
  ports: input.ports.map(({ port, name }) => ({ containerPort: port, ...(name !== undefined && { name }) })),
  env: envOf(input),
  ...(input.command && { command: input.command }),
  ...(input.args && { args: input.args }),
  resources: {
    requests: { cpu: input.cpu_request, memory: input.memory_request },
    limits: { memory: input.memory_limit, ...(input.cpu_limit !== undefined && { cpu: input.cpu_limit }) },
  },
  securityContext: { allowPrivilegeEscalation: false, privileged: false },
});

// The recommended label alone selects: others may change without another deployment.
const bodyOf = (input: Input): V1Deployment => {
  const selector = { 'app.kubernetes.io/name': input.name };
  const labels = { ...input.labels, ...selector, 'app.kubernetes.io/managed-by': fieldManager };
  return {
    metadata: { name: input.name, labels },
    spec: {
      replicas: input.replicas,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: { containers: [containerOf(input)], automountServiceAccountToken: false },
      },
    },
  };
};

export const deploymentCreate = defineTool({
  name: 'k8s_deployment_create',
  title: 'Create a deployment',
  description:
    'Creates a deployment of one container from an image, with replicas, ports and environment. Its pods have no token of the cluster, no privileges, and limits of memory. A deployment of that name must not exist.',
  flag: 'write',
  input: Input,
  output: z.object({ ...deploymentFields, dry_run: z.boolean() }),
  examples: [
    {
      arguments: {
        namespace: 'web',
        name: 'shop',
        image: 'ghcr.io/acme/shop:1.4.2',
        replicas: 2,
        ports: [{ port: 8080 }],
        env: { LOG_LEVEL: 'info' },
      },
    },
  ],
  run: (args, call) =>
    withCluster(call, async ({ apps, ...cluster }) => {
      const namespace = args.namespace ?? cluster.namespace;
      const options = { namespace, fieldManager, ...(args.dry_run && { dryRun: 'All' }) };
      const created = await createOnce(call, bodyOf(args), {
        create: (body) => apps.createNamespacedDeployment({ body, ...options }),
        read: () => apps.readNamespacedDeployment({ namespace, name: args.name }),
      });
      return { ...deploymentOf(created), dry_run: args.dry_run };
    }),
});
