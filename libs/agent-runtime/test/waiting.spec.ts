import { ApiKeys, type NewTask, TaskResults, TaskSignals } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';

import { runOperation } from '../src/testing/run-operation.js';
import { Router } from './router.js';
import { waitingInlineSkill, waitingSkill } from './waiting.skill.js';
import { Worker } from './worker.js';

const person: Partial<NewTask> = { submitted_by: 'someone', submitter: { role: 'operator' } };

describe.each([
  ['in its own thread', waitingInlineSkill],
  ['in threads of theirs', waitingSkill],
])('a worker with one slot and handlers %s', (_where, skill) => {
  let worker: Worker;
  let router: Router;
  let signals: TaskSignals;

  beforeAll(async () => {
    worker = await Worker.start({ CONCURRENCY: '1' }, skill);
    router = new Router(worker);
    signals = new TaskSignals(worker.database);
  });

  afterAll(async () => {
    await router.stop();
    await worker.stop();
  });

  const send = (taskId: string, body: unknown) =>
    signals.send(worker.tenantId, taskId, { name: 'go', key: '1', body, sentBy: 'tester' });

  it('ends ten tasks with children nested three deep', async () => {
    const roots = await Promise.all(
      Array.from({ length: 10 }, () => worker.submit({ operation: 'nest', depth: 3, children: 2 }, person)),
    );
    await eventually(
      async () => {
        const ended = await Promise.all(roots.map((taskId) => worker.reads.find(worker.tenantId, taskId)));
        expect(ended.map((task) => ({ result: task?.result, attempts: task?.attempts }))).toEqual(
          roots.map(() => ({ result: { leaves: 8 }, attempts: 1 })),
        );
      },
      { timeoutMs: 200_000, everyMs: 100 },
    );
    const [row] = await worker.server.query(
      `select count(*)::int as tasks, count(distinct root_id)::int as roots, count(distinct submitted_by)::int as submitters
       from task_queue where root_id is not null`,
    );
    expect(row).toEqual({ tasks: 10 * 14, roots: 10, submitters: 1 });
  }, 240_000);

  it('holds no slot while a task waits, and does nothing twice when it goes on', async () => {
    const waiting = await worker.submit({ operation: 'listen' });
    await worker.reaches(waiting, 'waiting');
    const other = await worker.submit({ operation: 'nest', depth: 0, children: 0 });
    await worker.reaches(other, 'completed');
    expect(await send(waiting, { speed: 3 })).toMatchObject({ kind: 'kept', woken: [{ task_id: waiting }] });
    const { result } = await worker.reaches(waiting, 'completed');
    expect(result).toEqual({ drawn: expect.any(Number) as number, attempt: 1, body: { speed: 3 } });
    const rows = await worker.server.query<{ result: number }>('select result from task_effect where task_id = $1', [
      waiting,
    ]);
    expect(rows).toEqual([{ result: (result as { drawn: number }).drawn }]);
    const runs = await worker.server.query(
      `select from task_event where task_id = $1 and body ->> 'message' = 'a run begins'`,
      [waiting],
    );
    expect(runs).toHaveLength(2);
  });

  it('takes a signal that came early without waiting', async () => {
    const taskId = await worker.submit(
      { operation: 'listen' },
      { run_at: new Date(Date.now() + 60_000).toISOString() },
    );
    await send(taskId, 'early');
    await worker.server.query(`update task_queue set status = 'queued' where task_id = $1`, [taskId]);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { body: 'early' } });
  });

  it('goes on at the time limit of a wait where the handler says so', async () => {
    const taskId = await worker.submit({ operation: 'listen', limit_s: 0.05 });
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { timedOut: true } });
  });

  it('waits for the time that the first run named', async () => {
    const taskId = await worker.submit({ operation: 'later', ms: 100 });
    const { result } = await worker.reaches(taskId, 'completed');
    const [wait] = await worker.server.query<{ until: Date }>('select until from task_wait where task_id = $1', [
      taskId,
    ]);
    expect(result).toEqual({ reached: wait?.until.toISOString() });
  });

  it.each(['return', 'throw'])('suspends a task whose handler does not want to wait (%s)', async (by) => {
    const taskId = await worker.submit({ operation: 'deny', by });
    await worker.reaches(taskId, 'waiting');
    await send(taskId, 1);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { body: 1 }, attempts: 1 });
  });

  it('does not wait for what is no child of the task', async () => {
    const other = await worker.submit({ operation: 'listen' });
    const taskId = await worker.submit({ operation: 'adopt', task: other });
    expect(await worker.reaches(taskId, 'failed')).toMatchObject({ error: { code: 'invalid_wait' } });
  });

  it('submits children with the rights that the submitter of the first ancestor has now', async () => {
    const keys = new ApiKeys(worker.database);
    await keys.create(worker.tenantId, 'ci', `pulser_test_${_where.length}`);
    const [key] = await worker.server.query<{ key_id: string }>(
      'select key_id from api_key order by key_id desc limit 1',
    );
    const ofKey = { submitted_by: key?.key_id, max_attempts: 1 };
    const refusal = async () => {
      const taskId = await worker.submit({ operation: 'nest', depth: 1, children: 1 }, ofKey);
      const { status, error } = await worker.reaches(taskId, 'completed', 'failed');
      return { status, reason: error?.details?.['reason'] };
    };
    expect(await refusal()).toEqual({ status: 'completed', reason: undefined });
    await eventually(async () => {
      await worker.server.query(`update api_key set allowed_task_types = '{testing}' where key_id = $1`, [key?.key_id]);
      expect(await refusal()).toEqual({ status: 'failed', reason: 'forbidden_task_type' });
    });
    await worker.server.query(`update api_key set allowed_task_types = null, role = 'viewer' where key_id = $1`, [
      key?.key_id,
    ]);
    expect(await refusal()).toEqual({ status: 'failed', reason: 'forbidden' });
    await worker.server.query(`update api_key set role = 'admin', revoked_at = now() where key_id = $1`, [key?.key_id]);
    expect(await refusal()).toEqual({ status: 'failed', reason: 'rights_revoked' });
  });

  it('announces children and tasks that are woken', async () => {
    const results = worker.service.app.get(TaskResults, { strict: false });
    expect(await results.wake(worker.tenantId, '019a0000-0000-7000-8000-000000000000')).toBe(false);
    expect(await worker.metrics()).toContain('outcome="suspended"');
  });
});

describe('the test kit', () => {
  const payload = { operation: 'nest', depth: 1, children: 2 };

  it('runs an operation up to what it waits for, and on with how children end', async () => {
    const first = await runOperation(waitingSkill, payload);
    expect(first).toMatchObject({
      result: undefined,
      suspended: { key: 'all', what: { children: [{}, {}].map(() => expect.any(String) as string) } },
    });
    expect([...first.children.values()].map(({ order }) => order)).toMatchObject([
      { payload: { depth: 0 } },
      { payload: { depth: 0 } },
    ]);
    const children = { 0: { result: { leaves: 2 } }, 1: { result: { leaves: 3 } } };
    expect(await runOperation(waitingSkill, payload, { children })).toMatchObject({
      result: { leaves: 5 },
      suspended: undefined,
    });
  });

  it('has signals that came, and limits that passed', async () => {
    const listen = { operation: 'listen', limit_s: 5 };
    expect((await runOperation(waitingSkill, listen)).suspended).toMatchObject({ key: 'go' });
    expect((await runOperation(waitingSkill, listen, { signals: { go: [7] } })).result).toMatchObject({ body: 7 });
    expect((await runOperation(waitingSkill, listen, { passed: ['go'] })).result).toMatchObject({ timedOut: true });
  });
});
