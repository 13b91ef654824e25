// Workflows: three steps in a row beside a single task, how soon a step follows the one before and how soon a handler goes on
// whose child has ended, a large map beside batches and beside the tasks of another tenant, and what a look for missed runs
// reads.
import { statement } from '@pulser/database';

import { type PulserRunning, startPulser, taskRequest } from '../contestants/pulser.contestant.js';
import { askWell, batchBody, taskBody } from '../load/blast.js';
import type { BenchRequest } from '../load/contestant.js';
import { whileRunning } from '../load/stretch.js';
import { figure } from '../report/figures.policy.js';
import type { Measurement } from './measurement.js';

const usualRuns = 200;
const mapItems = 10_000;
const tasksPerBatch = 1_000;

const payload = { operation: 'noop', text: '' };
const step = (name: string, more: object = {}): object => ({ name, task_type: 'testing', payload, ...more });

const runBody = (steps: readonly object[]): string =>
  JSON.stringify({ task_type: 'orchestration', payload: { operation: 'run', definition: { steps } } });

const inARow = runBody([step('a'), step('b', { needs: ['a'] }), step('c', { needs: ['b'] })]);

const mapOf = (maxParallel: number): string =>
  runBody([
    step('many', { map: { over: Array.from({ length: mapItems }, (_, n) => n % 10), max_parallel: maxParallel } }),
  ]);

const aMap = mapOf(1_000);

/** As wide as maps are that do not say it. */
const usualMap = mapOf(100);

const aParent = JSON.stringify({ task_type: 'testing', payload: { operation: 'parent' } });

const urgent = JSON.stringify({ task_type: 'testing', priority: 'high', payload });

const pause = runBody([{ name: 'pause', wait: { for_s: 86_400 } }]);

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

const submit = async (running: PulserRunning, body: string): Promise<string> => askWell({ ...running.submit, body });

/** Milliseconds from the submission to the answer that it has ended. */
const timed = async (running: PulserRunning, post: BenchRequest): Promise<number> => {
  const since = performance.now();
  const read = taskRequest(post, await askWell(post), '?wait=10s');
  while (!running.isFinished(await askWell(read)));
  return performance.now() - since;
};

/** One after the other: the system is idle but for it. */
const oneByOne = async (running: PulserRunning, body: string, times: number): Promise<number[]> => {
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) found.push(await timed(running, { ...running.submit, body }));
  return found;
};

/** Urgent tasks of a second tenant, one after the other, as long as something goes on. */
const ofAnother = async (running: PulserRunning, goesOn: () => boolean): Promise<number[]> => {
  const post = running.posts('/api/v1/tasks', urgent)[0]?.[1];
  if (post === undefined) throw new Error('there is no gateway, or no second tenant');
  const found: number[] = [];
  while (goesOn()) found.push(await timed(running, post));
  return found;
};

/** The 95th percentile of such tasks while nothing else runs, and while a large map of the first tenant does. */
const besideMap = async (
  running: PulserRunning,
  runs: number,
): Promise<{ readonly idle: number; readonly map: number }> => {
  let left = runs;
  const idle = await ofAnother(running, () => (left -= 1) >= 0);
  let goesOn = true;
  const map = timed(running, { ...running.submit, body: usualMap }).finally(() => (goesOn = false));
  const meanwhile = await ofAnother(running, () => goesOn);
  await map;
  return { idle: quantile(idle, 0.95), map: quantile(meanwhile, 0.95) };
};

const gaps = statement(
  'bench.workflow-gaps',
  `select extract(epoch from t.created_at - b.completed_at)::float8 * 1000 as ms from task_queue t
   join lateral (
     select max(e.completed_at) as completed_at from task_queue e
     where e.parent_id = t.parent_id and e.completed_at <= t.created_at
   ) b on b.completed_at is not null
   where t.parent_id is not null`,
);

const wakes = statement(
  'bench.workflow-wakes',
  `select extract(epoch from p.completed_at - c.completed_at)::float8 * 1000 as ms from task_queue p
   join task_queue c on c.tenant_id = p.tenant_id and c.parent_id = p.task_id
   where p.payload ->> 'operation' = 'parent'`,
);

const ended = statement(
  'bench.workflow-ended',
  `select count(*)::int as tasks, extract(epoch from max(completed_at) - min(created_at))::float8 as seconds,
     count(distinct metadata ->> 'index')::int as items from task_queue where parent_id = $1 and status = 'completed'`,
);

const batchesEnded = statement(
  'bench.workflow-batches',
  `select count(*) filter (where completed_at is null)::int as open,
     extract(epoch from max(completed_at) - min(created_at))::float8 as seconds
   from task_queue where parent_id is null and task_type = 'testing' and created_at >= $1`,
);

const waiting = statement(
  'bench.workflow-waiting',
  `select count(*)::int as runs, (select count(*)::int from workflow_inbox) as notices from workflow_run where due_at is not null`,
);

const readBySweep = statement(
  'bench.workflow-sweep',
  `explain (analyze, format json) select distinct tenant_id, run_id from (
     (select tenant_id, run_id from workflow_inbox where at <= now() - interval '500 ms' order by at limit 200)
     union all
     (select tenant_id, task_id from workflow_run where due_at <= now() order by due_at limit 200)
   ) d`,
);

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const rowsOf = (node: PlanNode): number =>
  node['Actual Rows'] +
  (node['Rows Removed by Filter'] ?? 0) +
  (node.Plans ?? []).reduce((sum, one) => sum + rowsOf(one), 0);

const sweepRows = async ({ system }: PulserRunning): Promise<number> => {
  const [row] = await system.store.database.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(readBySweep);
  return rowsOf(row?.['QUERY PLAN'][0]?.Plan ?? { 'Actual Rows': NaN });
};

/** Rows that a look reads while so many runs wait. */
const sweptWith = async (running: PulserRunning, runs: number): Promise<number> => {
  const [before] = await running.system.store.database.query<{ runs: number }>(waiting);
  for (let n = before?.runs ?? 0; n < runs; n += 1) await submit(running, pause);
  for (;;) {
    const [row] = await running.system.store.database.query<{ runs: number; notices: number }>(waiting);
    if (row !== undefined && row.runs >= runs && row.notices === 0) return sweepRows(running);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const mapRate = async (running: PulserRunning): Promise<{ perS: number; items: number; tasks: number }> => {
  const accepted = await submit(running, aMap);
  while (!running.isFinished(await askWell(running.readEnd(accepted))));
  const runId = (JSON.parse(accepted) as { task_id: string }).task_id;
  const [row] = await running.system.store.database.query<{ tasks: number; seconds: number; items: number }>(ended, [
    runId,
  ]);
  return { perS: (row?.tasks ?? 0) / (row?.seconds ?? NaN), items: row?.items ?? 0, tasks: row?.tasks ?? 0 };
};

const batchRate = async (running: PulserRunning): Promise<number> => {
  const since = new Date();
  const [first] = running.posts('/api/v1/tasks/batch', batchBody(tasksPerBatch)).flat();
  if (first === undefined) throw new Error('there is no gateway, or no tenant');
  for (let n = 0; n < mapItems / tasksPerBatch; n += 1) await askWell(first);
  for (;;) {
    const [row] = await running.system.store.database.query<{ open: number; seconds: number }>(batchesEnded, [since]);
    if (row?.open === 0) return mapItems / row.seconds;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const ms = (value: number): string => `${figure(value)} ms`;

export const workflows: Measurement = async ({ machine, options }) =>
  whileRunning(startPulser(machine, { conductors: 1, tenants: 2 }), async (running) => {
    const runs = options.tasks ?? usualRuns;
    const { database } = running.system.store;
    await oneByOne(running, inARow, 20);
    const single = quantile(await oneByOne(running, taskBody, runs), 0.5);
    const chain = quantile(await oneByOne(running, inARow, runs), 0.5);
    const waits = (await database.query<{ ms: number }>(gaps)).map((row) => row.ms);
    await oneByOne(running, aParent, runs);
    const woken = (await database.query<{ ms: number }>(wakes)).map((row) => row.ms);
    const another = await besideMap(running, runs);
    const batches = await batchRate(running);
    const map = await mapRate(running);
    const [few, many] = [await sweptWith(running, 10), await sweptWith(running, 1_000)];
    const rows = [
      ['a single task, idle, p50', ms(single), ''],
      ['three steps in a row, idle, p50', ms(chain), `${figure(chain / single)} x the single one`],
      [
        'from the end of a step to the row of the next, p95',
        ms(quantile(waits, 0.95)),
        `p50 ${ms(quantile(waits, 0.5))}`,
      ],
      [
        'from the end of a child to the end of the handler that waited for it, p95',
        ms(quantile(woken, 0.95)),
        `p50 ${ms(quantile(woken, 0.5))}`,
      ],
      ['an urgent task of another tenant, idle, p95', ms(another.idle), ''],
      [
        `the same beside a map over ${mapItems}, 100 side by side, p95`,
        ms(another.map),
        `${figure(another.map / another.idle)} x the idle one`,
      ],
      [`${mapItems} tasks as batches`, `${figure(batches)}/s`, ''],
      [
        `a map over ${mapItems}, 1,000 side by side`,
        `${figure(map.perS)}/s`,
        `${figure(map.perS / batches)} x the batches`,
      ],
      ['rows that a look for missed runs reads with 10 open ones', figure(few), ''],
      ['with 1,000', figure(many), ''],
    ];
    const failures = [
      ...(map.tasks === mapItems ? [] : [`workflows: the map has ${map.tasks} results, and not ${mapItems}`]),
      ...(few === many ? [] : [`workflows: a look reads ${few} rows with 10 open runs, ${many} with 1,000`]),
    ];
    const notes = [
      'The steps do nothing. Idle: one after the other, each asked for by `GET /api/v1/tasks/<id>?wait=10s`.',
    ];
    return { tables: [{ title: 'Workflows', columns: ['', '', ''], rows, notes }], failures };
  });
