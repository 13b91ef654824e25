import { type FinishedTask, Tenants } from '@pulser/context-bus';

import { runOperation } from '../src/testing/run-operation.js';
import { historySkill } from './history.skill.js';
import { Worker } from './worker.js';

const finished = (n: number, change: Partial<FinishedTask> = {}): FinishedTask => ({
  taskId: `0198c7a0-0000-7000-8000-${String(n).padStart(12, '0')}`,
  taskType: 'analytics',
  operation: 'query',
  status: 'completed',
  errorCode: null,
  earlierErrors: [],
  agent: 'dash',
  attempts: 1,
  priority: 'medium',
  createdAt: '2026-11-01T00:00:00.000Z',
  startedAt: '2026-11-01T00:00:01.000Z',
  finishedAt: '2026-11-01T00:00:02.000Z',
  waitMs: 1_000,
  runMs: 1_000,
  description: `n: ${n}`,
  parentId: null,
  replayOf: null,
  submitter: null,
  ...change,
});

describe('a handler that asks for the finished tasks of its tenant', () => {
  let worker: Worker;

  beforeAll(async () => {
    worker = await Worker.start({}, historySkill);
  });

  afterAll(() => worker.stop());

  it('gets them in its thread, described, and none of another tenant', async () => {
    const other = await new Tenants(worker.database).ensure('other');
    for (const tenantId of [worker.tenantId, other])
      await worker.server.query(
        `insert into task_queue (tenant_id, task_type, assigned_agent, status, payload, completed_at)
         select $1, 'analytics', 'dash', 'cancelled', jsonb_build_object('of', $2::text, 'token', 'hunter2'), now()
         from generate_series(1, 3)`,
        [tenantId, tenantId === other ? 'other' : 'acme'],
      );
    const own = 'cancelled of: acme\ntoken: (hidden)';
    expect(await worker.run({ operation: 'recount' }, 'completed')).toMatchObject({ result: [own, own, own] });
    const second = await worker.run({ operation: 'recount', page: 1, of: 'recount' }, 'completed');
    expect(second.result).toEqual(['completed operation: recount']);
  });

  it('fails with what is wrong in its query', async () => {
    const { error } = await worker.run({ operation: 'recount', page: 0 }, 'failed', 'retrying');
    expect(error).toMatchObject({ code: 'handler_failed', message: expect.stringContaining('limit') as string });
  });

  it('gets a list in the test kit, in pages of the same order', async () => {
    const tasks = [finished(1), finished(3, { status: 'failed' }), finished(2, { operation: 'forecast' })];
    const { result } = await runOperation(historySkill, { operation: 'recount' }, { finishedTasks: tasks });
    expect(result).toEqual(['failed n: 3', 'completed n: 2', 'completed n: 1']);
    const { result: queries } = await runOperation(
      historySkill,
      { operation: 'recount', of: 'query', page: 1 },
      { finishedTasks: tasks },
    );
    expect(queries).toEqual(['failed n: 3', 'completed n: 1']);
    expect((await runOperation(historySkill, { operation: 'recount' })).result).toEqual([]);
  });
});
