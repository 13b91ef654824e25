import { digest, SampleEngine } from './sample-engine.js';

let sample: SampleEngine;

beforeEach(async () => {
  sample = await SampleEngine.start();
});

afterEach(() => sample.close());

const bodyOf = (): Record<string, unknown> =>
  JSON.parse(sample.lastOf('POST', '/containers/create')?.body.toString() ?? '') as Record<string, unknown>;

describe('a new container', () => {
  it('runs an allowed image with limits, and its environment is in no URL', async () => {
    const args = {
      image: 'alpine:3.22',
      name: 'job',
      command: ['sleep', '9'],
      env: { TOKEN: 'hunter2-hunter2' },
      memory_mb: 64,
      cpus: 0.5,
      pids: 16,
    };
    expect(await sample.result('container_run', args)).toEqual({
      ...{ id: expect.any(String) as string, name: 'job', image: 'docker.io/library/alpine:3.22', state: 'running' },
    });
    expect(bodyOf()).toMatchObject({
      ...{ Image: 'docker.io/library/alpine:3.22', Cmd: ['sleep', '9'], Env: ['TOKEN=hunter2-hunter2'] },
      HostConfig: {
        Memory: 67_108_864,
        MemorySwap: 67_108_864,
        NanoCpus: 500_000_000,
        PidsLimit: 16,
        Privileged: false,
      },
    });
    expect(sample.lastOf('POST', '/containers/create')?.path).toBe('/containers/create?name=job');
  });

  it('is pinned by a digest when one is given', async () => {
    expect(await sample.result('container_run', { image: `alpine@${digest}` })).toMatchObject({
      image: `docker.io/library/alpine@${digest}`,
    });
  });

  it('is waited for when that is asked, and the answer has its exit code', async () => {
    const running = sample.result('container_run', { image: 'alpine:3.22', name: 'job', wait_s: 60 });
    const end = setInterval(() => {
      const job = sample.engine.containers.list.find(({ name, status }) => name === 'job' && status === 'running');
      if (job) sample.engine.containers.stop(job);
    }, 20);
    expect(await running).toMatchObject({ state: 'exited', exit_code: 143 });
    clearInterval(end);
  });

  it.each([
    'nginx',
    'docker.io/acme/alpine',
    'evil.io/library/alpine',
    'ghcr.io/acmeevil/shop',
    'sha256:1',
    '../alpine',
    'alpine:3.22 --privileged',
    digest,
  ])('is not made of %s', async (image) => {
    const { error } = await sample.call('container_run', { image });
    expect(['refused', 'invalid_args']).toContain(error?.code);
    expect(sample.lastOf('POST', '/containers')).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ...(
      [
        ['privileged', true],
        ['Privileged', true],
        ['host_config', { Privileged: true }],
        ['HostConfig', { Binds: ['/:/host'] }],
        ['binds', ['/:/host']],
        ['mounts', [{ type: 'bind', source: '/', target: '/host' }]],
        ['volumes', { '/host': {} }],
        ['volumes_from', ['web']],
        ['network', 'host'],
        ['network', 'container:web'],
        ['network', 'ns:/proc/1/ns/net'],
        ['network_mode', 'host'],
        ['pid', 'host'],
        ['pid_mode', 'host'],
        ['ipc', 'host'],
        ['uts', 'host'],
        ['userns', 'host'],
        ['cap_add', ['SYS_ADMIN']],
        ['capabilities', ['ALL']],
        ['devices', ['/dev/sda']],
        ['device_requests', [{ Count: -1 }]],
        ['security_opt', ['seccomp=unconfined']],
        ['sysctls', { 'kernel.core_pattern': '|/x' }],
        ['cgroup_parent', '/'],
        ['runtime', 'runc'],
        ['oom_score_adj', -1_000],
        ['memory_mb', 0],
        ['memory_mb', -1],
        ['memory_mb', 1e9],
        ['cpus', 0],
        ['cpus', 1_000],
        ['pids', 0],
        ['pids', -1],
        ['ports', [{ container: 80, host: 22 }]],
        ['ports', [{ container: 80, host_ip: '0.0.0.0' }]],
        ['user', '0 --privileged'],
        ['working_dir', '../..'],
        ['name', '../../etc'],
        ['env', { 'A=B': 'c' }],
        ['restart', 'always'],
        ['_query', { name: 'x' }],
        ['_body', { HostConfig: { Privileged: true } }],
        ['authconfig', {}],
      ] as const
    ).map(([name, value]): [string, unknown] => [name, value]),
  ])('cannot be given %s %j', async (name, value) => {
    const { error } = await sample.call('container_run', { image: 'alpine:3.22', [name]: value });
    expect(error?.code).toBe('invalid_args');
    expect(sample.lastOf('POST', '/containers')).toBeUndefined();
  });

  it('that cannot start is removed again', async () => {
    sample.engine.containers.start = () => {
      throw new Error('start fails');
    };
    const { error } = await sample.call('container_run', { image: 'alpine:3.22', name: 'job' });
    expect(error?.code).toBe('upstream_error');
    expect(sample.engine.containers.list.map(({ name }) => name)).not.toContain('job');
  });

  it('of an image that is not on the engine says how it gets there', async () => {
    const { error } = await sample.call('container_run', { image: 'ghcr.io/acme/shop:1' });
    expect(error).toMatchObject({ code: 'not_found', message: expect.stringContaining('image_pull') as string });
  });

  it('takes no name that is taken, and is made once for all tries of one call', async () => {
    const args = { image: 'alpine:3.22', name: 'job' };
    await sample.result('container_run', args, { idempotencyKey: 'k1' });
    expect(await sample.result('container_run', args, { idempotencyKey: 'k1' })).toMatchObject({ name: 'job' });
    expect((await sample.call('container_run', args, { idempotencyKey: 'k2' })).error?.code).toBe('conflict');
    expect((await sample.call('container_run', args)).error?.code).toBe('conflict');
    await sample.result('container_run', { image: 'alpine:3.22' }, { idempotencyKey: 'k3' });
    await sample.result('container_run', { image: 'alpine:3.22' }, { idempotencyKey: 'k3' });
    expect(sample.engine.containers.list).toHaveLength(4);
  });
});
