// Workflows over processes of their own: no slot is held by what waits, and a worker that is killed loses nothing.
import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';

interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly result: unknown;
}

interface Run {
  readonly steps: readonly { readonly name: string; readonly status: string; readonly task_id: string | null }[];
}

const query = (sql: unknown) => ({ task_type: 'analytics', payload: { operation: 'query', sources: [], sql } });

describe('workflows over services with one place each', () => {
  let apart: Apart;

  beforeAll(async () => {
    apart = await Apart.start({ CONCURRENCY: '1', LEASE_S: '3' }, [
      'gateway',
      'router',
      'agents/pulser',
      'agents/dash',
    ]);
  });

  afterAll(async () => {
    await apart.stop();
  });

  const begin = async (run: object): Promise<string> => {
    const payload = { operation: 'run', ...run };
    const { task_id: taskId } = await apart.call<Task>('/api/v1/tasks', { task_type: 'orchestration', payload });
    return taskId;
  };

  const completes = (taskId: string): Promise<Task> =>
    eventually(
      async () => {
        const task = await apart.call<Task>(`/api/v1/tasks/${taskId}`);
        expect(task).toMatchObject({ status: 'completed' });
        return task;
      },
      { timeoutMs: 90_000 },
    );

  const runOf = (taskId: string): Promise<Run> => apart.call<Run>(`/api/v1/runs/${taskId}`);

  const stepsAre = (taskId: string, wanted: Readonly<Record<string, string>>): Promise<void> =>
    eventually(
      async () => {
        const { steps } = await runOf(taskId);
        expect(Object.fromEntries(steps.map(({ name, status }) => [name, status]))).toEqual(wanted);
      },
      { timeoutMs: 90_000 },
    );

  const send = (taskId: string, name: string, body: object): Promise<unknown> =>
    apart.call(`/api/v1/tasks/${taskId}/signals/${name}`, body);

  it('ends ten of them that are nested three deep', async () => {
    const inner = { steps: [{ name: 'work', ...query('select 1') }] };
    const middle = {
      steps: [
        { name: 'in', workflow: 'inner' },
        { name: 'after', needs: ['in'], ...query('select 2') },
      ],
    };
    const outer = { steps: [{ name: 'in', workflow: 'middle' }] };
    for (const [name, definition] of Object.entries({ inner, middle, outer }))
      await apart.call(`/api/v1/workflows/${name}`, definition, {}, 'PUT');
    const runs = await Promise.all(Array.from({ length: 10 }, () => begin({ workflow: 'outer' })));
    await Promise.all(runs.map(completes));
    const ended = await apart.database.query<{ status: string; tasks: number }>(
      `select status, count(*)::int as tasks from task_queue where root_id is not null group by 1`,
    );
    expect(ended).toEqual([{ status: 'completed', tasks: 40 }]);
  });

  it('takes a signal, sent while its worker is dead, in a step that held no place', async () => {
    const last = query({ $path: '$.steps.gate.result.body.sql' });
    const steps = [
      { name: 'first', ...query('select 1') },
      { name: 'gate', needs: ['first'], wait: { signal: 'approved' } },
      { name: 'last', needs: ['gate'], ...last },
    ];
    const runId = await begin({ definition: { steps } });
    await stepsAre(runId, { first: 'completed', gate: 'running', last: 'pending' });
    const held = await apart.database.query(`select task_id from task_queue where status in ('queued', 'running')`);
    expect(held).toEqual([]);
    await apart.end('agents/pulser', 'SIGKILL');
    await send(runId, 'approved', { sql: 'select 42 as answer' });
    await apart.run('agents/pulser');
    await completes(runId);
    const tasks = (await runOf(runId)).steps.map(({ task_id: taskId }) => taskId);
    expect(tasks[1]).toBeNull();
    for (const taskId of [tasks[0], tasks[2]])
      expect(await apart.call(`/api/v1/tasks/${taskId}`)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await apart.call(`/api/v1/tasks/${tasks[2]}`)).toMatchObject({ result: { rows: [[42]] } });
  });

  it('keeps a signal that comes before its worker has begun the run', async () => {
    await apart.end('agents/pulser', 'SIGKILL');
    const runId = await begin({ definition: { steps: [{ name: 'gate', wait: { signal: 'early' } }] } });
    expect(await send(runId, 'early', {})).toMatchObject({ woken: false });
    await apart.run('agents/pulser');
    await completes(runId);
  });
});
