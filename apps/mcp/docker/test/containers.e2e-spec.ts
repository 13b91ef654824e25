import { frame } from './fake-engine/engine.js';
import { SampleEngine } from './sample-engine.js';

let sample: SampleEngine;

beforeEach(async () => {
  sample = await SampleEngine.start();
});

afterEach(() => sample.close());

describe('containers', () => {
  it('are listed, those that run or all', async () => {
    const { containers } = await sample.result('container_list');
    expect(containers).toEqual([
      {
        ...{
          id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
          name: 'web',
          image: 'nginx:1.29',
          state: 'running',
        },
        ...{ status: 'Up 3 minutes', labels: { app: 'web' }, created_at: '2023-11-14T22:13:20.000Z' },
        ports: ['127.0.0.1:8080->80/tcp', '443/tcp'],
      },
    ]);
    expect(await sample.result('container_list', { all: true })).toMatchObject({
      containers: [{ name: 'old' }, { name: 'web' }],
    });
    expect(await sample.result('container_list', { status: 'exited' })).toMatchObject({
      containers: [{ name: 'old' }],
    });
    expect(await sample.result('container_list', { all: true, label: 'app=web', name: 'we' })).toMatchObject({
      containers: [{ name: 'web' }],
    });
  });

  it('come a page at a time, and every one once', async () => {
    for (let index = 0; index < 21; index += 1) sample.engine.containers.create(`c${index}`, { Image: 'alpine' });
    const names: string[] = [];
    let next: Record<string, unknown> = {};
    do {
      const page = await sample.result('container_list', { all: true, limit: 10, ...next });
      names.push(...(page['containers'] as { name: string }[]).map(({ name }) => name));
      next = page['continue'] === undefined ? {} : { continue: page['continue'] };
    } while ('continue' in next);
    expect([names.length, new Set(names).size]).toEqual([23, 23]);
    expect((await sample.call('container_list', { continue: 'gone' })).error?.code).toBe('invalid_args');
  });

  it('are described, with names of their environment and no values', async () => {
    const answer = await sample.call('container_inspect', { container: 'web' });
    expect(answer.result).toMatchObject({
      ...{ name: 'web', image: 'nginx:1.29', restarts: 0, restart_policy: 'no', privileged: false },
      env: { PASSWORD: '***', EMPTY: '***' },
      state: { status: 'running', running: true, exit_code: 0 },
      health: { status: 'healthy', failures: 0, last_output: 'fine' },
      mounts: [{ type: 'volume', destination: '/data', writable: true }],
      networks: [{ name: 'bridge', ip: '172.17.0.2' }],
      ports: ['127.0.0.1:8080->80/tcp', '443/tcp'],
      limits: { memory_bytes: 268_435_456, cpus: 0.5, pids: 64 },
    });
    expect(answer.text).not.toContain('hunter2');
  });

  it('that are not there are not found, and no path leads elsewhere', async () => {
    expect((await sample.call('container_inspect', { container: 'gone' })).error).toEqual({
      code: 'not_found',
      message: 'No such container: gone',
    });
    for (const container of ['../images', 'web/json?', '', '-x', 'a'.repeat(200)])
      expect((await sample.call('container_inspect', { container })).error?.code).toBe('invalid_args');
  });
});

describe('the log of a container', () => {
  it('comes apart into its two outputs', async () => {
    expect(await sample.result('container_logs', { container: 'web', tail: 10, timestamps: true })).toEqual({
      ...{ container: 'web', stdout: 'one\ntwo\n', stderr: 'warning\n', truncated: false },
    });
    expect(sample.lastOf('GET', '/containers/web/logs')?.path).toContain('tail=10');
  });

  it('is asked for since a time', async () => {
    await sample.call('container_logs', { container: 'web', since: '2026-11-01T10:00:00+01:00' });
    expect(sample.lastOf('GET', '/containers/web/logs')?.path).toContain(
      `since=${Date.parse('2026-11-01T09:00:00Z') / 1_000}`,
    );
    await sample.call('container_logs', { container: 'web', since_seconds: 60 });
    const since = Number(
      new URL(sample.lastOf('GET', '/containers/web/logs')?.path ?? '', 'http://x').searchParams.get('since'),
    );
    expect(Math.abs(Date.now() / 1_000 - 60 - since)).toBeLessThan(30);
  });

  it('of a terminal is one output', async () => {
    const terminal = sample.engine.containers.create('terminal', { Image: 'alpine', Tty: true });
    terminal.log = Buffer.from('\u0001plain');
    expect(await sample.result('container_logs', { container: 'terminal' })).toMatchObject({
      stdout: '\u0001plain',
      stderr: '',
    });
  });

  it('loses its oldest part when it is too long, and says so', async () => {
    const [web] = sample.engine.containers.list;
    if (web)
      web.log = Buffer.concat(Array.from({ length: 700 }, (_, index) => frame(1, `${String(index).padStart(999)}\n`)));
    const { stdout, truncated } = await sample.result('container_logs', { container: 'web' });
    expect([truncated, (stdout as string).length, (stdout as string).trimEnd().slice(-3)]).toEqual([
      true,
      256 * 1_024,
      '699',
    ]);
  });

  it('that is in no known format is an error', async () => {
    const [web] = sample.engine.containers.list;
    if (web) web.log = Buffer.from('plain text without frames');
    expect((await sample.call('container_logs', { container: 'web' })).error?.code).toBe('upstream_error');
  });
});

describe('the usage of a container', () => {
  it('is one sample', async () => {
    expect(await sample.result('container_stats', { container: 'web' })).toEqual({
      ...{ container: 'web', measured_at: '2026-11-01T10:00:01Z', cpu_percent: 40, cpus: 2, processes: 3 },
      ...{ memory_bytes: 20_000_000, memory_limit_bytes: 100_000_000, memory_percent: 20 },
      ...{ network: { received_bytes: 5, sent_bytes: 6 }, block: { read_bytes: 7, written_bytes: 0 } },
    });
  });

  it('is none of a container that does not run', async () => {
    expect((await sample.call('container_stats', { container: 'old' })).error?.code).toBe('conflict');
  });
});

describe('a container that exists', () => {
  it('is started, stopped and restarted, once', async () => {
    expect(await sample.result('container_start', { container: 'old' })).toMatchObject({
      state_before: 'exited',
      state: 'running',
      changed: true,
    });
    expect(await sample.result('container_start', { container: 'old' })).toMatchObject({
      state: 'running',
      changed: false,
    });
    expect(await sample.result('container_restart', { container: 'old', grace_s: 1 })).toMatchObject({
      state: 'running',
      changed: true,
    });
    expect(await sample.result('container_stop', { container: 'old', grace_s: 3 })).toMatchObject({
      state: 'exited',
      changed: true,
    });
    expect(sample.lastOf('POST', '/containers/old/stop')?.path).toContain('t=3');
    expect(await sample.result('container_stop', { container: 'old' })).toMatchObject({ changed: false });
  });

  it('is removed when it is stopped, or by force', async () => {
    expect((await sample.call('container_remove', { container: 'web' })).error).toMatchObject({ code: 'conflict' });
    expect(await sample.result('container_remove', { container: 'web', force: true, volumes: true })).toMatchObject({
      name: 'web',
      removed: true,
    });
    expect(sample.lastOf('DELETE', '/containers/web')?.path).toContain('v=true');
    expect(await sample.result('container_remove', { container: 'old' })).toMatchObject({ removed: true });
    expect((await sample.call('container_remove', { container: 'old' })).error?.code).toBe('not_found');
  });
});

describe('a command in a container', () => {
  it('is an argv without a shell, with both outputs and its exit code', async () => {
    const output = Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n')]);
    sample.engine.commands.set('echo $HOME; rm -rf /', { output, exitCode: 3 });
    const result = await sample.result('container_exec', {
      container: 'web',
      command: ['echo', '$HOME; rm -rf /'],
      env: { A: 'b' },
      user: 'nobody',
    });
    expect(result).toEqual({
      ...{
        container: 'web',
        stdout: 'out\n',
        stderr: 'err\n',
        exit_code: 3,
        truncated: false,
        timed_out: false,
        still_running: false,
      },
    });
    expect(JSON.parse(sample.lastOf('POST', '/containers/web/exec')?.body.toString() ?? '')).toMatchObject({
      ...{
        Cmd: ['echo', '$HOME; rm -rf /'],
        Env: ['A=b'],
        User: 'nobody',
        Privileged: false,
        AttachStdin: false,
        Tty: false,
      },
    });
  });

  it('has its output cut at the limit, and is read to its end', async () => {
    sample.engine.commands.set('yes', { output: frame(1, 'y\n'.repeat(5_000)), exitCode: 0 });
    const { stdout, truncated, exit_code } = await sample.result('container_exec', {
      container: 'web',
      command: ['yes'],
      max_output_kb: 1,
    });
    expect([(stdout as string).length, truncated, exit_code]).toEqual([1_024, true, 0]);
  });

  it('that does not end is left after its time, and the answer says that it runs', async () => {
    sample.engine.commands.set('sleep infinity', { output: frame(1, 'begun\n'), exitCode: 0, endless: true });
    expect(
      await sample.result('container_exec', { container: 'web', command: ['sleep', 'infinity'], timeout_s: 1 }),
    ).toEqual({
      ...{ container: 'web', stdout: 'begun\n', stderr: '', truncated: false, timed_out: true, still_running: true },
    });
  });

  it('needs a container that runs, and a command', async () => {
    expect((await sample.call('container_exec', { container: 'old', command: ['ls'] })).error?.code).toBe('conflict');
    for (const command of [[], 'ls -l', [7]])
      expect((await sample.call('container_exec', { container: 'web', command })).error?.code).toBe('invalid_args');
    expect(
      (await sample.call('container_exec', { container: 'web', command: ['ls'], privileged: true })).error?.code,
    ).toBe('invalid_args');
  });
});
