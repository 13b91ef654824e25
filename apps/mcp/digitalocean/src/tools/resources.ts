// do_kubernetes_create, do_database_create, do_droplet_create: what costs money by the hour.
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { Id } from '../apps.js';
import { askDigitalOcean } from '../digitalocean.js';

const Slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'is no slug');
const Region = Slug.describe('Slug of the region, like fra1');
const Tags = z
  .array(z.string().regex(/^[\w:-]{1,255}$/, 'is no tag'))
  .max(50)
  .default([]);
const Vpc = Id.optional().describe('Network (VPC); by default that of the region');
const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is no name');

const NodePool = z
  .strictObject({
    name: Name,
    size: Slug.describe('Slug of the size of its nodes, like s-2vcpu-4gb'),
    count: z.number().int().min(1).max(512),
    auto_scale: z.boolean().default(false),
    min_nodes: z.number().int().min(0).max(512).optional(),
    max_nodes: z.number().int().min(1).max(512).optional(),
    labels: z.record(z.string(), z.string()).default({}),
    tags: Tags,
  })
  .refine(
    (pool) => !pool.auto_scale || (pool.min_nodes !== undefined && pool.max_nodes !== undefined),
    'needs min_nodes and max_nodes to scale by itself',
  );

const Cluster = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string(),
  version: z.string(),
  endpoint: z.string().nullish(),
  status: z.object({ state: z.string().nullish() }).nullish(),
});

const doKubernetesCreate = defineTool({
  name: 'do_kubernetes_create',
  title: 'Create a Kubernetes cluster',
  description:
    'Creates a managed Kubernetes cluster, which takes minutes: do_inventory_list has its state. It costs money; names are unique.',
  flag: 'write',
  input: z.object({
    name: Name,
    region: Region,
    version: Slug.default('latest').describe('Slug of a version, a minor version like 1.33, or latest'),
    node_pools: z.array(NodePool).min(1).max(10),
    ha: z.boolean().default(false).describe('Whether the control plane is highly available'),
    auto_upgrade: z.boolean().default(false),
    surge_upgrade: z.boolean().default(true),
    vpc_uuid: Vpc,
    tags: Tags,
  }),
  output: z.object({
    id: z.string(),
    name: z.string(),
    region: z.string(),
    version: z.string(),
    state: z.string().nullable(),
    endpoint: z.string().nullable().describe('null until it is provisioned'),
  }),
  examples: [
    { arguments: { name: 'stage', region: 'fra1', node_pools: [{ name: 'general', size: 's-2vcpu-4gb', count: 2 }] } },
  ],
  run: async (order, call) => {
    const schema = z.object({ kubernetes_cluster: Cluster });
    const { kubernetes_cluster: cluster } = await askDigitalOcean(call, '/v2/kubernetes/clusters', schema, {
      method: 'POST',
      body: order,
    });
    const { id, name, region, version, status, endpoint } = cluster;
    return { id, name, region, version, state: status?.state ?? null, endpoint: endpoint ? endpoint : null };
  },
});

const engines = ['pg', 'mysql', 'valkey', 'mongodb', 'kafka', 'opensearch'] as const;

// Without connection and users: they hold passwords.
const Database = z.object({
  id: z.string(),
  name: z.string(),
  engine: z.string(),
  version: z.string().nullish(),
  region: z.string(),
  size: z.string(),
  num_nodes: z.number(),
  status: z.string().nullish(),
});

const doDatabaseCreate = defineTool({
  name: 'do_database_create',
  title: 'Create a database',
  description:
    'Creates a managed database cluster, which takes minutes: do_inventory_list has its state. Its passwords are not shown. It costs money; names are unique.',
  flag: 'write',
  input: z.object({
    name: Name,
    engine: z.enum(engines),
    version: z
      .string()
      .regex(/^\d+(?:\.\d+)?$/, 'is no version')
      .optional()
      .describe('By default the newest'),
    region: Region,
    size: Slug.describe('Slug of the size of its nodes, like db-s-1vcpu-1gb'),
    num_nodes: z.number().int().min(1).max(15).default(1),
    storage_size_mib: z.number().int().min(1_024).optional(),
    private_network_uuid: Vpc,
    tags: Tags,
  }),
  output: z.object({
    id: z.string(),
    name: z.string(),
    engine: z.string(),
    version: z.string().nullable(),
    region: z.string(),
    size: z.string(),
    num_nodes: z.number(),
    status: z.string().nullable(),
  }),
  examples: [{ arguments: { name: 'orders', engine: 'pg', region: 'fra1', size: 'db-s-1vcpu-1gb' } }],
  run: async (order, call) => {
    const { database } = await askDigitalOcean(call, '/v2/databases', z.object({ database: Database }), {
      method: 'POST',
      body: order,
    });
    return { ...database, version: database.version ?? null, status: database.status ?? null };
  },
});

const Droplet = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  region: z.object({ slug: z.string() }),
  size: z.object({ slug: z.string(), price_monthly: z.number().nullish() }),
});
const Links = z.object({ actions: z.array(z.object({ id: z.number() })).nullish() }).nullish();

const doDropletCreate = defineTool({
  name: 'do_droplet_create',
  title: 'Create a droplet',
  description: 'Creates a virtual machine. It costs money, and names are not unique: a repeat creates another one.',
  flag: 'write',
  input: z.object({
    name: z
      .string()
      .max(255)
      .regex(/^[a-zA-Z0-9]?[a-zA-Z0-9.-]*[a-zA-Z0-9]$/, 'is no host name'),
    region: Region,
    size: Slug.describe('Slug of the size, like s-1vcpu-1gb'),
    image: z
      .union([Slug, z.number().int().min(1)])
      .describe('Slug of a public image, like debian-12-x64, or id of one of your own'),
    ssh_keys: z
      .array(z.union([z.number().int().min(1), z.string().regex(/^[0-9a-f:]{16,100}$/, 'is no fingerprint')]))
      .max(50)
      .default([])
      .describe('Ids or fingerprints of keys of the account'),
    backups: z.boolean().default(false),
    ipv6: z.boolean().default(false),
    monitoring: z.boolean().default(true),
    user_data: z.string().max(65_536).optional().describe('For cloud-init'),
    vpc_uuid: Vpc,
    tags: Tags,
  }),
  output: z.object({
    id: z.number(),
    name: z.string(),
    status: z.string(),
    region: z.string(),
    size: z.string(),
    monthly_cost_usd: z.number().nullable(),
    action_id: z.number().nullable().describe('Of its creation'),
  }),
  examples: [{ arguments: { name: 'runner-1', region: 'fra1', size: 's-1vcpu-1gb', image: 'debian-12-x64' } }],
  run: async (order, call) => {
    const schema = z.object({ droplet: Droplet, links: Links });
    const { droplet, links } = await askDigitalOcean(call, '/v2/droplets', schema, { method: 'POST', body: order });
    const { id, name, status, region, size } = droplet;
    return {
      ...{ id, name, status, region: region.slug, size: size.slug },
      monthly_cost_usd: size.price_monthly ?? null,
      action_id: links?.actions?.[0]?.id ?? null,
    };
  },
});

export const resourceTools = [doKubernetesCreate, doDatabaseCreate, doDropletCreate];
