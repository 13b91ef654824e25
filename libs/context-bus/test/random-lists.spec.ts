// Random filters over random tasks, compared with a filter over all of them that uses no index. LIST_RUNS and LIST_SEED make
// more of them, and others.
import fc from 'fast-check';

import { type TaskFilter, TaskLists } from '../src/index.js';
import { TaskLife } from './task-life.js';

const runs = Number(process.env['LIST_RUNS'] ?? 60);
const seed = Number(process.env['LIST_SEED'] ?? 29);

const statuses = ['scheduled', 'queued', 'running', 'retrying', 'waiting', 'completed', 'failed', 'cancelled'] as const;
const priorities = ['low', 'medium', 'high'] as const;
const agents = ['dash', 'maya'] as const;
const taskTypes = ['analytics', 'documentation', 'testing'] as const;
const operations = ['', 'query', 'quick', 'a/b', 'ü', '019'] as const;
const submitters = ['ada', 'bob', null] as const;
const codes = ['query_failed', 'quota', 'zz'] as const;
const customers = ['acme', 'query', '019a', 'ü'] as const;

interface Row {
  readonly id: string;
  readonly task_type: string;
  readonly agent: string;
  readonly priority: string;
  readonly status: string;
  readonly operation: string;
  readonly submitted_by: string | null;
  readonly parent_id: string | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly code: string | null;
  readonly created: string;
}

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);

const filters = (rows: readonly Row[]): fc.Arbitrary<TaskFilter> => {
  const ids = rows.map(({ id }) => id);
  const times = rows.map(({ created }) => created);
  const text = fc.oneof(
    oneOf(['que', 'q', 'a/', 'ü', 'zz', '019', 'ACME', 'ac', '%', '_']),
    fc.tuple(oneOf(ids), fc.integer({ min: 1, max: 36 })).map(([id, length]) => id.slice(0, length)),
  );
  const all = {
    q: text,
    status: fc.uniqueArray(oneOf(statuses), { minLength: 1, maxLength: 4 }),
    task_type: oneOf(taskTypes),
    agent: oneOf(agents),
    priority: oneOf(priorities),
    operation: oneOf(operations.slice(1)),
    error_code: oneOf(codes),
    submitted_by: oneOf(['ada', 'bob', 'eve']),
    parent_id: fc.constant(ids.at(-1)),
    label: fc.array(fc.record({ key: oneOf(['customer', 'paid']), value: oneOf([...customers, 'true']) }), {
      minLength: 1,
      maxLength: 2,
    }),
    created_after: oneOf(times),
    created_before: oneOf(times),
  };
  return fc
    .shuffledSubarray(Object.keys(all) as (keyof typeof all)[], { maxLength: 3 })
    .chain(
      (names) => fc.record(Object.fromEntries(names.map((name) => [name, all[name]]))) as fc.Arbitrary<TaskFilter>,
    );
};

const matches = (row: Row, filter: TaskFilter): boolean => {
  const { q, status, label = [], created_after: after, created_before: before } = filter;
  const code = row.status === 'failed' ? row.code : null;
  const texts = [row.id, row.operation, code ?? '', ...Object.values(row.labels ?? {})];
  return (
    (['task_type', 'agent', 'priority', 'operation', 'submitted_by', 'parent_id'] as const).every(
      (name) => filter[name] === undefined || filter[name] === row[name],
    ) &&
    (status === undefined || (status as readonly string[]).includes(row.status)) &&
    (filter.error_code === undefined || filter.error_code === code) &&
    label.every(({ key, value }) => row.labels?.[key] === value) &&
    (q === undefined || row.id.startsWith(q.toLowerCase()) || texts.slice(1).some((text) => text.startsWith(q))) &&
    (after === undefined || Date.parse(row.created) >= Date.parse(after)) &&
    (before === undefined || Date.parse(row.created) < Date.parse(before))
  );
};

describe('a list of tasks by any filter', () => {
  let life: TaskLife;
  let rows: Row[];

  beforeAll(async () => {
    life = await TaskLife.start();
    const pick = (values: readonly (string | null)[], by: string): string =>
      `(array[${values.map((value) => (value === null ? 'null' : `'${value}'`)).join(', ')}])[1 + (${by}) % ${values.length}]`;
    // Statements of one and of many tasks, over three weeks, some within the same moment.
    for (let n = 0; n < 40; n += 1)
      await life.server.query(
        `insert into task_queue (task_id, tenant_id, task_type, assigned_agent, priority, status, payload, operation,
           submitted_by, labels, epoch, created_at, due_at, completed_at, error)
         select overlay(pulser.new_id()::text placing left(pulser.id_floor(at)::text, 13) from 1 for 13)::uuid, $1,
           ${pick(taskTypes, 'r / 7')}, ${pick(agents, 'r / 11')}, ${pick(priorities, 'r / 13')}::task_priority, status::task_status,
           '{}', ${pick(operations, 'r / 17')}, ${pick(submitters, 'r / 19')},
           case when r % 3 > 0 then jsonb_strip_nulls(jsonb_build_object('customer', ${pick(customers, 'r / 23')},
             'paid', case when r % 2 = 0 then 'true' end)) end,
           case when status in ('scheduled', 'queued') then r % 2 else 1 end, at,
           case when status not in ('completed', 'failed', 'cancelled') then now() end,
           case when status in ('completed', 'failed', 'cancelled') then at end,
           case when status in ('failed', 'retrying', 'cancelled') then
             jsonb_build_object('code', ${pick(codes, 'r / 29')}, 'message', 'x', 'permanent', true) end
         from generate_series(1, $2::int) i cross join lateral (
           select (hashint4(i * 1000 + $3::int) & 1073741823) as r
         ) h cross join lateral (
           select ${pick(statuses, 'r / 5')} as status,
             date_trunc('milliseconds', now() - interval '21 days' * ($3::int % 20) / 20 + interval '100 ms' * (r % 7)) as at
         ) s`,
        [life.tenantId, n % 4 === 0 ? 1 : 12, n],
      );
    await life.server.query(`update task_queue set parent_id = (select task_id from task_queue order by task_id limit 1)
      where task_id::text ~ '[0-3]$'`);
    await life.server.query(`insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
      select tenant_id, task_id, task_type, assigned_agent, error ->> 'code', error from task_queue where status = 'failed'`);
    // Some have moved, some came back.
    await life.server.query(
      `update task_queue set assigned_agent = 'maya', priority = 'low' where task_id::text ~ '[4-7]$'`,
    );
    await life.server.query(
      `update task_queue set assigned_agent = 'dash', priority = 'high' where task_id::text ~ '[46]$'`,
    );
    await life.server.query(
      `update task_queue set assigned_agent = 'maya', priority = 'low' where task_id::text ~ '4$'`,
    );
    rows = await life.server.query<Row & Record<string, unknown>>(
      `select task_id as id, task_type, assigned_agent as agent, priority::text, status::text, operation, submitted_by, parent_id,
         labels, error ->> 'code' as code, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created
       from task_queue order by task_id desc`,
    );
  });

  afterAll(() => life.stop());

  it('has every task that matches, once, newest first, in pages of any size', async () => {
    expect(rows.length).toBeGreaterThan(300);
    const lists = new TaskLists(life.database);
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(filters(rows), fc.integer({ min: 1, max: 30 }), async (filter, limit) => {
        const expected = rows.filter((row) => matches(row, filter)).map(({ id }) => id);
        const found: string[] = [];
        for (let before: string | undefined; ;) {
          const page = await lists.page(life.tenantId, filter, limit, before);
          expect(page.partial).toBe(false);
          found.push(...page.tasks.map(({ taskId }) => taskId));
          if (page.next === undefined) break;
          before = page.next;
        }
        expect(found).toEqual(expected);
        matched += Math.min(1, expected.length);
      }),
      { seed, numRuns: runs },
    );
    expect(matched).toBeGreaterThan(runs / 3);
  }, 240_000);
});
