// do_inventory_list: droplets, Kubernetes clusters and databases of the account in one list.
import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { askDigitalOcean } from '../digitalocean.js';
import { hasMore, Links } from '../paging.js';

const kinds = ['droplet', 'kubernetes', 'database'] as const;
type Kind = (typeof kinds)[number];

const Item = z.object({
  kind: z.enum(kinds),
  id: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  size: z.string().nullable().describe('Size of a droplet, a database, or the node pools of a cluster'),
  nodes: z.number().nullable(),
  version: z.string().nullable().describe('Image of a droplet, version of a cluster, engine and version of a database'),
  status: z.string().nullable(),
  addresses: z.array(z.string()),
  tags: z.array(z.string()),
  created_at: z.string().nullable(),
});
type Item = z.input<typeof Item>;

interface Page {
  readonly items: readonly Item[];
  readonly more: boolean;
}

const Tags = { tags: z.array(z.string()).nullish(), created_at: z.string().nullish() };

const Droplets = z.object({
  droplets: z.array(
    z.object({
      ...Tags,
      ...{ id: z.number(), name: z.string(), size_slug: z.string().nullish(), status: z.string().nullish() },
      region: z.object({ slug: z.string() }).nullish(),
      image: z.object({ slug: z.string().nullish(), name: z.string().nullish() }).nullish(),
      networks: z.object({ v4: z.array(z.object({ ip_address: z.string(), type: z.string() })).nullish() }).nullish(),
    }),
  ),
  ...Links,
});

const droplets = async (call: ToolCallContext, page: number, per_page: number): Promise<Page> => {
  const answer = await askDigitalOcean(call, '/v2/droplets', Droplets, { query: { page, per_page } });
  const items = answer.droplets.map((droplet): Item => ({
    ...{ kind: 'droplet', id: String(droplet.id), name: droplet.name, nodes: null },
    region: droplet.region?.slug ?? null,
    size: droplet.size_slug ?? null,
    version: droplet.image?.slug ?? droplet.image?.name ?? null,
    status: droplet.status ?? null,
    addresses: (droplet.networks?.v4 ?? []).filter(({ type }) => type === 'public').map(({ ip_address }) => ip_address),
    tags: droplet.tags ?? [],
    created_at: droplet.created_at ?? null,
  }));
  return { items, more: hasMore(answer) };
};

const Clusters = z.object({
  kubernetes_clusters: z
    .array(
      z.object({
        ...Tags,
        ...{
          id: z.string(),
          name: z.string(),
          region: z.string().nullish(),
          version: z.string().nullish(),
          endpoint: z.string().nullish(),
        },
        node_pools: z.array(z.object({ size: z.string().nullish(), count: z.number().nullish() })).nullish(),
        status: z.object({ state: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  ...Links,
});

const clusters = async (call: ToolCallContext, page: number, per_page: number): Promise<Page> => {
  const answer = await askDigitalOcean(call, '/v2/kubernetes/clusters', Clusters, { query: { page, per_page } });
  const items = (answer.kubernetes_clusters ?? []).map((cluster): Item => {
    const pools = cluster.node_pools ?? [];
    return {
      ...{ kind: 'kubernetes', id: cluster.id, name: cluster.name },
      region: cluster.region ?? null,
      size: pools.map((pool) => pool.size ?? '').join(', ') || null,
      nodes: pools.reduce((sum, pool) => sum + (pool.count ?? 0), 0),
      version: cluster.version ?? null,
      status: cluster.status?.state ?? null,
      addresses: cluster.endpoint ? [cluster.endpoint] : [],
      tags: cluster.tags ?? [],
      created_at: cluster.created_at ?? null,
    };
  });
  return { items, more: hasMore(answer) };
};

// Of the connection only its host: it holds a password as well.
const Databases = z.object({
  databases: z
    .array(
      z.object({
        ...Tags,
        ...{
          id: z.string(),
          name: z.string(),
          engine: z.string(),
          version: z.string().nullish(),
          region: z.string().nullish(),
        },
        ...{ size: z.string().nullish(), num_nodes: z.number().nullish(), status: z.string().nullish() },
        connection: z.object({ host: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});

// DigitalOcean gives all databases at once.
const databases = async (call: ToolCallContext, page: number, per_page: number): Promise<Page> => {
  const all = (await askDigitalOcean(call, '/v2/databases', Databases)).databases ?? [];
  const items = all.slice((page - 1) * per_page, page * per_page).map((database): Item => ({
    ...{ kind: 'database', id: database.id, name: database.name },
    region: database.region ?? null,
    size: database.size ?? null,
    nodes: database.num_nodes ?? null,
    version: [database.engine, database.version].filter(Boolean).join(' '),
    status: database.status ?? null,
    addresses: database.connection?.host ? [database.connection.host] : [],
    tags: database.tags ?? [],
    created_at: database.created_at ?? null,
  }));
  return { items, more: page * per_page < all.length };
};

const sources: Readonly<Record<Kind, (call: ToolCallContext, page: number, per_page: number) => Promise<Page>>> = {
  droplet: droplets,
  kubernetes: clusters,
  database: databases,
};

// `droplet:2,database:1`: the pages that come next, of the kinds that have one.
const InventoryCursor = z
  .string()
  .regex(/^(?:(?:droplet|kubernetes|database):[1-9]\d{0,5}(?:,|$)){1,3}$/, 'is no cursor of an earlier answer');

const wanted = (chosen: readonly Kind[], cursor: string | undefined): readonly (readonly [Kind, number])[] => {
  if (cursor === undefined) return chosen.map((kind) => [kind, 1]);
  const pages = new Map(cursor.split(',').map((part) => part.split(':') as [string, string]));
  return kinds.flatMap((kind) => (pages.has(kind) ? [[kind, Number(pages.get(kind))] as const] : []));
};

interface Outcome {
  readonly kind: Kind;
  readonly page: number;
  readonly found?: Page;
  /** A credential with chosen rights may lack those of one kind. */
  readonly missing?: ToolError;
}

const outcomeOf = async (call: ToolCallContext, kind: Kind, page: number, limit: number): Promise<Outcome> => {
  try {
    return { kind, page, found: await sources[kind](call, page, limit) };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'refused') throw error;
    return { kind, page, missing: error };
  }
};

const doInventoryList = defineTool({
  name: 'do_inventory_list',
  title: 'List resources',
  description:
    'Droplets, Kubernetes clusters and databases of the account with region, size and status. Kinds that the credential may not list are named.',
  flag: 'read',
  input: z.object({
    kinds: z
      .array(z.enum(kinds))
      .min(1)
      .max(3)
      .default([...kinds]),
    limit: z.number().int().min(1).max(100).default(50).describe('Of each kind'),
    cursor: InventoryCursor.optional().describe('next_cursor of the answer before; none for the first page'),
  }),
  output: z.object({
    items: z.array(Item),
    unavailable: z.array(z.object({ kind: z.enum(kinds), reason: z.string() })),
    next_cursor: z.string().nullable(),
  }),
  examples: [{ arguments: {} }, { arguments: { kinds: ['database'], limit: 10 } }],
  run: async ({ kinds: chosen, limit, cursor }, call) => {
    const outcomes = await Promise.all(
      wanted([...new Set(chosen)], cursor).map(([kind, page]) => outcomeOf(call, kind, page, limit)),
    );
    const [refused] = outcomes.flatMap(({ missing }) => missing ?? []);
    if (refused !== undefined && outcomes.every(({ missing }) => missing !== undefined)) throw refused;
    const next = outcomes.filter(({ found }) => found?.more).map(({ kind, page }) => `${kind}:${page + 1}`);
    return {
      items: outcomes.flatMap(({ found }) => found?.items ?? []),
      unavailable: outcomes.flatMap(({ kind, missing }) => (missing ? [{ kind, reason: missing.message }] : [])),
      next_cursor: next.length > 0 ? next.join(',') : null,
    };
  },
});

export const inventoryTools = [doInventoryList];
