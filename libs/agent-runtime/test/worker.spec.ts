import { systemActor, Tenants, TenantSettings } from '@pulser/context-bus';
import { type AgentRegistration, timeLimitMsOf } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { inlineSkill } from './inline.skill.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

describe.each([
  ['in its own thread', inlineSkill],
  ['in threads of theirs', threadedSkill],
])('a worker with handlers %s', (_where, skill) => {
  let worker: Worker;

  beforeAll(async () => {
    worker = await Worker.start(
      // A lease is no way to hear of a cancellation here.
      { RESULT_MAX_BYTES: '1024', ARTIFACT_MAX_BYTES: '1024', CONCURRENCY: '8', LEASE_S: '600' },
      skill,
    );
  });

  afterAll(() => worker.stop());

  it('makes its operations known with schema and example before its first task', async () => {
    const [row] = await worker.server.query<{ registration: AgentRegistration }>(
      'select registration from agent_registration',
    );
    expect(row?.registration.task_types).toEqual([
      { task_type: 'analytics', max_attempts: 4, time_limit_ms: timeLimitMsOf('analytics'), backups: ['data_fabcon'] },
    ]);
    expect(row?.registration.operations.map(({ operation }) => operation)).toContain('echo');
  });

  it('runs a task and keeps its result', async () => {
    const task = await worker.run({ operation: 'echo', value: [1, 'two'] }, 'completed');
    expect(task).toMatchObject({ result: { value: [1, 'two'] }, attempts: 1, error: null });
  });

  it('keeps lines, progress and files with the task', async () => {
    const { taskId } = await worker.run({ operation: 'tell' }, 'completed');
    const page = await worker.events.after(worker.tenantId, taskId, -1);
    expect(page?.events.map(({ event }) => event)).toMatchObject([
      { type: 'status', status: 'queued' },
      { type: 'status', status: 'running' },
      { type: 'log', message: 'half way', fields: { step: 1 } },
      { type: 'progress', percent: 50 },
      { type: 'status', status: 'completed' },
    ]);
    expect(await worker.artifacts.find(worker.tenantId, taskId, 'note.txt')).toMatchObject({
      mediaType: 'text/plain',
      content: Buffer.from('hello'),
    });
  });

  it('reads settings of the task’s own tenant', async () => {
    const value = [{ host: 'api.example.com' }];
    const change = { name: 'allowed-hosts', value, expected: 'whatever' } as const;
    const settings = new TenantSettings(worker.database);
    const other = await new Tenants(worker.database).ensure('other');
    await settings.put(other, systemActor('test'), change);
    expect((await worker.run({ operation: 'settings' }, 'completed')).result).toEqual({ hosts: 'none' });
    await settings.put(worker.tenantId, systemActor('test'), change);
    expect((await worker.run({ operation: 'settings' }, 'completed')).result).toEqual({ hosts: value });
  });

  it('does not repeat what can never succeed', async () => {
    const task = await worker.run({ operation: 'break', times: 9, permanent: true }, 'failed');
    expect(task).toMatchObject({ attempts: 1, error: { code: 'handler_failed', permanent: true } });
  });

  it('tries again after a passing failure, and gives up after the last attempt', async () => {
    const { taskId } = await worker.run({ operation: 'break', times: 9 }, 'retrying');
    for (const attempt of [2, 3]) {
      await eventually(async () => {
        expect(await worker.sweep.promoteScheduled(10)).toHaveLength(1);
      });
      await worker.dispatch(taskId);
      await eventually(async () => {
        const task = await worker.reads.find(worker.tenantId, taskId);
        expect(task).toMatchObject({ attempts: attempt, error: { message: `attempt ${String(attempt)}` } });
      });
    }
    expect(await worker.reaches(taskId, 'failed')).toMatchObject({ attempts: 3 });
  });

  it.each([
    ['names an operation there is not', { operation: 'dance' }, 'unknown_operation'],
    ['names none', {}, 'unknown_operation'],
    ['does not match the schema', { operation: 'echo', value: 1, more: true }, 'invalid_payload'],
  ])('refuses a payload that %s, for good', async (_case, payload, code) => {
    expect(await worker.run(payload, 'failed')).toMatchObject({ error: { code, permanent: true }, attempts: 1 });
  });

  it('refuses a result that is too large', async () => {
    const task = await worker.run({ operation: 'large', characters: 2_000 }, 'failed');
    expect(task.error).toMatchObject({ code: 'result_too_large', details: { max_bytes: 1_024 } });
  });

  it('stops a handler within a moment of the cancellation', async () => {
    const { taskId } = await worker.run({ operation: 'wait' }, 'running');
    await worker.cancel(taskId);
    await eventually(async () => {
      expect(await ended(worker)).toContain('lost');
    });
    expect((await worker.reads.find(worker.tenantId, taskId))?.status).toBe('cancelled');
  });

  it('stops a handler at the deadline of its task', async () => {
    const taskId = await worker.submit({ operation: 'wait' }, { deadline_s: 1 });
    await worker.dispatch(taskId);
    expect(await worker.reaches(taskId, 'failed')).toMatchObject({ error: { code: 'deadline_exceeded' } });
  });

  it('runs all tasks of a message, more than it has slots, each to an end of its own', async () => {
    const values = Array.from({ length: 9 }, (_, value) => ({ operation: 'echo', value }));
    const ids = await Promise.all([...values, { operation: 'dance' }].map((payload) => worker.submit(payload)));
    await worker.dispatch(...ids);
    const doomed = ids.at(-1) ?? '';
    for (const id of ids.slice(0, -1)) expect(await worker.reaches(id, 'completed')).toMatchObject({ attempts: 1 });
    expect(await worker.reaches(doomed, 'failed')).toMatchObject({ error: { code: 'unknown_operation' } });
  });

  it('leaves a task alone that somebody else has or that has ended', async () => {
    const { taskId } = await worker.run({ operation: 'echo', value: 1 }, 'completed');
    await worker.dispatch(taskId);
    await worker.run({ operation: 'echo', value: 2 }, 'completed');
    expect(await worker.reads.find(worker.tenantId, taskId)).toMatchObject({ attempts: 1 });
  });
});

const ended = async (worker: Worker): Promise<string[]> => {
  const text = await worker.metrics();
  return [...text.matchAll(/pulser_task_attempts_total\{.*outcome="(\w+)".*\} [1-9]/g)].map(
    ([, outcome = '']) => outcome,
  );
};

describe('a worker that shuts down', () => {
  it('gives back what does not end in time, uncounted', async () => {
    const worker = await Worker.start();
    const { taskId } = await worker.run({ operation: 'wait' }, 'running');
    await worker.service.close();
    expect(await worker.reads.find(worker.tenantId, taskId)).toMatchObject({ status: 'queued', attempts: 0 });
    await worker.stop();
  });
});

describe('a skill with limits of its own', () => {
  it('is run no longer and no more often than these allow', async () => {
    const retry = { maxRetries: 1, baseMs: 3_600_000, factor: 1, capMs: 3_600_000 };
    const worker = await Worker.start({}, { ...inlineSkill, retry, timeLimitS: 1 });
    const { taskId, error } = await worker.run({ operation: 'wait' }, 'retrying');
    expect(error).toMatchObject({ code: 'time_limit_exceeded' });
    await worker.server.query('update task_queue set due_at = now() where task_id = $1', [taskId]);
    await worker.sweep.promoteScheduled(10);
    await worker.dispatch(taskId);
    // The task itself allows three attempts.
    expect(await worker.reaches(taskId, 'failed')).toMatchObject({ attempts: 2 });
    await worker.stop();
  });
});

describe('a lease', () => {
  it('is renewed for as long as the task runs', async () => {
    const worker = await Worker.start({ LEASE_S: '3' });
    const { taskId } = await worker.run({ operation: 'wait' }, 'running');
    const due = async (): Promise<Date | undefined> => {
      const [row] = await worker.server.query<{ due_at: Date }>('select due_at from task_queue where task_id = $1', [
        taskId,
      ]);
      return row?.due_at;
    };
    const first = await due();
    await eventually(async () => {
      expect((await due())?.getTime()).toBeGreaterThan(first?.getTime() ?? Infinity);
    });
    await worker.stop();
  });
});
