import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';
import { TraceCollector } from './trace-collector.js';

const query = (sql: string) => ({ task_type: 'analytics', payload: { operation: 'query', sources: [], sql } });

const endless = 'select sum(a.range * b.range) from range(10000000) a, range(10000000) b';

interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly result: unknown;
}

describe('the services apart, on PostgreSQL and RabbitMQ', () => {
  let apart: Apart;
  let collector: TraceCollector;

  beforeAll(async () => {
    collector = await TraceCollector.start();
    apart = await Apart.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, AGEING_S: '60', LEASE_S: '600' });
  });

  afterAll(async () => {
    await apart.stop();
    await collector.stop();
  });

  const submit = async (sql: string): Promise<string> => {
    const { task_id } = await apart.call<Task>('/api/v1/tasks', query(sql));
    return task_id;
  };

  const reaches = (taskId: string, wanted: Partial<Task>): Promise<void> =>
    eventually(async () => {
      expect(await apart.call(`/api/v1/tasks/${taskId}`)).toMatchObject(wanted);
    });

  it('say once, when they start, which variable has another name now', () => {
    const warnings = apart.output.join('').match(/AGEING_S is called PRIORITY_AGING_S now: rename the variable/g);
    expect(warnings).toHaveLength(1);
  });

  it('run a task from request to result', async () => {
    const taskId = await submit('select 6 * 7 as answer');
    expect(await apart.call(`/api/v1/tasks/${taskId}?wait=60s`)).toMatchObject({
      status: 'completed',
      assigned_agent: 'dash',
      attempts: 1,
      result: { columns: [{ name: 'answer', type: 'INTEGER' }], rows: [[42]], row_count: 1 },
    });
  });

  it('show one trace from the request to the work', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await apart.call('/api/v1/tasks', query('select 1'), { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    await eventually(() => {
      expect(collector.servicesIn(traceId, ['gateway', 'dash'])).toEqual(['gateway', 'dash']);
    });
  });

  it('run a task again at once when its worker was killed', async () => {
    const taskId = await submit(endless);
    await reaches(taskId, { status: 'running', attempts: 1 });
    await apart.end('agents/dash', 'SIGKILL');
    await apart.run('agents/dash');
    await reaches(taskId, { status: 'running', attempts: 2 });
    await apart.call(`/api/v1/tasks/${taskId}/cancel`, {});
    await reaches(taskId, { status: 'cancelled' });
  });

  it('finish a task that was accepted a moment before the gateway and the router were killed', async () => {
    const taskId = await submit('select 1');
    await Promise.all([apart.end('gateway', 'SIGKILL'), apart.end('router', 'SIGKILL')]);
    await Promise.all([apart.run('gateway'), apart.run('router')]);
    await reaches(taskId, { status: 'completed' });
  });

  it('finish everything after the broker lost all that it had', async () => {
    await apart.end('agents/dash', 'SIGTERM');
    const tasks = Array.from({ length: 300 }, (_, n) => query(`select ${String(n)} as n`));
    expect(await apart.call('/api/v1/tasks/batch', { tasks })).toMatchObject({ accepted: 300 });
    await apart.broker.wipe();
    await apart.run('agents/dash');
    await eventually(
      async () => {
        const [row] = await apart.database.query<{ left: number }>(
          `select count(*)::int as left from task_queue where completed_at is null`,
        );
        expect(row?.left).toBe(0);
      },
      { timeoutMs: 180_000, everyMs: 250 },
    );
    const rows = await apart.database.query(
      `select status, attempts, count(*)::int from task_queue where payload ->> 'sql' like '% as n' group by 1, 2`,
    );
    expect(rows).toEqual([{ status: 'completed', attempts: 1, count: 300 }]);
  }, 240_000);

  it('end with 0 when they are told to', async () => {
    for (const name of ['gateway', 'router', 'agents/dash'] as const) expect(await apart.end(name, 'SIGTERM')).toBe(0);
  });
});
