// DigitalOcean's API on a local port, with the account that a spec puts into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  VendorApi,
  DocumentedServer,
  type ApiExtract,
  type Json,
  type VendorAnswer,
  type VendorRequest,
} from '@pulser/testing/vendor-api';

type Fields = Record<string, Json | undefined>;

export const token = 'dop_v1_0123456789abcdef';

const api = new VendorApi(
  JSON.parse(readFileSync(join(import.meta.dirname, 'digitalocean-api.json'), 'utf8')) as ApiExtract,
);

export const problem = (
  status: number,
  id: string,
  message: string,
  headers: Record<string, string> = {},
): VendorAnswer => ({
  status,
  headers,
  body: { id, message, request_id: '4d9d8375-3c56-4925-a3e7-eb137fed17e9' },
});

const notFound = problem(404, 'not_found', 'The resource you requested could not be found.');

/** An id as DigitalOcean makes them, the same for the same number. */
export const idOf = (number: number): string => `4f6c71e2-1e90-4762-9fee-${String(number).padStart(12, '0')}`;

export class FakeDigitalOcean {
  droplets: Fields[] = [];
  clusters: Fields[] = [];
  databases: Fields[] = [];
  apps: Fields[] = [];
  deployments: Fields[] = [];
  /** What the next proposals cost; names that are taken. */
  cost = 12;
  taken: string[] = [];
  validation: Fields = { valid: true };
  /** Where logs are said to be. */
  logs: Fields = {};
  /** By path. */
  files = new Map<string, { bytes: Buffer; ranges: boolean }>();
  /** Headers with which files were asked for. */
  fileHeaders: Record<string, string | string[] | undefined>[] = [];
  private server: DocumentedServer | undefined;

  static async start(): Promise<FakeDigitalOcean> {
    const fake = new FakeDigitalOcean();
    fake.server = await DocumentedServer.start({
      api,
      admit: ({ authorization }) =>
        authorization === `Bearer ${token}` ? undefined : problem(401, 'unauthorized', 'Unable to authenticate you'),
      operations: { ...fake.resources(), ...fake.appOperations(), ...fake.deploymentOperations() },
      files: (path, headers) => fake.file(path, headers),
    });
    return fake;
  }

  get vendor(): DocumentedServer {
    if (this.server === undefined) throw new Error('The server has not started.');
    return this.server;
  }

  private file(path: string, headers: Record<string, string | string[] | undefined>): VendorAnswer | undefined {
    const file = this.files.get(path);
    if (file === undefined) return path.startsWith('/logs/') ? { status: 403, body: 'Request has expired' } : undefined;
    this.fileHeaders.push(headers);
    const wanted = /^bytes=-(\d+)$/.exec(String(headers['range'] ?? ''))?.[1];
    if (wanted === undefined || !file.ranges)
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: file.bytes };
    const from = Math.max(0, file.bytes.length - Number(wanted));
    const range = `bytes ${from}-${file.bytes.length - 1}/${file.bytes.length}`;
    return {
      status: 206,
      headers: { 'content-type': 'text/plain', 'content-range': range },
      body: file.bytes.subarray(from),
    };
  }

  private answer({ operation }: VendorRequest, status: number, given: Json): VendorAnswer {
    return { status, body: api.answer(operation, status, given) };
  }

  private paged(request: VendorRequest, name: string, items: readonly Fields[]): VendorAnswer {
    const page = Number(request.query.get('page') ?? 1);
    const size = Number(request.query.get('per_page') ?? 20);
    const next = `${this.vendor.url}${request.operation}?page=${page + 1}`;
    return this.answer(request, 200, {
      [name]: items.slice((page - 1) * size, page * size),
      links: page * size < items.length ? { pages: { next, last: next } } : {},
      meta: { total: items.length },
    });
  }

  private resources(): Record<string, (request: VendorRequest) => VendorAnswer> {
    return {
      droplets_list: (request) => this.paged(request, 'droplets', this.droplets),
      kubernetes_list_clusters: (request) => this.paged(request, 'kubernetes_clusters', this.clusters),
      databases_list_clusters: (request) => this.answer(request, 200, { databases: this.databases }),
      droplets_create: (request) => {
        const { name, region, size } = request.body as { name: string; region: string; size: string };
        const droplet = dropletFields(this.droplets.length + 1, {
          name,
          status: 'new',
          region: { slug: region },
          size_slug: size,
          size: { slug: size, price_monthly: 6 },
        });
        this.droplets.push(droplet);
        return this.answer(request, 202, {
          droplet,
          links: { actions: [{ id: 99, rel: 'create', href: 'https://api.example/v2/actions/99' }] },
        });
      },
      kubernetes_create_cluster: (request) => {
        const order = request.body as Fields;
        if (this.clusters.some(({ name }) => name === order['name']))
          return problem(422, 'unprocessable_entity', 'a cluster with this name already exists');
        const cluster = {
          ...order,
          id: idOf(500),
          version: '1.33.1-do.0',
          status: { state: 'provisioning' },
          endpoint: '',
        };
        this.clusters.push(cluster);
        return this.answer(request, 201, { kubernetes_cluster: cluster });
      },
      databases_create_cluster: (request) => {
        const database = {
          ...(request.body as Fields),
          id: idOf(600),
          version: '17',
          status: 'creating',
          connection: { host: 'db.example', user: 'doadmin', password: 'wv78n3zpz42xezdk' },
        };
        this.databases.push(database);
        return this.answer(request, 201, { database });
      },
    };
  }

  private appOperations(): Record<string, (request: VendorRequest) => VendorAnswer> {
    const one = (request: VendorRequest): Fields | undefined => this.apps.find(({ id }) => id === request.params['id']);
    return {
      apps_list: (request) => this.paged(request, 'apps', this.apps),
      apps_get: (request) => {
        const app = one(request);
        return app === undefined ? notFound : this.answer(request, 200, { app });
      },
      apps_create: (request) => {
        const { spec, project_id } = request.body as { spec: Fields; project_id?: string };
        if (this.apps.some((app) => (app['spec'] as Fields)['name'] === spec['name']))
          return problem(409, 'conflict', 'App name already exists.');
        const app = appFields(this.apps.length + 1, {
          spec,
          project_id,
          live_url: undefined,
          active_deployment: undefined,
          pending_deployment: { id: idOf(900), phase: 'PENDING_BUILD', cause: 'initial deployment' },
        });
        this.apps.push(app);
        return this.answer(request, 200, { app });
      },
      apps_update: (request) => {
        const app = one(request);
        if (app === undefined) return notFound;
        Object.assign(app, {
          spec: (request.body as { spec: Json }).spec,
          in_progress_deployment: { id: idOf(901), phase: 'BUILDING' },
        });
        return this.answer(request, 200, { app });
      },
      apps_delete: (request) => {
        const app = one(request);
        if (app === undefined) return notFound;
        this.apps = this.apps.filter((each) => each !== app);
        return this.answer(request, 200, { id: app['id'] });
      },
      apps_validate_appSpec: (request) => {
        const { spec, app_id } = request.body as { spec: Fields & { name: string }; app_id?: string };
        const available = app_id !== undefined || !this.taken.includes(spec.name);
        const name = available ? {} : { app_name_suggestion: `${spec.name}-2` };
        return this.answer(request, 200, {
          app_cost: this.cost,
          app_name_available: available,
          app_is_static: false,
          spec,
          ...name,
        });
      },
    };
  }

  private deploymentOperations(): Record<string, (request: VendorRequest) => VendorAnswer> {
    const logs = (request: VendorRequest): VendorAnswer => this.answer(request, 200, this.logs);
    return {
      apps_create_deployment: (request) => {
        if (!this.apps.some(({ id }) => id === request.params['app_id'])) return notFound;
        const deployment = { id: idOf(700 + this.deployments.length), phase: 'PENDING_BUILD', cause: 'manual' };
        this.deployments.unshift(deployment);
        return this.answer(request, 200, { deployment });
      },
      apps_list_deployments: (request) => this.paged(request, 'deployments', this.deployments),
      apps_get_deployment: (request) => {
        const deployment = this.deployments.find(({ id }) => id === request.params['deployment_id']);
        return deployment === undefined ? notFound : this.answer(request, 200, { deployment });
      },
      apps_validate_rollback: (request) => this.answer(request, 200, this.validation),
      apps_create_rollback: (request) =>
        this.answer(request, 200, {
          deployment: {
            id: idOf(800),
            phase: 'PENDING_DEPLOY',
            cloned_from: (request.body as Fields)['deployment_id'],
          },
        }),
      apps_get_logs: logs,
      apps_get_logs_aggregate: logs,
      apps_get_logs_active_deployment: logs,
      apps_get_logs_active_deployment_aggregate: logs,
    };
  }
}

export const appFields = (number: number, given: Fields = {}): Fields => ({
  id: idOf(number),
  spec: { name: `web-${number}`, region: 'fra' },
  live_url: `https://web-${number}.example`,
  region: { slug: 'fra' },
  created_at: '2026-01-01T00:00:00Z',
  active_deployment: { id: idOf(number + 100), phase: 'ACTIVE', cause: 'manual' },
  ...given,
});

export const dropletFields = (number: number, given: Fields = {}): Fields => ({
  id: number,
  name: `runner-${number}`,
  memory: 1_024,
  size_slug: 's-1vcpu-1gb',
  size: { slug: 's-1vcpu-1gb', price_monthly: 6 },
  region: { slug: 'fra1' },
  image: { slug: 'debian-12-x64' },
  status: 'active',
  networks: {
    v4: [
      { ip_address: '203.0.113.7', type: 'public' },
      { ip_address: '10.1.0.2', type: 'private' },
    ],
    v6: [],
  },
  tags: ['ci'],
  created_at: '2026-01-01T00:00:00Z',
  ...given,
});
