import { bucketOf, merge, quantile, type Sketch, sketchOf, valueOf } from '@pulser/sketch';
import { testDatabase, type TestDatabase } from '@pulser/testing';
import fc from 'fast-check';

import { migrateUp } from '../src/index.js';
import { rolledBack } from './rls/rolled-back.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(migrateUp);
});

afterAll(() => database.drop());

const quantiles = [0, 0.5, 0.95, 0.99, 1];

describe('sketches in SQL', () => {
  const inSql = async (sketches: readonly Sketch[]): Promise<(number | null)[]> => {
    const [row] = await database.query<{ found: (number | null)[] }>(
      `select pulser.sketch_quantiles(pulser.sketch_merge(s.b, s.c), $2) as found
       from json_to_recordset($1) as s(b smallint[], c bigint[])`,
      [JSON.stringify(sketches.map(({ buckets: b, counts: c }) => ({ b, c }))), quantiles],
    );
    return row?.found ?? [];
  };

  const near = (value: number | null, wanted: number | null): boolean =>
    value === null || wanted === null ? value === wanted : Math.abs(value - wanted) <= 1e-9 * wanted;

  const sameAs = (found: readonly (number | null)[], sketches: readonly Sketch[]): void => {
    const whole = merge(sketches);
    const wanted = quantiles.map((q) => quantile(whole, q));
    expect(found.filter((value, n) => !near(value, wanted[n] ?? null))).toEqual([]);
  };

  it('have the buckets and values of the library', async () => {
    const durations = [0, 0.004, 0.01, 0.0123, 1, 7.5, 999.999, 60_000, 86_400_000, 1e12];
    const rows = await database.query<{ bucket: number; value: number }>(
      `select pulser.sketch_bucket(ms) as bucket, pulser.sketch_value(pulser.sketch_bucket(ms)) as value
       from unnest($1::float8[]) with ordinality as u(ms, n) order by n`,
      [durations],
    );
    expect(rows.map(({ bucket }) => bucket)).toEqual(durations.map(bucketOf));
    expect(rows.filter(({ bucket, value }) => !near(value, valueOf(bucket)))).toEqual([]);
  });

  it('merge to the quantiles of the library, in any order of rows and buckets', async () => {
    const part = fc
      .array(fc.tuple(fc.integer({ min: -230, max: 1_200 }), fc.integer({ min: 1, max: 10 ** 9 })), { maxLength: 40 })
      .map((pairs): Sketch => ({ buckets: pairs.map(([b]) => b), counts: pairs.map(([, c]) => c) }));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        sameAs(await inSql(parts), parts);
      }),
      { numRuns: 60 },
    );
  });

  it('merge as many rows as there are, by several processes too', async () => {
    await rolledBack(database.url(), async (client) => {
      await client.query(`
        create table part as
        select s % 3 as kind, array_agg(b order by b) as b, array_agg(c order by b) as c from (
          select s, pulser.sketch_bucket(s % 700 * exp(n % 13)) as b, count(*)::int as c
          from generate_series(1, 6000) s, generate_series(1, 40) n group by 1, 2
        ) counted group by s`);
      await client.query('analyze part');
      const { rows } = await client.query<{ kind: number; buckets: number[]; counts: string[] }>(
        'select kind, b as buckets, c as counts from part',
      );
      for (const workers of [0, 2]) {
        await client.query(`set local max_parallel_workers_per_gather = ${workers}`);
        await client.query('set local parallel_setup_cost = 0; set local min_parallel_table_scan_size = 0');
        const merged = `select kind, pulser.sketch_quantiles(pulser.sketch_merge(b, c), '{0,0.5,0.95,0.99,1}') as found
          from part group by kind order by kind`;
        const plan = JSON.stringify((await client.query(`explain ${merged}`)).rows);
        expect(plan.includes('Partial')).toBe(workers > 0);
        const found = await client.query<{ kind: number; found: number[] }>(merged);
        expect(found.rows).toHaveLength(3);
        for (const { kind, found: values } of found.rows) {
          const ofKind = rows.filter((row) => row.kind === kind);
          sameAs(
            values,
            ofKind.map(({ buckets, counts }) => ({ buckets, counts: counts.map(Number) })),
          );
        }
      }
    });
  });

  it('that are empty have no quantiles, whether of no rows, of rows without durations, or null', async () => {
    const none = quantiles.map(() => null);
    expect(await inSql([])).toEqual(none);
    expect(await inSql([{ buckets: [], counts: [] }])).toEqual(none);
    const [row] = await database.query(
      `select pulser.sketch_quantile(pulser.sketch_merge(null, null), 0.5) as merged,
         pulser.sketch_quantile(null::pulser.sketch, 0.5) as missing, pulser.sketch_count(null::pulser.sketch)::int as n`,
    );
    expect(row).toEqual({ merged: null, missing: null, n: 0 });
  });

  it.each(['-0.1', '1.01', 'null'])('refuse %s as a quantile', async (q) => {
    await expect(
      database.query(`select pulser.sketch_quantile(row('{1}', '{1}')::pulser.sketch, ${q})`),
    ).rejects.toThrow('a quantile is between 0 and 1');
  });
});

interface Span {
  readonly level: string;
  readonly from: string;
  readonly to: string;
}

// Of the same task type, by level and time; each counts as many tasks as its place says.
type Row = readonly [level: 'minute' | 'hour' | 'day', at: string, submitted: number, rolled: boolean];

const add = `
  insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted, completed, rolled, wait_buckets,
    wait_counts, run_buckets, run_counts, wait_ms, run_ms)
  select $1, r.level, r.at, 'dash', 'analytics', 'query', r.n, r.n, r.rolled, '{0}', array[r.n], array[pulser.sketch_bucket(r.n)],
    array[r.n], r.n, r.n * r.n
  from json_to_recordset($2) as r(level text, at timestamptz, n int, rolled bool)`;

describe('the views of telemetry', () => {
  const tenant = async (rows: readonly Row[], since = '2026-01-01'): Promise<string> => {
    const [made] = await database.query<{ id: string }>(
      `insert into tenant (name, created_at) values ('t-' || left(md5(random()::text), 20), $1) returning tenant_id as id`,
      [since],
    );
    const named = rows.map(([level, at, n, rolled]) => ({ level, at: `2026-${at}Z`, n, rolled }));
    await database.query(add, [made?.id, JSON.stringify(named)]);
    return made?.id ?? '';
  };

  /** As the gateway's login, bound to a tenant. */
  const asTenant = <T extends object>(tenantId: string, text: string): Promise<T[]> =>
    rolledBack(database.url('pulser_app'), async (client) => {
      await client.query(`select set_config('app.tenant_id', $1, true)`, [tenantId]);
      return (await client.query<T>(text)).rows;
    });

  const spans = async (rows: readonly Row[], since = '2026-11-30'): Promise<Span[]> =>
    asTenant(
      await tenant(rows, since),
      `select level, coalesce(to_char(from_at at time zone 'UTC', 'MM-DD HH24:MI'), from_at::text) as from,
         coalesce(to_char(to_at at time zone 'UTC', 'MM-DD HH24:MI'), to_at::text) as to from telemetry_span order by seconds`,
    );

  const began = (level: string, from: string, to: string): Span => ({ level, from, to });
  const [ever, ahead] = ['-infinity', 'infinity'];

  it.each<[string, readonly Row[], readonly Span[]]>([
    [
      'minutes have all while nothing was ever deleted',
      [
        ['minute', '11-28 10:17', 1, true],
        ['hour', '11-28 10:00', 1, true],
        ['minute', '11-29 09:00', 2, false],
        ['day', '11-28 00:00', 1, false],
      ],
      [began('minute', ever, ahead), began('hour', ever, ever), began('day', ever, ever)],
    ],
    [
      'minutes have all since the last hour of which there are none, also where nothing happened since',
      [
        ['hour', '11-28 10:00', 9, true],
        ['day', '11-28 00:00', 10, true],
        ['minute', '11-28 22:05', 1, true],
        ['hour', '11-28 22:00', 1, true],
      ],
      [began('minute', '11-28 11:00', ahead), began('hour', ever, '11-28 11:00'), began('day', ever, ever)],
    ],
    [
      'minutes that begin in the middle of an hour have all since its end',
      [
        ['hour', '11-28 10:00', 9, true],
        ['minute', '11-28 10:30', 4, true],
        ['day', '11-28 00:00', 9, true],
      ],
      [began('minute', '11-28 11:00', ahead), began('hour', ever, '11-28 11:00'), began('day', ever, ever)],
    ],
    [
      'minutes that were added up late are no gap',
      [
        ['hour', '11-28 10:00', 4, true],
        ['hour', '11-28 10:00', 3, false],
        ['minute', '11-28 10:30', 7, true],
        ['minute', '11-28 10:30', 2, false],
        ['day', '11-28 00:00', 4, false],
      ],
      [began('minute', ever, ahead), began('hour', ever, ever), began('day', ever, ever)],
    ],
    [
      'hours have all since the last day of which there are none',
      [
        ['day', '06-01 00:00', 5, false],
        ['day', '11-27 00:00', 5, false],
        ['hour', '11-27 08:00', 5, true],
        ['hour', '11-28 10:00', 9, false],
      ],
      [
        began('minute', '11-28 11:00', ahead),
        began('hour', '06-02 00:00', '11-28 11:00'),
        began('day', ever, '06-02 00:00'),
      ],
    ],
    [
      'days alone are left of a tenant that came back',
      [
        ['day', '06-01 00:00', 5, false],
        ['minute', '11-28 10:30', 7, false],
      ],
      [
        began('minute', '06-02 00:00', ahead),
        began('hour', '06-02 00:00', '06-02 00:00'),
        began('day', ever, '06-02 00:00'),
      ],
    ],
    [
      'minutes have all of a tenant without tasks',
      [],
      [began('minute', ever, ahead), began('hour', ever, ever), began('day', ever, ever)],
    ],
  ])('say that %s', async (_, rows, wanted) => {
    expect(await spans(rows)).toEqual(wanted);
  });

  it('never call a level whole that lacks a task, wherever retention cut it off', async () => {
    const start = Date.parse('2026-11-20T00:00:00Z');
    const minutesOf = { minute: 1, hour: 60, day: 1_440 } as const;
    const levels = ['minute', 'hour', 'day'] as const;
    const minute = fc.integer({ min: 0, max: 5 * minutesOf.day });
    const agent = fc.constantFrom('dash', 'maya');
    const happened = fc.record({ minute, agent, tasks: fc.integer({ min: 1, max: 9 }) });

    const rollupsOf = (events: readonly { minute: number; agent: string; tasks: number }[]) =>
      levels.flatMap((level) =>
        events.map(({ minute: at, ...event }) => ({ ...event, level, at: at - (at % minutesOf[level]) })),
      );

    const insert = `
      insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted, rolled)
      select $1, r.level, to_timestamp($3 + r.at * 60), r.agent, 'analytics', '', sum(r.tasks), r.level <> 'day'
      from json_to_recordset($2) as r(level text, at int, agent text, tasks int) group by r.level, r.at, r.agent`;
    // In order of time and whole periods at a time, as retention does.
    const retain = `delete from agent_rollup where tenant_id = $1 and level = $2 and at < to_timestamp($3)`;
    // What happened in a period that a level has as a whole, and what the level has of it.
    const compare = `
      select s.level, (
        select coalesce(sum(r.submitted), 0) from agent_rollup r
        where r.tenant_id = $1 and r.level = s.level and r.at >= s.from_at)::int as has, (
        select coalesce(sum(e.tasks), 0) from json_to_recordset($2) as e(level text, at int, tasks int)
        where e.level = s.level and to_timestamp($3 + e.at * 60) >= s.from_at)::int as happened
      from telemetry_span s where s.tenant_id = $1`;

    await fc.assert(
      fc.asyncProperty(
        fc.array(happened, { minLength: 1, maxLength: 25 }),
        fc.tuple(minute, minute, minute),
        async (events, cuts) => {
          const tenantId = await tenant([], '2026-11-20');
          const rollups = JSON.stringify(rollupsOf(events));
          await database.query(insert, [tenantId, rollups, start / 1_000]);
          // The last day is kept: of a tenant without any nobody can say what was deleted.
          const latest = Math.max(...events.map((event) => event.minute));
          for (const [n, level] of levels.entries()) {
            const until = cuts[n] ?? 0;
            const last = level === 'day' ? Math.min(until, latest - (latest % minutesOf.day)) : until;
            await database.query(retain, [tenantId, level, start / 1_000 + last * 60]);
          }
          const spans = await database.query<{ has: number; happened: number }>(compare, [
            ...[tenantId, rollups, start / 1_000],
          ]);
          expect(spans).toHaveLength(3);
          expect(spans.filter((span) => span.has !== span.happened)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('say that nothing is known of the time before the first task of a tenant that is older', async () => {
    const rows: Row[] = [
      ['hour', '11-20 10:00', 9, false],
      ['minute', '11-28 10:30', 7, false],
    ];
    expect(await spans(rows, '2026-11-20T12:00:00Z')).toContainEqual(began('day', ever, ever));
    expect(await spans(rows, '2026-11-19T12:00:00Z')).toEqual([
      began('minute', '11-20 11:00', ahead),
      began('hour', '11-20 00:00', '11-20 11:00'),
      began('day', '11-20 00:00', '11-20 00:00'),
    ]);
  });

  it('count no task twice, whatever they are summed over', async () => {
    const tenantId = await tenant([
      ['day', '06-01 00:00', 1, false],
      ['day', '11-26 00:00', 10, false],
      ['hour', '11-26 08:00', 10, true],
      ['hour', '11-28 10:00', 100, true],
      ['day', '11-28 00:00', 1_100, false],
      ['hour', '11-28 22:00', 1_000, true],
      ['minute', '11-28 22:05', 400, true],
      ['minute', '11-28 22:06', 600, true],
      ['minute', '11-28 22:07', 10_000, false],
    ]);
    expect(
      await asTenant(
        tenantId,
        `select to_char(at at time zone 'UTC', 'MM-DD HH24:MI') as at, seconds, submitted::int from telemetry_throughput order by 1`,
      ),
    ).toEqual([
      { at: '06-01 00:00', seconds: 86_400, submitted: 1 },
      { at: '11-26 08:00', seconds: 3_600, submitted: 10 },
      { at: '11-28 10:00', seconds: 3_600, submitted: 100 },
      { at: '11-28 22:05', seconds: 60, submitted: 400 },
      { at: '11-28 22:06', seconds: 60, submitted: 600 },
      { at: '11-28 22:07', seconds: 60, submitted: 10_000 },
    ]);
  });

  it('give the quantiles of a row and of any rows', async () => {
    const tenantId = await tenant([
      ['minute', '11-29 10:00', 10, false],
      ['minute', '11-29 10:01', 1_000, false],
    ]);
    const near = (of: number[], q: number): number => quantile(sketchOf(of), q) ?? NaN;
    const [first, second] = [Array<number>(10).fill(10), Array<number>(1_000).fill(1_000)];
    const rows = await asTenant<{ p50: number }>(
      tenantId,
      'select run_p50_ms as p50, run_p99_ms as p99, run_ms, completed::int as n from telemetry_latency order by at',
    );
    expect(rows).toEqual([
      {
        p50: expect.closeTo(near(first, 0.5)) as number,
        p99: expect.closeTo(near(first, 0.99)) as number,
        run_ms: 100,
        n: 10,
      },
      expect.objectContaining({ p50: expect.closeTo(near(second, 0.5)) as number, run_ms: 1_000_000 }),
    ]);
    const [all] = await asTenant<{ low: number; high: number }>(
      tenantId,
      `select pulser.sketch_quantile(pulser.sketch_merge(run_buckets, run_counts), 0.005) as low,
         pulser.sketch_quantile(pulser.sketch_merge(run_buckets, run_counts), 0.5) as high from telemetry_latency`,
    );
    expect(all?.low).toBeCloseTo(near([...first, ...second], 0.005));
    expect(all?.high).toBeCloseTo(near([...first, ...second], 0.5));
  });

  it('show a tenant its own figures, nobody those of all, and a service of which tenant each is', async () => {
    const mine = await tenant([['minute', '11-29 10:00', 3, false]]);
    const other = await tenant([['minute', '11-29 10:00', 4, false]]);
    await database.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
       select tenant_id, 'analytics', 'dash', '{}', now() from tenant where tenant_id = any ($1)`,
      [[mine, other]],
    );
    const asLogin = (role: 'pulser_app' | 'pulser_service', text: string): Promise<object[]> =>
      rolledBack(database.url(role), async (client) => (await client.query<object>(text)).rows);
    for (const view of ['throughput', 'latency', 'errors', 'depth', 'span']) {
      const text = `select distinct tenant_id from telemetry_${view}`;
      expect(await asTenant(mine, text)).toEqual([{ tenant_id: mine }]);
      expect(await asLogin('pulser_app', text)).toEqual([]);
      const all = await asLogin('pulser_service', text);
      expect(all).toEqual(expect.arrayContaining([{ tenant_id: mine }, { tenant_id: other }]));
    }
  });

  it('explain every column', async () => {
    const bare = await database.query<{ name: string }>(
      `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relkind = 'v' and c.relname like 'telemetry\\_%' and a.attnum > 0
         and a.attname not in ('tenant_id', 'agent_name', 'task_type') and col_description(c.oid, a.attnum) is null`,
    );
    expect(bare).toEqual([]);
  });

  it('say of agents whether one of their workers lives', async () => {
    await database.query(`
      with a as (insert into admitted_agent (agent_name) values ('dash'), ('maya') returning agent_name)
      insert into agent_registration (agent_name, version, registration, last_seen_at)
      select agent_name, v, '{}', now() - case when agent_name = 'dash' and v = '2' then interval '5 s' else interval '2 min' end
      from a, (values ('1'), ('2')) as versions(v)`);
    const tenantId = await tenant([]);
    const rows = await asTenant(tenantId, 'select agent_name, state from telemetry_health order by 1');
    expect(rows).toEqual([
      { agent_name: 'dash', state: 'up' },
      { agent_name: 'maya', state: 'silent' },
    ]);
  });
});
