import { calling, type Calling } from './calling.js';
import { dropletFields, idOf } from './fake-digitalocean.js';

describe('resources', () => {
  let cloud: Calling;

  beforeEach(async () => {
    cloud = await calling();
  });
  afterEach(async () => {
    await cloud.stop();
    expect(cloud.fake.vendor.violations).toEqual([]);
  });

  const cluster = (number: number) => ({
    ...{
      id: idOf(number),
      name: `k8s-${number}`,
      region: 'fra1',
      version: '1.33.1-do.0',
      endpoint: 'https://k8s.example',
      status: { state: 'running' },
    },
    node_pools: [
      { name: 'general', size: 's-2vcpu-4gb', count: 3 },
      { name: 'jobs', size: 's-4vcpu-8gb', count: 1 },
    ],
  });
  const database = (number: number) => ({
    ...{
      id: idOf(number),
      name: `db-${number}`,
      engine: 'pg',
      version: '17',
      region: 'fra1',
      size: 'db-s-1vcpu-1gb',
      num_nodes: 1,
      status: 'online',
    },
    connection: { host: 'db.example', password: 'wv78n3zpz42xezdk' },
    tags: null,
  });

  it('are listed with region, size and status, without a password', async () => {
    cloud.fake.droplets = [dropletFields(1)];
    cloud.fake.clusters = [cluster(1)];
    cloud.fake.databases = [database(1)];
    const { result, text } = await cloud.call('do_inventory_list');
    expect(result).toMatchObject({
      items: [
        {
          kind: 'droplet',
          id: '1',
          name: 'runner-1',
          region: 'fra1',
          size: 's-1vcpu-1gb',
          version: 'debian-12-x64',
          status: 'active',
          addresses: ['203.0.113.7'],
          tags: ['ci'],
        },
        { kind: 'kubernetes', name: 'k8s-1', size: 's-2vcpu-4gb, s-4vcpu-8gb', nodes: 4, status: 'running' },
        { kind: 'database', name: 'db-1', version: 'pg 17', nodes: 1, status: 'online', addresses: ['db.example'] },
      ],
      unavailable: [],
      next_cursor: null,
    });
    expect(text).not.toContain('wv78n3zpz42xezdk');
  });

  it('are listed to the end of each kind, none twice', async () => {
    cloud.fake.droplets = [1, 2, 3, 4, 5].map((number) => dropletFields(number));
    cloud.fake.clusters = [cluster(1)];
    cloud.fake.databases = [1, 2, 3].map(database);
    const names: string[] = [];
    const cursors: unknown[] = [];
    let cursor: unknown;
    do {
      const { result } = await cloud.call('do_inventory_list', { limit: 2, ...(cursor !== undefined && { cursor }) });
      names.push(...(result?.['items'] as { name: string }[]).map(({ name }) => name));
      cursor = result?.['next_cursor'] ?? undefined;
      cursors.push(cursor);
    } while (cursor !== undefined);
    expect(cursors).toEqual(['droplet:2,database:2', 'droplet:3', undefined]);
    expect(names.toSorted()).toEqual([
      'db-1',
      'db-2',
      'db-3',
      'k8s-1',
      'runner-1',
      'runner-2',
      'runner-3',
      'runner-4',
      'runner-5',
    ]);
  });

  it('are listed as far as the credential may, and what it may not is named', async () => {
    cloud.fake.droplets = [dropletFields(1)];
    const forbidden = {
      kind: 'answer',
      answer: {
        status: 403,
        body: { id: 'forbidden', message: 'You are missing the required permission kubernetes:read' },
      },
    } as const;
    cloud.fake.vendor.fail('kubernetes_list_clusters', forbidden);
    const { result } = await cloud.call('do_inventory_list');
    expect(result).toMatchObject({
      items: [{ name: 'runner-1' }],
      unavailable: [{ kind: 'kubernetes', reason: expect.stringContaining('kubernetes:read') as string }],
    });
    cloud.fake.vendor.fail('kubernetes_list_clusters', forbidden);
    const alone = await cloud.call('do_inventory_list', { kinds: ['kubernetes'] });
    expect(alone.error?.code).toBe('refused');
    cloud.fake.vendor.fail('databases_list_clusters', {
      kind: 'answer',
      answer: { status: 500, body: { id: 'server_error', message: 'Unexpected' } },
    });
    await expect(cloud.call('do_inventory_list')).resolves.toMatchObject({ error: { code: 'upstream_error' } });
  });

  it('include new Kubernetes clusters', async () => {
    const order = {
      name: 'stage',
      region: 'fra1',
      node_pools: [{ name: 'general', size: 's-2vcpu-4gb', count: 2, auto_scale: true, min_nodes: 1, max_nodes: 4 }],
      tags: ['stage'],
    };
    const { result } = await cloud.call('do_kubernetes_create', order);
    expect(result).toEqual({
      id: idOf(500),
      name: 'stage',
      region: 'fra1',
      version: '1.33.1-do.0',
      state: 'provisioning',
      endpoint: null,
    });
    await expect(cloud.call('do_kubernetes_create', order)).resolves.toMatchObject({
      error: { code: 'invalid_args', message: expect.stringContaining('already exists') as string },
    });
    const pool = { name: 'general', size: 's-2vcpu-4gb', count: 2, auto_scale: true };
    await expect(cloud.call('do_kubernetes_create', { ...order, node_pools: [pool] })).resolves.toMatchObject({
      error: { code: 'invalid_args' },
    });
  });

  it('include new databases, whose password stays where it is', async () => {
    const { result, text } = await cloud.call('do_database_create', {
      name: 'orders',
      engine: 'pg',
      version: '17',
      region: 'fra1',
      size: 'db-s-1vcpu-1gb',
    });
    expect(result).toEqual({
      id: idOf(600),
      name: 'orders',
      engine: 'pg',
      version: '17',
      region: 'fra1',
      size: 'db-s-1vcpu-1gb',
      num_nodes: 1,
      status: 'creating',
    });
    expect(text).not.toContain('wv78n3zpz42xezdk');
  });

  it('include new droplets with their price', async () => {
    const { result } = await cloud.call('do_droplet_create', {
      name: 'runner-9',
      region: 'fra1',
      size: 's-1vcpu-1gb',
      image: 'debian-12-x64',
      ssh_keys: [12, '3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45'],
    });
    expect(result).toEqual({
      id: 1,
      name: 'runner-9',
      status: 'new',
      region: 'fra1',
      size: 's-1vcpu-1gb',
      monthly_cost_usd: 6,
      action_id: 99,
    });
  });
});
