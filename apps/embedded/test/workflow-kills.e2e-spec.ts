// Workflows over processes of their own, of which some are killed: that of the README between two of its steps, and a map in the
// middle. The lanes are WORKFLOW_KILLS=all (each process, and all of them together, after each step; WORKFLOW_SEED picks the few
// of the short form), MAP_ITEMS=10000 MAP_KILLS=10, and MAP_ITEMS=10000 MAP_CANCELS=20.
import { eventually } from '@pulser/testing';

import { Apart, type ServiceName } from './apart.js';
import { ReadmeCommands, sourceFile } from './readme.js';

/** The steps in their order, with the workers that run them; first the moment at which the run is accepted. */
const workers = {
  submitted: 'agents/pulser',
  ingest: 'agents/data_fabcon',
  check: 'agents/data_fabcon',
  chart: 'agents/dash',
  describe: 'agents/maya',
  remember: 'agents/learnbot',
} as const satisfies Record<string, ServiceName>;
type Moment = keyof typeof workers;
const moments = Object.keys(workers) as Moment[];

interface Kill {
  readonly after: Moment;
  readonly victims: readonly ServiceName[];
}

const killsAfter = (after: Moment): Kill[] => {
  const each: ServiceName[] = [...new Set<ServiceName>([workers[after], 'agents/pulser', 'router'])];
  return [...each.map((victim) => [victim]), each].map((victims) => ({ after, victims }));
};

const every = moments.flatMap(killsAfter);
const seed = Number(process.env['WORKFLOW_SEED'] ?? 2);
/** All at once after one step, and a single process after another. */
const few = [killsAfter(moments[seed % moments.length] ?? 'ingest').at(-1), every[(seed * 7) % every.length]];
const kills = process.env['WORKFLOW_KILLS'] === 'all' ? every : few.filter((kill) => kill !== undefined);

const items = Number(process.env['MAP_ITEMS'] ?? 100);
const mapKills = Number(process.env['MAP_KILLS'] ?? 2);
const cancels = Number(process.env['MAP_CANCELS'] ?? 1);
const mapVictims: readonly ServiceName[] = ['agents/pulser', 'agents/dash', 'router'];
const patience = { timeoutMs: 120_000 + items * 300, everyMs: 100 };

interface Step {
  readonly name: string;
  readonly status: string;
  readonly task_id: string | null;
}

interface Task {
  readonly status: string;
  readonly assigned_agent: string;
  readonly attempts: number;
  readonly completed_at: string;
  readonly result: { readonly hottest: readonly (readonly [number, number])[] };
}

describe('workflows of which processes are killed', () => {
  let apart: Apart;

  beforeAll(async () => {
    const services: ServiceName[] = ['gateway', 'router', ...new Set(Object.values(workers))];
    apart = await Apart.start({ LEASE_S: '5' }, services);
    await apart.call('/api/v1/workflows/weather', new ReadmeCommands().workflow, {}, 'PUT');
  }, 360_000);

  afterAll(() => apart.stop());

  const stepsOf = async (runId: string): Promise<readonly Step[]> =>
    (await apart.call<{ steps?: readonly Step[] }>(`/api/v1/runs/${runId}`)).steps ?? [];

  const taskOf = (taskId: string | null): Promise<Task> => apart.call<Task>(`/api/v1/tasks/${taskId ?? ''}`);

  const begin = async (): Promise<string> => {
    const content = sourceFile('node_modules/vega-datasets/data/seattle-weather.csv');
    const payload = { operation: 'run', workflow: 'weather', inputs: { source: { content } } };
    return (await apart.call<{ task_id: string }>('/api/v1/tasks', { task_type: 'orchestration', payload })).task_id;
  };

  const ended = (runId: string, step: Moment): Promise<void> =>
    eventually(
      async () => {
        if (step === 'submitted') return;
        expect(await stepsOf(runId)).toContainEqual(expect.objectContaining({ name: step, status: 'completed' }));
      },
      { timeoutMs: 120_000, everyMs: 5 },
    );

  it.each(kills.map((kill) => [kill.after, kill.victims.join(', '), kill] as const))(
    'goes on after %s where %s was killed, and does no finished step again',
    async (after, _, { victims }) => {
      const runId = await begin();
      await ended(runId, after);
      await Promise.all(victims.map((victim) => apart.end(victim, 'SIGKILL')));
      const before = (await stepsOf(runId)).filter(({ status }) => status === 'completed');
      const finished = await Promise.all(before.map(({ task_id }) => taskOf(task_id)));
      await Promise.all(victims.map((victim) => apart.run(victim)));
      const run = await eventually(
        async () => {
          const task = await taskOf(runId);
          expect(task.status).toBe('completed');
          return task;
        },
        { timeoutMs: 180_000 },
      );
      expect(run.result.hottest).toHaveLength(4);
      const steps = await stepsOf(runId);
      expect(steps.map(({ name, status }) => [name, status])).toEqual(
        moments.slice(1).map((name) => [name, 'completed']),
      );
      expect(await Promise.all(before.map(({ task_id }) => taskOf(task_id)))).toEqual(finished);
      const tasks = await Promise.all(steps.map(({ task_id }) => taskOf(task_id)));
      const agents = [run, ...tasks].map(({ assigned_agent: agent }) => `agents/${agent}`);
      expect(new Set(agents)).toEqual(new Set(Object.values(workers)));
      const [row] = await apart.database.query<{ children: number }>(
        'select count(*)::int as children from task_queue where parent_id = $1',
        [runId],
      );
      expect(row?.children).toBe(steps.length);
    },
    420_000,
  );

  const beginMap = async (): Promise<string> => {
    const payload = { operation: 'query', sources: [], sql: { $cel: `'select ' + string(item) + ' as n'` } };
    const over = Array.from({ length: items }, (_, n) => n);
    const each = { name: 'each', task_type: 'analytics', map: { over, max_parallel: 100 }, payload };
    const order = { operation: 'run', definition: { steps: [each] } };
    return (await apart.call<{ task_id: string }>('/api/v1/tasks', { task_type: 'orchestration', payload: order }))
      .task_id;
  };

  const completed = async (runId: string): Promise<number> => {
    const [row] = await apart.database.query<{ done: number }>(
      `select count(*)::int as done from task_queue where parent_id = $1 and status = 'completed'`,
      [runId],
    );
    return row?.done ?? 0;
  };

  it(
    `has exactly one result for each of ${items} items of a map after ${mapKills} kills`,
    async () => {
      const runId = await beginMap();
      for (let kill = 0; kill < mapKills; kill += 1) {
        await eventually(async () => {
          expect(await completed(runId)).toBeGreaterThanOrEqual(Math.floor(((kill + 0.5) / mapKills) * items));
        }, patience);
        const victim = mapVictims[kill % mapVictims.length] ?? 'router';
        await apart.end(victim, 'SIGKILL');
        await apart.run(victim);
      }
      await eventually(async () => {
        expect(await apart.call(`/api/v1/tasks/${runId}`)).toMatchObject({
          status: 'completed',
          result: { steps: { each: { total: items, completed: items, failed: 0 } } },
        });
      }, patience);
      const [facts] = await apart.database.query(
        `select count(*)::int as tasks, count(distinct metadata ->> 'index')::int as items,
           sum((result -> 'rows' -> 0 ->> 0)::bigint)::int as sum,
           (select count(*)::int from workflow_task where run_id = $1 and status = 'completed') as noted
         from task_queue where parent_id = $1 and status = 'completed'`,
        [runId],
      );
      expect(facts).toEqual({ tasks: items, items, sum: (items * (items - 1)) / 2, noted: items });
    },
    300_000 + items * 400,
  );

  const children = async (runId: string): Promise<{ all: number; open: number }> => {
    const [row] = await apart.database.query<{ all: number; open: number }>(
      `select count(*)::int as all, (count(*) filter (where completed_at is null))::int as open
       from task_queue where parent_id = $1`,
      [runId],
    );
    return row ?? { all: 0, open: 0 };
  };

  it(
    `leaves no item open of a map that is cancelled while it grows, and bears none later (${cancels} times)`,
    async () => {
      const answers: number[] = [];
      const ends: number[] = [];
      for (let n = 0; n < cancels; n += 1) {
        const runId = await beginMap();
        // Each time at another moment: the first items are there, or more and more of them.
        await eventually(async () => {
          expect((await children(runId)).all).toBeGreaterThanOrEqual(Math.floor((items * n) / (2 * cancels)));
        }, patience);
        const begun = performance.now();
        expect(await apart.call(`/api/v1/tasks/${runId}/cancel`, {})).toMatchObject({ status: 'cancelled' });
        answers.push(performance.now() - begun);
        await eventually(async () => {
          expect((await children(runId)).open).toBe(0);
        }, patience);
        ends.push(performance.now() - begun);
        const { all } = await children(runId);
        await eventually(async () => {
          const [row] = await apart.database.query<{ left: number }>(
            'select count(*)::int as left from workflow_run where task_id = $1 and due_at is not null',
            [runId],
          );
          expect(row?.left).toBe(0);
        }, patience);
        expect(await children(runId)).toEqual({ all, open: 0 });
      }
      const most = (values: readonly number[]): string => Math.max(...values).toFixed(0);
      process.stdout.write(
        `${cancels} cancels while ${items} are made: answered within ${most(answers)} ms, none open after ${most(ends)} ms\n`,
      );
    },
    120_000 + cancels * 120_000,
  );
});
