import { strToU8, zipSync } from 'fflate';

import { calling, type Calling } from './calling.js';

const run = (id: number, given: Record<string, string | number | null> = {}) => ({
  ...{
    id,
    name: 'CI',
    display_title: 'fix',
    event: 'push',
    status: 'completed',
    conclusion: 'failure',
    head_branch: 'main',
    head_sha: 'a'.repeat(40),
  },
  ...{
    run_started_at: '2026-01-01T00:00:00Z',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:01:30Z',
    run_attempt: 1,
    ...given,
  },
});

const step = (number: number, name: string, conclusion: string) => ({ number, name, status: 'completed', conclusion });
const job = (name: string, conclusion: string, steps: ReturnType<typeof step>[]) => ({
  name,
  status: 'completed',
  conclusion,
  steps,
});

describe('workflow runs', () => {
  let github: Calling;

  beforeEach(async () => {
    github = await calling();
    github.fake.runs = [run(1), run(2, { status: 'in_progress', conclusion: null }), run(3, { conclusion: 'success' })];
    github.fake.jobs = [
      job('test / unit: fast', 'failure', [step(1, 'Set up job', 'success'), step(3, 'Run tests', 'failure')]),
      job('lint', 'timed_out', [step(2, 'eslint', 'timed_out')]),
      job('docs', 'success', [step(1, 'build', 'success')]),
      job('never started', 'failure', []),
    ];
  });
  afterEach(async () => {
    await github.stop();
    expect(github.fake.vendor.violations).toEqual([]);
  });

  const archive = (files: Record<string, string>): Buffer =>
    Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));

  it('are listed with conclusion and duration', async () => {
    const { result } = await github.call('workflow_run_list', {
      status: 'failure',
      branch: 'main',
      event: 'push',
      sha: 'a'.repeat(40),
    });
    expect(result).toMatchObject({
      runs: [{ id: 1, workflow: 'CI', conclusion: 'failure', duration_s: 90 }],
      next_cursor: null,
    });
    const one = await github.call('workflow_run_list', { workflow: 'ci.yml', limit: 2 });
    expect(one.result).toMatchObject({ runs: [{ id: 1 }, { id: 2, duration_s: null }], next_cursor: '2' });
    expect(github.fake.vendor.requests.at(-1)).toMatchObject({
      operation: 'actions/list-workflow-runs',
      params: { workflow_id: 'ci.yml' },
    });
  });

  it('give the ends of the logs of failed steps', async () => {
    github.fake.archive = archive({
      'test  unit fast/1_Set up job.txt': 'fine\n',
      'test  unit fast/3_Run tests.txt': `${'dots\n'.repeat(5_000)}\u001b[31mexpected 1, got 2\u001b[0m\n`,
      '1_lint.txt': 'took too long\n',
      'docs/1_build.txt': 'fine\n',
    });
    const { result } = await github.call('workflow_run_logs', { run_id: 1, max_bytes: 200 });
    expect(result).toMatchObject({
      conclusion: 'failure',
      failed_jobs: ['test / unit: fast', 'lint', 'never started'],
      truncated: true,
      steps: [
        { job: 'test / unit: fast', number: 3, name: 'Run tests', truncated: true, of_job: false, missing: null },
        { job: 'lint', number: 2, log: 'took too long\n', truncated: false, of_job: true },
      ],
    });
    const [tests] = result?.['steps'] as { log: string }[];
    expect(tests?.log).toMatch(/^dots\n[^]*\nexpected 1, got 2\n$/);
    expect(tests?.log.length).toBeLessThanOrEqual(200);
  });

  it('say of a step without a log that there is none', async () => {
    github.fake.archive = archive({ 'docs/1_build.txt': 'fine\n' });
    const { result } = await github.call('workflow_run_logs', { run_id: 1, attempt: 1 });
    expect(result?.['steps']).toMatchObject([{ log: '', missing: 'The archive has no log of this step' }, { log: '' }]);
  });

  it('have no logs while they run, and none when they passed', async () => {
    await expect(github.call('workflow_run_logs', { run_id: 2 })).resolves.toMatchObject({
      error: { code: 'conflict' },
    });
    github.fake.jobs = [job('docs', 'success', [step(1, 'build', 'success')])];
    await expect(github.call('workflow_run_logs', { run_id: 3 })).resolves.toMatchObject({
      result: { conclusion: 'success', steps: [], failed_jobs: [] },
    });
    expect(github.fake.vendor.count('actions/download-workflow-run-logs')).toBe(0);
  });

  it('have logs that GitHub has deleted', async () => {
    github.fake.vendor.fail('actions/download-workflow-run-logs', {
      kind: 'answer',
      answer: { status: 410, body: { message: 'Server Error' } },
    });
    await expect(github.call('workflow_run_logs', { run_id: 1 })).resolves.toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('have an archive that is none', async () => {
    github.fake.archive = Buffer.from('<html>Sign in</html>');
    const { error } = await github.call('workflow_run_logs', { run_id: 1 });
    expect(error).toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('archive of logs cannot be read') as string,
    });
  });

  it('have a log that is a bomb: it is not unpacked', async () => {
    github.fake.archive = archive({
      'lint/2_eslint.txt': '\0'.repeat(60_000_000),
      '0_test  unit fast.txt': 'broken\n',
    });
    expect(github.fake.archive.length).toBeLessThan(100_000);
    const { result } = await github.call('workflow_run_logs', { run_id: 1 });
    expect(result?.['steps']).toMatchObject([
      { log: 'broken\n', of_job: true },
      { log: '', missing: 'The log has 60000000 bytes, which is too much to unpack' },
    ]);
  });

  it('are started with inputs', async () => {
    const { result } = await github.call('workflow_dispatch', {
      workflow: 'deploy.yml',
      ref: 'main',
      inputs: { stage: 'test' },
    });
    expect(result).toMatchObject({ run_id: 77 });
    expect(github.fake.dispatched).toEqual([{ ref: 'main', inputs: { stage: 'test' }, return_run_details: true }]);
    const none = await github.call('workflow_dispatch', { workflow: 'ci.yml', ref: 'main' });
    expect(none.error).toMatchObject({
      code: 'invalid_args',
      message: expect.stringContaining('workflow_dispatch') as string,
    });
  });

  it('are started on a server that does not say which run it is', async () => {
    github.fake.vendor.fail('actions/create-workflow-dispatch', { kind: 'answer', answer: { status: 204 } });
    await expect(github.call('workflow_dispatch', { workflow: 'deploy.yml', ref: 'main' })).resolves.toMatchObject({
      result: { run_id: null, url: null },
    });
  });
});
