import { eventually } from '@pulser/testing';

import { type StoredSpan, TaskSpans, Upkeep } from '../src/index.js';
import { TaskLife } from './task-life.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';

describe('the spans of tasks', () => {
  let life: TaskLife;
  let spans: TaskSpans;

  beforeAll(async () => {
    life = await TaskLife.start();
    spans = new TaskSpans(life.database);
  });

  afterAll(() => life.stop());

  const span = (taskId: string, change: Partial<StoredSpan> = {}): StoredSpan => ({
    taskId,
    traceId,
    spanId: 'b7ad6b7169203331',
    parentId: undefined,
    name: 'run analytics',
    kind: 'consumer',
    service: 'dash',
    attempt: 1,
    at: new Date(),
    durationMs: 12.5,
    error: undefined,
    attributes: { operation: 'query' },
    ...change,
  });

  it('are shown with their task, and to no other tenant', async () => {
    const taskId = await life.submit();
    spans.add(life.tenantId, [span(taskId), span(taskId, { spanId: 'c'.repeat(16), parentId: 'b7ad6b7169203331' })]);
    await eventually(async () => {
      expect(await spans.of(life.tenantId, taskId)).toMatchObject({
        trace_id: traceId,
        stored: true,
        spans: [
          { span_id: 'task', derived: true },
          { name: 'wait', derived: true },
          { span_id: 'b7ad6b7169203331', parent_id: 'task', duration_ms: 12.5, attributes: { operation: 'query' } },
          { span_id: 'c'.repeat(16), parent_id: 'b7ad6b7169203331', derived: false },
        ],
      });
    });
    expect(await spans.of(await life.tenants.ensure('other'), taskId)).toBeUndefined();
  });

  it('are bounded, whatever a service says', async () => {
    const taskId = await life.submit();
    const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`a${n}`, 'x'.repeat(10_000)]));
    spans.add(life.tenantId, [span(taskId, { name: 'n'.repeat(1_000), error: 'e'.repeat(1_000), attributes })]);
    await eventually(async () => {
      const stored = (await spans.of(life.tenantId, taskId))?.spans.find(({ derived }) => !derived);
      expect([stored?.name.length, stored?.error?.length, Object.keys(stored?.attributes ?? {}).length]).toEqual([
        200, 64, 20,
      ]);
      expect(JSON.stringify(stored?.attributes).length).toBeLessThan(5_000);
    });
  });

  it('show earlier attempts without reading their lines', async () => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    await Promise.all(
      Array.from({ length: 500 }, (_, n) =>
        life.events.append({ ...claim, place: n + 1, body: { type: 'log', attempt: 1, level: 'info', message: 'x' } }),
      ),
    );
    await life.results.fail(claim, { code: 'timeout', message: 'x', permanent: false }, 0);
    const trace = await spans.of(life.tenantId, taskId);
    expect(trace?.spans.map(({ name, error }) => [name, error])).toEqual([
      ['task', null],
      ['wait', null],
      ['attempt', 'timeout'],
      ['back-off', null],
    ]);
  });

  it('go with their task', async () => {
    const taskId = await life.submit();
    await life.results.complete(await life.claimed(taskId), {});
    spans.add(life.tenantId, [span(taskId)]);
    await eventually(async () => {
      expect((await spans.of(life.tenantId, taskId))?.stored).toBe(true);
    });
    const old = '010a0000-0000-7000-8000-000000000001';
    for (const table of ['task_queue', 'task_span'])
      await life.server.query(`update ${table} set task_id = $2 where task_id = $1`, [taskId, old]);
    await life.server.query(`update task_queue set completed_at = '2000-01-01' where task_id = $1`, [old]);
    await new Upkeep(life.database).dropExpiredTasks(30, 10);
    const left = await life.server.query('select from task_span where task_id = $1', [old]);
    expect(left).toHaveLength(0);
  });
});
