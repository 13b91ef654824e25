import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { Agents, ApiKeys, type Principal, Schedules, systemActor } from '@pulser/context-bus';
import { ScheduleOrder } from '@pulser/contracts';
import {
  makeMigratedDatabase,
  type MigratedDatabase,
  Service,
  type ServiceOptions,
  startTogether,
} from '@pulser/harness';
import { eventually, testBroker, type TestBroker } from '@pulser/testing';

/** The lane: SCHEDULE_KILLS=20. */
const kills = Number(process.env['SCHEDULE_KILLS'] ?? 3);
const names = Array.from({ length: 8 }, (_, n) => `s-${n}`);

const order = ScheduleOrder.parse({
  when: { kind: 'cron', expression: '0 0 1 1 *' },
  overlap: 'allow_all',
  task: { task_type: 'analytics', payload: { operation: 'query' } },
});

/** Built routers as processes; one of three is killed around the moment at which all schedules fire. */
describe('schedules of which a router is killed with -9 at the fire', () => {
  let folder: string;
  let broker: TestBroker;
  let made: MigratedDatabase;
  let routers: Service[] = [];

  const optionsOf = (n: number): ServiceOptions => {
    const login = new URL(made.url);
    login.username = 'pulser_service';
    const variables = {
      LOG_LEVEL: 'warn',
      DATABASE_URL: login.href,
      AMQP_URL: broker.url,
      AMQP_NAMESPACE: broker.namespace,
    };
    return { name: `router-${n}`, main: 'apps/router/dist/main.js', folder, variables };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pulser-schedules-'));
    broker = testBroker();
    made = await makeMigratedDatabase({
      serverUrl: process.env['DATABASE_URL'] ?? '',
      prefix: 'schedules',
      tenants: ['acme'],
    });
    await new Agents(made.database).register({
      agent: 'dash',
      version: 'test',
      task_types: [{ task_type: 'analytics' }],
      operations: [],
    });
    routers = await startTogether([0, 1, 2].map(optionsOf));
  }, 360_000);

  afterAll(async () => {
    await Promise.all(routers.map((router) => router.stop()));
    await broker.drop();
    await made.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const author = async (): Promise<Principal> => {
    const found = await new ApiKeys(made.database).find(made.tenants[0]?.key ?? '');
    if (found?.tenantId === undefined) throw new Error('no such key');
    return found;
  };

  const query = <Row extends object>(name: string, text: string): Promise<Row[]> =>
    made.database.query<Row & Record<string, unknown>>({ name: `kills.${name}`, text });

  /** All fire at the same moment, in a quarter of a second. @returns milliseconds until then */
  const aim = async (): Promise<number> => {
    const [row] = await query<{ ms: number }>(
      'aim',
      `with aimed as (select date_trunc('milliseconds', clock_timestamp()) + interval '250 ms' as at)
       update schedule set nominal_at = a.at, due_at = a.at, look = look + 1 from aimed a
       returning (extract(epoch from a.at - clock_timestamp()) * 1000)::float8 as ms`,
    );
    return row?.ms ?? 0;
  };

  const fires = async (): Promise<number> =>
    (await query<{ n: number }>('count', `select count(*)::int as n from schedule_fire where state = 'started'`))[0]
      ?.n ?? 0;

  it(
    `fire exactly once each (${kills} kills, ${names.length} schedules)`,
    async () => {
      const by = await author();
      for (const name of names) await new Schedules(made.database).write(by, systemActor('test'), name, order, 100);
      for (let kill = 1; kill <= kills; kill += 1) {
        // From the fire to half a second after it: routers look four times a second.
        await wait((await aim()) + (kill / kills) * 500);
        const victim = routers.shift();
        if (victim === undefined) throw new Error('no router');
        process.kill(victim.pid, 'SIGKILL');
        const again = Service.start(optionsOf(kill + 2));
        await eventually(async () => {
          expect(await fires()).toBe(kill * names.length);
        });
        routers.push(await again);
      }
      const [row] = await query<{ fires: number; tasks: number; orphans: number; late: number[] }>(
        'result',
        `select count(f.task_id)::int as fires, count(distinct t.task_id)::int as tasks,
           (count(*) filter (where f.task_id is null or t.task_id is null))::int as orphans,
           array_agg(extract(epoch from f.fired_at - f.nominal_at)::float8 order by f.fired_at - f.nominal_at) as late
         from schedule_fire f full join task_queue t on t.task_id = f.task_id and t.schedule_id = f.schedule_id`,
      );
      const all = kills * names.length;
      expect(row).toMatchObject({ fires: all, tasks: all, orphans: 0 });
      const at = (share: number): string => (row?.late[Math.floor((all - 1) * share)] ?? 0).toFixed(3);
      process.stdout.write(`${all} fires, late by p50 ${at(0.5)} s, p99 ${at(0.99)} s, at most ${at(1)} s\n`);
    },
    60_000 + kills * 70_000,
  );
});
