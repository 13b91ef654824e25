// Objects of a cluster, in memory.
import { randomUUID } from 'node:crypto';

import type { Owners } from './patches.js';
import { ApiError, notFound } from './status.js';

export type Fields = Readonly<Record<string, unknown>>;

export interface StoredObject extends Fields {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** What names a resource: `/apis/apps/v1` and `deployments`. */
export interface ResourceKey {
  readonly root: string;
  readonly resource: string;
  readonly namespace: string | undefined;
}

const keyOf = ({ root, resource, namespace }: ResourceKey, name: string): string =>
  [root, resource, namespace ?? '', name].join('|');

/** All objects, and who owns their fields. */
export class Store {
  private readonly objects = new Map<string, StoredObject>();
  private readonly owners = new Map<string, Owners>();
  private version = 1_000;

  get(key: ResourceKey, name: string): StoredObject {
    const found = this.find(key, name);
    if (found === undefined) throw notFound(key.resource, name);
    return found;
  }

  find(key: ResourceKey, name: string): StoredObject | undefined {
    return this.objects.get(keyOf(key, name));
  }

  /** In the order of names, as etcd keeps them. */
  list({ root, resource, namespace }: ResourceKey): readonly StoredObject[] {
    const prefix = `${root}|${resource}|${namespace === undefined ? '' : `${namespace}|`}`;
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  create(key: ResourceKey, body: Fields, dryRun: boolean): StoredObject {
    const { name } = body['metadata'] as { name: string };
    if (this.find(key, name) !== undefined)
      throw new ApiError(
        409,
        `${key.resource} "${name}" already exists`,
        { name, kind: key.resource },
        'AlreadyExists',
      );
    this.requireNamespace(key);
    return this.write(key, body, undefined, dryRun);
  }

  /** @throws ApiError 409 when the body was made from an older version */
  replace(key: ResourceKey, name: string, body: Fields, dryRun = false): StoredObject {
    const before = this.get(key, name);
    const { resourceVersion } = (body['metadata'] ?? {}) as { resourceVersion?: string };
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw new ApiError(
        409,
        `Operation cannot be fulfilled on ${key.resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
        { name },
      );
    return this.write(key, body, before, dryRun);
  }

  write(key: ResourceKey, body: Fields, before: StoredObject | undefined, dryRun: boolean): StoredObject {
    const metadata = body['metadata'] as { name: string };
    const changed = JSON.stringify(before?.['spec']) !== JSON.stringify(body['spec']);
    const stored: StoredObject = {
      ...body,
      metadata: {
        ...metadata,
        ...(key.namespace !== undefined && { namespace: key.namespace }),
        uid: before?.metadata.uid ?? randomUUID(),
        resourceVersion: String((this.version += 1)),
        generation: (before?.metadata.generation ?? 0) + (changed ? 1 : 0),
        ...{
          creationTimestamp:
            before === undefined ? '2026-11-01T10:00:00Z' : (before.metadata as Fields)['creationTimestamp'],
        },
      },
    };
    if (!dryRun) this.objects.set(keyOf(key, metadata.name), stored);
    return stored;
  }

  delete(key: ResourceKey, name: string, uid: string | undefined): StoredObject {
    const found = this.get(key, name);
    if (uid !== undefined && uid !== found.metadata.uid)
      throw new ApiError(
        409,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found.metadata.uid}`,
      );
    this.objects.delete(keyOf(key, name));
    return found;
  }

  ownersOf(key: ResourceKey, name: string): Owners {
    const id = keyOf(key, name);
    const owners = this.owners.get(id) ?? new Map<string, string>();
    this.owners.set(id, owners);
    return owners;
  }

  /** @throws ApiError 404 when the object's namespace is missing */
  requireNamespace({ namespace }: ResourceKey): void {
    const namespaces: ResourceKey = { root: '/api/v1', resource: 'namespaces', namespace: undefined };
    if (namespace !== undefined && this.find(namespaces, namespace) === undefined)
      throw notFound('namespaces', namespace);
  }

  get latestVersion(): string {
    return String(this.version);
  }
}
