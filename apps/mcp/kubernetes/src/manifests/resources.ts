// Where an object of a manifest lives in the API: found by asking which resources the API has.
import { ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { type Cluster, parseAnswer } from '../cluster.js';
import { failureOf } from '../failures.policy.js';
import type { Manifest } from './documents.policy.js';

const ResourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
type Resource = z.infer<typeof ResourceList>['resources'][number];

const rootOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** Undefined: the cluster has no such API. */
const readResources = async (cluster: Cluster, apiVersion: string): Promise<readonly Resource[] | undefined> => {
  const { status, text, headers } = await cluster.ask({ path: rootOf(apiVersion) });
  if (status === 404) return undefined;
  if (status !== 200) throw failureOf(status, text, headers.get('retry-after'));
  return parseAnswer(ResourceList, text).resources;
};

/** The paths of objects; each version of the API is read once. */
export class Resources {
  private readonly lists = new Map<string, Promise<readonly Resource[] | undefined>>();

  /** @param namespace of objects that name none */
  constructor(
    private readonly cluster: Cluster,
    private readonly namespace: string,
  ) {}

  /** @returns undefined where the cluster does not know the kind: it may come with an object before this one */
  async find({ apiVersion, kind }: Manifest): Promise<Resource | undefined> {
    const list = this.lists.get(apiVersion) ?? readResources(this.cluster, apiVersion);
    this.lists.set(apiVersion, list);
    // Subresources such as deployments/scale have kinds too.
    return (await list)?.find((resource) => resource.kind === kind && !resource.name.includes('/'));
  }

  /** The object's path, and the namespace that it is in. @throws ToolError invalid_args for an unknown kind */
  async place(object: Manifest): Promise<{ readonly path: string; readonly namespace: string | undefined }> {
    const { apiVersion, kind, metadata } = object;
    const resource = await this.find(object);
    if (resource === undefined)
      throw new ToolError('invalid_args', `The cluster knows no ${kind} of ${apiVersion} (${metadata.name})`);
    const namespace = resource.namespaced ? (metadata.namespace ?? this.namespace) : undefined;
    const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    return { path: `${rootOf(apiVersion)}${place}/${resource.name}/${encodeURIComponent(metadata.name)}`, namespace };
  }

  /** Forgets what was read: an object that was applied may have added a kind. */
  forget(): void {
    this.lists.clear();
  }
}
