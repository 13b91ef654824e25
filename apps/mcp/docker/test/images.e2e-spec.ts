import { digest, SampleEngine } from './sample-engine.js';

let sample: SampleEngine;

beforeEach(async () => {
  sample = await SampleEngine.start();
});

afterEach(() => sample.close());

describe('images', () => {
  it('are listed with tags, digests and size, newest first, a page at a time', async () => {
    const alpine = {
      id: 'sha256:1',
      tags: ['docker.io/library/alpine:3.22'],
      digests: [`docker.io/library/alpine@${digest}`],
      size_bytes: 5_000,
    };
    const first = await sample.result('image_list', { limit: 1 });
    expect(first).toEqual({
      images: [{ ...alpine, created_at: '2023-11-14T22:18:20.000Z' }],
      ...{ truncated: true, continue: 'sha256:1' },
    });
    expect(await sample.result('image_list', { continue: 'sha256:1' })).toMatchObject({
      images: [{ id: 'sha256:2', tags: [] }],
      truncated: false,
    });
    await sample.result('image_list', { name: 'acme/*', untagged: true });
    const filters = new URL(sample.lastOf('GET', '/images/json')?.path ?? '', 'http://x').searchParams.get('filters');
    expect(JSON.parse(filters ?? '')).toEqual({ reference: ['acme/*'], dangling: ['true'] });
  });

  it('are removed by name or id', async () => {
    expect(await sample.result('image_remove', { image: 'docker.io/library/alpine:3.22' })).toEqual({
      ...{ untagged: ['docker.io/library/alpine:3.22'], deleted: ['sha256:1'] },
    });
    expect((await sample.call('image_remove', { image: 'docker.io/library/alpine:3.22' })).error?.code).toBe(
      'not_found',
    );
    for (const image of ['../containers/web', 'a?force=true', '', 'a/../b'])
      expect((await sample.call('image_remove', { image })).error?.code).toBe('invalid_args');
  });
});

describe('a pull', () => {
  const layers = [
    { status: 'Pulling from acme/shop', id: '1' },
    { status: 'Pulling fs layer', id: 'aaa', progressDetail: {} },
    { status: 'Downloading', id: 'aaa', progressDetail: { current: 10, total: 100 }, progress: '[=>  ]' },
    { status: 'Download complete', id: 'aaa', progressDetail: {} },
    { status: 'Pull complete', id: 'aaa', progressDetail: {} },
    { status: 'Status: Downloaded newer image for ghcr.io/acme/shop:1' },
  ];

  it('brings an allowed image, and says which', async () => {
    sample.engine.messages = layers;
    expect(await sample.result('image_pull', { image: 'ghcr.io/acme/shop:1', platform: 'linux/arm64' })).toMatchObject({
      ...{ image: 'ghcr.io/acme/shop:1', changed: true, layers: 1, size_bytes: 5_000 },
    });
    const query = Object.fromEntries(
      new URL(sample.lastOf('POST', '/images/create')?.path ?? '', 'http://x').searchParams,
    );
    expect(query).toEqual({ fromImage: 'ghcr.io/acme/shop', tag: '1', platform: 'linux/arm64' });
  });

  it('says when the image was there already, also by digest', async () => {
    sample.engine.messages = [{ status: 'Status: Image is up to date for alpine:3.22' }];
    expect(await sample.result('image_pull', { image: 'alpine:3.22' })).toMatchObject({ changed: false });
    await sample.result('image_pull', { image: `alpine@${digest}` });
    expect(sample.lastOf('POST', '/images/create')?.path).toContain(`tag=${encodeURIComponent(digest)}`);
  });

  it.each<[string, string]>([
    ['manifest for ghcr.io/acme/shop:1 not found: manifest unknown', 'not_found'],
    ['pull access denied for acme/shop', 'refused'],
    ['toomanyrequests: You have reached your pull rate limit', 'rate_limited'],
    ['write /var/lib/docker/tmp: no space left on device', 'upstream_error'],
  ])('that fails on the way says why: %s', async (error, code) => {
    sample.engine.messages = [...layers.slice(0, 3), { errorDetail: { message: error }, error }];
    expect((await sample.call('image_pull', { image: 'ghcr.io/acme/shop:1' })).error).toEqual({ code, message: error });
  });

  it('of what a registry does not have is not found, though the engine answers with 500', async () => {
    sample.engine.faults.add({ of: 'POST /images/create', status: 500, body: '{"message":"manifest unknown"}' });
    expect((await sample.call('image_pull', { image: 'ghcr.io/acme/shop:1' })).error?.code).toBe('not_found');
  });

  it('that just ends is no success', async () => {
    sample.engine.faults.add({ of: 'POST /images/create', body: '{"status":"Downloading"' });
    expect((await sample.call('image_pull', { image: 'ghcr.io/acme/shop:1' })).error?.code).toBe('upstream_error');
    sample.engine.faults.add({ of: 'POST /images/create', body: '{"status":"Downloading"}' });
    expect((await sample.call('image_pull', { image: 'ghcr.io/acme/shop:1' })).error?.code).toBe('not_found');
    sample.engine.faults.add({ of: 'POST /images/create', body: '{"status":"Downloading"}\n{"sta', truncated: true });
    expect((await sample.call('image_pull', { image: 'ghcr.io/acme/shop:1' })).error?.code).toBe('upstream_error');
  });

  it('reports how far it is', async () => {
    const seen: unknown[] = [];
    sample.engine.messages = layers;
    await sample.result(
      'image_pull',
      { image: 'ghcr.io/acme/shop:1' },
      { onProgress: (progress) => seen.push(progress) },
    );
    expect(seen[0]).toMatchObject({ progress: 10, total: 100, message: 'Downloading' });
  });

  it('takes the login to its own registry alone', async () => {
    sample.engine.messages = layers;
    const variables = {
      ...sample.variables,
      ...{ DOCKER_REGISTRY: 'ghcr.io', DOCKER_REGISTRY_USERNAME: 'me', DOCKER_REGISTRY_PASSWORD: 'hunter2-hunter2' },
    };
    await sample.call('image_pull', { image: 'ghcr.io/acme/shop:1' }, { variables });
    const header = String(sample.lastOf('POST', '/images/create')?.headers['x-registry-auth']);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      ...{ serveraddress: 'ghcr.io', username: 'me', password: 'hunter2-hunter2' },
    });
    await sample.call('image_pull', { image: 'alpine:3.22' }, { variables });
    expect(sample.lastOf('POST', '/images/create')?.headers).not.toHaveProperty('x-registry-auth');
  });

  it('brings no other image', async () => {
    for (const image of ['nginx', '169.254.169.254/acme/x', 'localhost:5000/alpine', 'ghcr.io/other/x'])
      expect((await sample.call('image_pull', { image })).error?.code).toBe('refused');
    expect(sample.lastOf('POST', '/images')).toBeUndefined();
  });
});
