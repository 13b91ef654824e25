// All 14 tools on a real engine: `npm run proof:mcp docker`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { testClient, type TestCall, type TestClient } from '@pulser/mcp-server-kit/testing';

import { docker } from '../src/index.js';

const registry = process.env['PROOF_DOCKER_REGISTRY'] ?? '';
const base = `${registry}/base/busybox:1`;
const built = 'pulser.invalid/app:1';

let client: TestClient;
let root: string;

beforeAll(async () => {
  client = await testClient(docker);
  root = await mkdtemp(join(tmpdir(), 'proof-'));
});

afterAll(async () => {
  await client.close();
  await rm(root, { recursive: true });
});

const call = (tool: string, args: Record<string, unknown> = {}, options: TestCall = {}) =>
  client.call(tool, args, {
    variables: {
      DOCKER_HOST: process.env['PROOF_DOCKER_HOST'] ?? '',
      DOCKER_ALLOWED_IMAGES: `${registry}/base/*,pulser.invalid/*`,
      DOCKER_BUILD_ROOT: root,
    },
    ...options,
  });

const result = async (tool: string, args: Record<string, unknown> = {}, options: TestCall = {}) => {
  const answer = await call(tool, args, options);
  if (answer.result === undefined) throw new Error(answer.text);
  return answer.result;
};

describe('images of a real engine', () => {
  it('are pulled by tag and by digest, with progress, once', async () => {
    const first = await result('image_pull', { image: base });
    expect(first).toMatchObject({ image: base, changed: true, layers: 1 });
    const [digest = ''] = first['digests'] as string[];
    expect(await result('image_pull', { image: base })).toMatchObject({ changed: false, id: first['id'] });
    expect(await result('image_pull', { image: digest })).toMatchObject({ id: first['id'] });
    expect((await call('image_pull', { image: `${registry}/base/nothing:1` })).error).toMatchObject({
      code: 'not_found',
    });
    expect(await result('image_list')).toMatchObject({ images: [{ tags: [base], digests: [digest] }] });
  });

  it('are built, without what .dockerignore leaves out, and with the reason of a step that fails', async () => {
    await mkdir(join(root, 'app/skipped'), { recursive: true });
    const files = {
      Dockerfile: `FROM ${base}\nARG V\nCOPY . /app\nRUN echo built-$V > /app/version\nCMD ["sleep", "1000"]\n`,
      'Dockerfile.bad': `FROM ${base}\nRUN echo what-went-wrong && sh -c "exit 3"\n`,
      '.dockerignore': 'skipped\n',
      'kept.txt': 'kept',
      'skipped/secret': 'skipped',
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(root, 'app', name), content);
    const steps: unknown[] = [];
    const args = { context: 'app', name: 'app:1', build_args: { V: '7' }, network: 'none' };
    const onProgress: TestCall['onProgress'] = ({ progress, total }) => steps.push([progress, total]);
    expect(await result('image_build', args, { onProgress })).toMatchObject({
      image: built,
      steps: 6,
      context_files: 4,
    });
    expect(steps.at(-1)).toEqual([6, 6]);
    const { error } = await call('image_build', { ...args, dockerfile: 'Dockerfile.bad' });
    expect(error?.message).toContain('what-went-wrong');
    expect(error?.message).toContain('code: 3');
  });
});

describe('containers of a real engine', () => {
  it('run with their limits and without privileges', async () => {
    const args = { image: built, name: 'app', env: { TOKEN: 'hunter2-hunter2' }, memory_mb: 64, cpus: 0.5, pids: 32 };
    expect(await result('container_run', { ...args, network: 'none' })).toMatchObject({
      name: 'app',
      image: built,
      state: 'running',
    });
    const read = async (path: string) =>
      ((await result('container_exec', { container: 'app', command: ['cat', path] }))['stdout'] as string).trim();
    // Of cgroups 2, or of cgroups 1.
    const either = async (one: string, two: string): Promise<string> =>
      (await read(`/sys/fs/cgroup/${one}`)) || (await read(`/sys/fs/cgroup/${two}`));
    expect(await either('memory.max', 'memory/memory.limit_in_bytes')).toBe('67108864');
    expect(await either('pids.max', 'pids/pids.max')).toBe('32');
    expect(await either('cpu.max', 'cpu/cpu.cfs_quota_us')).toMatch(/^50000\b/);
    const status = await read('/proc/1/status');
    expect(status).toMatch(/NoNewPrivs:\s1/);
    // Of the engine's default set without AUDIT_WRITE, MKNOD, NET_RAW and SETFCAP.
    expect(status).toMatch(/CapBnd:\s00000000000405fb/);
    expect(await read('/app/version')).toBe('built-7');
    const mounted = await result('container_exec', {
      container: 'app',
      command: ['mount', '-t', 'tmpfs', 'x', '/tmp'],
    });
    expect(mounted['exit_code']).not.toBe(0);
  });

  it('are listed, described and measured', async () => {
    expect(await result('container_list')).toMatchObject({
      containers: [{ name: 'app', image: built, state: 'running' }],
    });
    const described = await call('container_inspect', { container: 'app' });
    expect(described.result).toMatchObject({
      env: { TOKEN: '***' },
      privileged: false,
      limits: { memory_bytes: 67_108_864, cpus: 0.5, pids: 32 },
    });
    expect(described.text).not.toContain('hunter2');
    const stats = await result('container_stats', { container: 'app' });
    expect(stats).toMatchObject({ memory_limit_bytes: 67_108_864, processes: 2 });
    expect(stats['memory_bytes']).toBeGreaterThan(0);
  });

  it('run commands without a shell, with outputs, exit code, time limit and cap', async () => {
    const exec = (command: string[], more: Record<string, unknown> = {}) =>
      result('container_exec', { container: 'app', command, ...more });
    expect(await exec(['echo', '$HOME; ls'])).toMatchObject({ stdout: '$HOME; ls\n', stderr: '', exit_code: 0 });
    expect(await exec(['sh', '-c', 'echo out; echo err >&2; exit 4'])).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
      exit_code: 4,
    });
    expect(await exec(['seq', '1', '100000'], { max_output_kb: 2 })).toMatchObject({ truncated: true, exit_code: 0 });
    expect(await exec(['sleep', '60'], { timeout_s: 1 })).toMatchObject({ timed_out: true, still_running: true });
    expect(await exec(['id', '-u'], { user: '1000' })).toMatchObject({ stdout: '1000\n' });
    expect(await exec(['no-such-program'])).toMatchObject({ exit_code: 126 });
  });

  it('have logs, of both outputs, their last lines', async () => {
    const command = ['sh', '-c', 'for i in 1 2 3; do echo out-$i; echo err-$i >&2; done; exit 5'];
    expect(await result('container_run', { image: base, name: 'job', command, wait_s: 60 })).toMatchObject({
      state: 'exited',
      exit_code: 5,
    });
    expect(await result('container_logs', { container: 'job' })).toMatchObject({
      stdout: 'out-1\nout-2\nout-3\n',
      stderr: 'err-1\nerr-2\nerr-3\n',
      truncated: false,
    });
    const tail = await result('container_logs', { container: 'job', tail: 1 });
    expect(`${tail['stdout'] as string}${tail['stderr'] as string}`).toMatch(/^(out|err)-3\n$/);
    expect(await result('container_logs', { container: 'job', since: '2100-01-01T00:00:00Z' })).toMatchObject({
      stdout: '',
      stderr: '',
    });
  });

  it('that cannot start leave nothing behind, and one call makes one', async () => {
    // The registry has this port.
    const ports = [{ container: 80, host: Number(registry.split(':')[1]) }];
    expect((await call('container_run', { image: base, name: 'bad', ports })).error?.code).toBe('upstream_error');
    expect((await call('container_inspect', { container: 'bad' })).error?.code).toBe('not_found');
    const again = { image: base, name: 'again', command: ['sleep', '1000'] };
    const first = await result('container_run', again, { idempotencyKey: 'k' });
    expect(await result('container_run', again, { idempotencyKey: 'k' })).toEqual(first);
    expect((await call('container_run', again)).error?.code).toBe('conflict');
  });

  it('are stopped, started, restarted and removed', async () => {
    expect(await result('container_stop', { container: 'app', grace_s: 1 })).toMatchObject({
      state: 'exited',
      changed: true,
    });
    expect(await result('container_stop', { container: 'app' })).toMatchObject({ changed: false });
    expect((await call('container_exec', { container: 'app', command: ['id'] })).error?.code).toBe('conflict');
    expect(await result('container_start', { container: 'app' })).toMatchObject({ state: 'running', changed: true });
    expect(await result('container_restart', { container: 'app', grace_s: 1 })).toMatchObject({
      state: 'running',
      changed: true,
    });
    expect((await call('container_remove', { container: 'app' })).error?.code).toBe('conflict');
    for (const container of ['app', 'job', 'again'])
      expect(await result('container_remove', { container, force: true, volumes: true })).toMatchObject({
        removed: true,
      });
    expect(await result('container_list', { all: true })).toMatchObject({ containers: [] });
  });

  it('free their images', async () => {
    expect(await result('image_remove', { image: built })).toMatchObject({ untagged: [built] });
    await result('image_remove', { image: base, force: true });
    expect((await call('container_run', { image: base })).error).toMatchObject({ code: 'not_found' });
  });
});
