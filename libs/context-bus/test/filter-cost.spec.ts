// What it costs a task in PostgreSQL that lists are filtered: CPU time of the process of one connection, with the engine's own
// statements, beside the same schema without the indexes and triggers of task search. FILTER_FIGURES=1 makes the rounds of the
// figures in libs/decisions/0029; without it a short one shows that they can be made.
import { readFileSync } from 'node:fs';

import { Database, migrateUp } from '@pulser/database';
import { testDatabase } from '@pulser/testing';

import { type NewTask, TaskClaims, TaskEntity, TaskInserts, TaskResults, Tenants } from '../src/index.js';

const [rounds, batches] = process.env['FILTER_FIGURES'] === '1' ? [9, 120] : [1, 3];

/** The schema as it was before the migration of task search. */
const withoutSearch = [
  'drop trigger task_changed on task_queue',
  'drop trigger facets_insert on task_queue',
  'drop index task_active, task_cancelled, task_failed, task_pending, task_children',
  `create index task_failed on task_queue (tenant_id, task_id) where status = 'failed'`,
  `create index task_pending on task_queue (tenant_id) where status in ('scheduled', 'waiting')`,
  'create index task_children on task_queue (tenant_id, parent_id) where parent_id is not null',
];

const operations = ['query', 'forecast', 'report'];

/** Tasks of one route, or of twelve. */
const batch = (size: number, mixed: boolean): NewTask[] =>
  Array.from({ length: size }, (_, n) => ({
    task_type: mixed && n % 4 === 0 ? 'testing' : 'analytics',
    priority: mixed && n % 10 === 0 ? 'high' : 'medium',
    agent: 'dash',
    payload: { operation: operations[mixed ? n % 3 : 0], sql: 'select 1' },
    max_attempts: 4,
    submitted_by: '019a0000-0000-7000-8000-000000000009',
  }));

/** CPU time of a process of this machine in µs (https://docs.kernel.org/scheduler/sched-stats.html). */
const cpuUs = (pid: number): number => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;

/** @returns µs of CPU a task: insert, claim and completion */
const costOf = async (searched: boolean, size: number, mixed: boolean): Promise<number> => {
  const server = await testDatabase(migrateUp);
  for (const text of searched ? [] : withoutSearch) await server.query(text);
  const database = new Database({
    settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 1, DATABASE_PREPARE: true },
    applicationName: 'filter-cost',
    synchronousCommit: 'off',
    entities: [TaskEntity],
    onIdleError: () => undefined,
  });
  await database.connect();
  const tenantId = await new Tenants(database).ensure('acme');
  const [{ pid } = { pid: 0 }] = await database.query<{ pid: number }>({
    name: 'pid',
    text: 'select pg_backend_pid() as pid',
  });
  const inserts = new TaskInserts(database);
  const claims = new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
  const results = new TaskResults(database);
  const run = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      const accepted = await inserts.insertAll(tenantId, batch(size, mixed));
      const ids = accepted.map(({ taskId }, dispatchId) => ({ tenantId, taskId, dispatchId, wantsPayload: false }));
      const claimed = await Promise.all(ids.map((id) => claims.claim(id)));
      await Promise.all(
        claimed.flatMap((claim) => (claim === undefined ? [] : [results.complete(claim, { rows: 1 })])),
      );
    }
  };
  const statements = size === 1 ? 10 * batches : batches;
  await run(Math.min(batches, 50));
  const before = cpuUs(pid);
  await run(statements);
  const cost = (cpuUs(pid) - before) / (statements * size);
  await database.close();
  await server.drop();
  return cost;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

describe('what filtered lists cost a task', () => {
  it.each([
    ['in statements of 40 tasks of one route', 40, false],
    ['in statements of 40 tasks of twelve routes', 40, true],
    ['in statements of one task', 1, false],
  ])(
    '%s',
    async (name, size, mixed) => {
      const pairs: (readonly [number, number])[] = [];
      for (let n = 0; n < rounds; n += 1)
        pairs.push([await costOf(false, size, mixed), await costOf(true, size, mixed)]);
      const differences = pairs.map(([without, searched]) => searched - without);
      const figures = [
        median(pairs.map(([without]) => without)),
        median(differences),
        Math.min(...differences),
        Math.max(...differences),
      ];
      expect(figures.every(Number.isFinite)).toBe(true);
      if (process.env['FILTER_FIGURES'] === '1')
        process.stdout.write(
          `${name}: ${figures.map((us) => us.toFixed(1)).join(' ')} (without, difference, least, most; µs)\n`,
        );
    },
    900_000,
  );
});
