// An API server for tests: the paths, verbs, lists, patches and errors of the real one, over objects in memory.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { Faults } from '../vendor/faults.js';
import { pageOf } from './lists.js';
import { applied, merged, replaced } from './patches.js';
import { ApiError, notFound } from './status.js';
import { type Fields, type ResourceKey, Store } from './store.js';

const kinds: Readonly<
  Record<string, Readonly<Record<string, { readonly kind: string; readonly namespaced: boolean }>>>
> = {
  '/api/v1': {
    namespaces: { kind: 'Namespace', namespaced: false },
    nodes: { kind: 'Node', namespaced: false },
    pods: { kind: 'Pod', namespaced: true },
    services: { kind: 'Service', namespaced: true },
    endpoints: { kind: 'Endpoints', namespaced: true },
    events: { kind: 'Event', namespaced: true },
    configmaps: { kind: 'ConfigMap', namespaced: true },
    secrets: { kind: 'Secret', namespaced: true },
  },
  '/apis/apps/v1': {
    deployments: { kind: 'Deployment', namespaced: true },
    replicasets: { kind: 'ReplicaSet', namespaced: true },
  },
  '/apis/discovery.k8s.io/v1': { endpointslices: { kind: 'EndpointSlice', namespaced: true } },
  '/apis/apiextensions.k8s.io/v1': {
    customresourcedefinitions: { kind: 'CustomResourceDefinition', namespaced: false },
  },
};

interface Asked {
  readonly method: string;
  readonly key: ResourceKey;
  readonly kind: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly body: Fields;
  readonly contentType: string;
}

/** What a request was, for tests that look at it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export class FakeApi {
  readonly store = new Store();
  readonly faults = new Faults();
  readonly seen: Seen[] = [];
  /** Logs by pod, container and instance: `web/shop/app`, `web/shop/app/previous`. */
  readonly logs = new Map<string, string>();
  /** Answers of APIs that other servers add, such as metrics, by path. */
  readonly aggregated = new Map<string, Fields>();
  /** APIs that this cluster has not. */
  readonly missing = new Set<string>();
  token = 'secret-token-of-tests';
  private readonly server: Server;

  private constructor(private readonly tls: { readonly key: string; readonly cert: string } | undefined) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.answer(request, response);
    this.server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  }

  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<FakeApi> {
    const api = new FakeApi(tls);
    api.server.listen(0, '127.0.0.1');
    await once(api.server, 'listening');
    return api;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** An object that is there from the start. */
  add(root: string, resource: string, object: Fields, manager?: string): void {
    const { namespace, name } = object['metadata'] as { namespace?: string; name: string };
    const key = { root, resource, namespace };
    const { kind = '' } = kinds[root]?.[resource] ?? {};
    const apiVersion = root.replace(/^\/apis?\//, '');
    if (manager !== undefined)
      applied(undefined, object, { owners: this.store.ownersOf(key, name), manager, force: false });
    this.store.write(key, { kind, apiVersion, ...object }, this.store.find(key, name), false);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, path: url, headers, body });
    if (this.faults.take(request, response)) return;
    try {
      if (headers.authorization !== `Bearer ${this.token}`) throw new ApiError(401, 'Unauthorized');
      this.reply(request, response, body);
    } catch (error) {
      const status = error instanceof ApiError ? error : new ApiError(500, (error as Error).stack ?? '');
      send(response, status.code, status.toJSON());
    }
  }

  private reply({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse, body: string): void {
    const { pathname, searchParams } = new URL(url, 'http://api');
    const aggregated = this.aggregated.get(pathname);
    if (aggregated !== undefined) {
      send(response, 200, aggregated);
      return;
    }
    const root = /^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)/.exec(pathname)?.[0] ?? '';
    if (kinds[root] === undefined || this.missing.has(root)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
      return;
    }
    if (pathname === root) {
      send(response, 200, discovery(root));
      return;
    }
    const parsed = body === '' ? {} : (JSON.parse(body) as Fields);
    const asked = { ...placeOf(root, pathname), method, query: searchParams, body: parsed };
    if (asked.subresource === 'log') this.log(asked.key, asked.name ?? '', searchParams, response);
    else send(response, ...this.act({ ...asked, contentType: headers['content-type'] ?? '' }));
  }

  private act(asked: Asked): [number, Fields] {
    const { method, key, name, kind, query, body } = asked;
    const dryRun = query.get('dryRun') === 'All';
    if (name === undefined) {
      if (method === 'POST')
        return [201, this.store.create(key, { kind, apiVersion: versionOf(key), ...body }, dryRun)];
      return [200, pageOf(this.store.list(key), query, kind, this.store.latestVersion)];
    }
    if (asked.subresource === 'scale') return [200, this.scale(asked, name)];
    if (method === 'PATCH') return this.patch(asked, name, dryRun);
    if (method === 'DELETE') return [200, this.remove(key, name, body)];
    return [200, this.store.get(key, name)];
  }

  private remove(key: ResourceKey, name: string, body: Fields): Fields {
    const { preconditions } = body as { preconditions?: { uid?: string } };
    return this.store.delete(key, name, preconditions?.uid);
  }

  private patch({ key, query, body, contentType, kind }: Asked, name: string, dryRun: boolean): [number, Fields] {
    if (contentType === 'application/apply-patch+yaml') return this.apply(key, name, body, query, dryRun);
    const before = this.store.get(key, name);
    const after =
      contentType === 'application/json-patch+json'
        ? replaced(before, body as never)
        : (merged(before, body) as Fields);
    return [200, { kind, ...this.store.replace(key, name, after, dryRun) }];
  }

  private apply(
    key: ResourceKey,
    name: string,
    body: Fields,
    query: URLSearchParams,
    dryRun: boolean,
  ): [number, Fields] {
    const before = this.store.find(key, name);
    const owners = this.store.ownersOf(key, name);
    const trial = new Map(owners);
    const manager = query.get('fieldManager') ?? '';
    const after = applied(before, body, { owners: trial, manager, force: query.get('force') === 'true' });
    if (before === undefined) this.store.requireNamespace(key);
    if (!dryRun) for (const path of new Set([...owners.keys(), ...trial.keys()])) moveOwner(owners, trial, path);
    if (before === undefined) return [201, this.store.write(key, after, undefined, dryRun)];
    return [200, this.store.replace(key, name, after, dryRun)];
  }

  private scale({ key, method, body }: Asked, name: string): Fields {
    const before = this.store.get(key, name);
    const deployment = method === 'PUT' ? this.resize(key, name, body) : before;
    const { replicas } = deployment['spec'] as { replicas: number };
    const { namespace, uid, resourceVersion } = deployment.metadata;
    return {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name, namespace, uid, resourceVersion },
      spec: { replicas },
    };
  }

  private resize(key: ResourceKey, name: string, scale: Fields) {
    const { metadata, spec } = scale as { metadata: Fields; spec: Fields };
    const before = this.store.get(key, name);
    const changed = { ...before, metadata: { ...before.metadata, resourceVersion: metadata['resourceVersion'] } };
    return this.store.replace(key, name, { ...changed, spec: { ...(before['spec'] as Fields), ...spec } });
  }

  private log({ namespace = '' }: ResourceKey, pod: string, query: URLSearchParams, response: ServerResponse): void {
    const { spec } = this.store.get({ root: '/api/v1', resource: 'pods', namespace }, pod) as {
      spec?: { containers: readonly { name: string }[] };
    };
    const names = (spec?.containers ?? []).map(({ name }) => name);
    const container = query.get('container') ?? (names.length === 1 ? names[0] : undefined);
    if (container === undefined)
      throw new ApiError(400, `a container name must be specified for pod ${pod}, choose one of: [${names.join(' ')}]`);
    const id = [namespace, pod, container, ...(query.get('previous') === 'true' ? ['previous'] : [])].join('/');
    const log = this.logs.get(id);
    if (log === undefined)
      throw new ApiError(400, `previous terminated container "${container}" in pod "${pod}" not found`);
    const lines = log
      .split('\n')
      .slice(-Number(query.get('tailLines')) - 1)
      .join('\n');
    const cut = Buffer.from(lines).subarray(0, Number(query.get('limitBytes')));
    response.writeHead(200, { 'content-type': 'text/plain' }).end(cut);
  }
}

const moveOwner = (owners: Map<string, string>, trial: Map<string, string>, path: string): void => {
  const owner = trial.get(path);
  if (owner === undefined) owners.delete(path);
  else owners.set(path, owner);
};

const versionOf = ({ root }: ResourceKey): string => root.replace(/^\/apis?\//, '');

const discovery = (root: string): Fields => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: root.replace(/^\/apis?\//, ''),
  resources: Object.entries(kinds[root] ?? {}).map(([name, { kind, namespaced }]) => ({
    ...{ name, kind, namespaced, singularName: '', verbs: ['get', 'list', 'patch'] },
  })),
});

const placeOf = (root: string, pathname: string) => {
  const parts = pathname
    .slice(root.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const scoped = parts[0] === 'namespaces' && parts.length > 2;
  const namespace = scoped ? parts[1] : undefined;
  const [resource = '', name, subresource] = scoped ? parts.slice(2) : parts;
  const found = kinds[root]?.[resource];
  if (found === undefined) throw notFound(resource, name ?? '');
  return { key: { root, resource, namespace }, kind: found.kind, name, subresource };
};

const send = (response: ServerResponse, status: number, body: Fields): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
