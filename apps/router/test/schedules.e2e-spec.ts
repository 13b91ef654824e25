import { ApiKeys, type Principal, Schedules, systemActor, TaskResults, TenantKeys } from '@pulser/context-bus';
import { ScheduleOrder } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { RouterUnderTest } from './router-under-test.js';

const actor = systemActor('test');

const hourly = (more: object = {}): ScheduleOrder =>
  ScheduleOrder.parse({
    when: { kind: 'cron', expression: '0 * * * *' },
    task: { task_type: 'analytics', payload: { operation: 'query' } },
    ...more,
  });

describe('schedules', () => {
  let under: RouterUnderTest;
  let schedules: Schedules;
  let author: Principal;

  const start = async (routers = 1): Promise<void> => {
    under = await RouterUnderTest.start(routers);
    schedules = new Schedules(under.database);
    author = await principal(under.key);
  };

  const principal = async (key: string): Promise<Principal> => {
    const found = await new ApiKeys(under.database).find(key);
    if (found?.tenantId === undefined) throw new Error('no such key');
    return found;
  };

  const write = (name: string, order = hourly(), by = author) => schedules.write(by, actor, name, order, 1_000);

  /** As if its next time had come so many seconds ago. */
  const bringDue = (name: string, secondsAgo = 0) =>
    under.server.query(
      `update schedule set nominal_at = date_trunc('milliseconds', now()) - $2 * interval '1 s', due_at = now() where name = $1`,
      [name, secondsAgo],
    );

  const fires = (name: string) =>
    schedules.fires(under.tenantId, name, { state: undefined, before: undefined, limit: 100 });

  const states = async (name: string) => (await fires(name)).map(({ state, reason }) => reason ?? state);

  const found = async (name: string) => {
    const row = await schedules.find(under.tenantId, name);
    if (row === undefined) throw new Error('no such schedule');
    return row;
  };

  const end = async (taskId: string, how: 'complete' | 'fail'): Promise<void> => {
    const results = new TaskResults(under.database);
    const [row] = await under.server.query<{ epoch: number }>(
      `update task_queue set status = 'running', attempts = 4, epoch = epoch + 1, due_at = now() + interval '1 hour'
       where task_id = $1 returning epoch`,
      [taskId],
    );
    const ref = { tenantId: under.tenantId, taskId, epoch: row?.epoch ?? 0 };
    if (how === 'complete') await results.complete(ref, {});
    else await results.fail(ref, { code: 'handler_failed', message: 'no', permanent: false });
  };

  const startedTask = async (name: string): Promise<string> => {
    const taskId = (await fires(name)).find(({ state }) => state === 'started')?.taskId;
    if (taskId == null) throw new Error('nothing runs');
    return taskId;
  };

  afterEach(() => under.stop());

  it('fire each time once, with whatever routers there are', async () => {
    await start(3);
    const names = Array.from({ length: 40 }, (_, n) => `s-${n}`);
    for (const name of names) await write(name);
    await under.server.query(
      `update schedule set nominal_at = date_trunc('second', now()) + interval '1 s', due_at = date_trunc('second', now()) + interval '1 s'`,
    );
    await eventually(async () => {
      expect((await Promise.all(names.map(states))).flat()).toEqual(names.map(() => 'started'));
    });
    const [tasks] = await under.server.query<{ n: number; schedules: number; by: string }>(
      `select count(*)::int as n, count(distinct schedule_id)::int as schedules, min(submitted_by) as by from task_queue`,
    );
    expect(tasks).toEqual({ n: 40, schedules: 40, by: author.keyId });
    expect((await found('s-0')).nominalAt?.getTime()).toBeGreaterThan(Date.now());
    await eventually(async () => {
      expect(await under.metrics()).toMatch(/pulser_schedule_fires_total\{outcome="started"\} \d+/);
    });
  });

  it('hold no other up: one that cannot be read is paused with the reason, at last', async () => {
    await start();
    await write('broken');
    await write('sound');
    await under.server.query(
      `update schedule set rules = jsonb_set(rules, '{time_zone}', '"Mars/X"'), failures = 7 where name = 'broken'`,
    );
    await bringDue('broken', 60);
    await bringDue('sound');
    await eventually(async () => {
      expect(await states('sound')).toEqual(['started']);
    });
    await eventually(async () => {
      expect(await found('broken')).toMatchObject({
        pausedKind: 'error',
        pausedNote: expect.stringContaining('time zone') as unknown,
      });
    });
    expect(await states('broken')).toEqual([]);
    await eventually(async () => {
      expect(await under.metrics()).toContain('pulser_schedules_paused{kind="error"} 1');
    });
  });

  it('have the rights of their author now: lost ones pause them, and say so', async () => {
    await start();
    const key = await under.keyFor({
      name: 'bot',
      role: 'operator',
      allowedTaskTypes: ['analytics'],
      expiresInS: null,
    });
    const bot = await principal(key);
    await write('theirs', hourly(), bot);
    await write('narrowed', hourly(), bot);
    await bringDue('theirs');
    await eventually(async () => {
      expect(await states('theirs')).toEqual(['started']);
    });
    await under.server.query(`update api_key set allowed_task_types = '{testing}' where name = 'bot'`);
    await bringDue('narrowed');
    await eventually(async () => {
      expect(await found('narrowed')).toMatchObject({ pausedKind: 'rights', pausedBy: null });
    });
    await new TenantKeys(under.database).revoke(under.tenantId, actor, bot.keyId ?? '', false);
    await bringDue('theirs');
    await eventually(async () => {
      expect(await found('theirs')).toMatchObject({
        pausedKind: 'rights',
        pausedNote: 'The key of its author was revoked',
      });
    });
    expect(await states('narrowed')).toEqual(['rights']);
    expect((await found('theirs')).skipped).toEqual({ rights: 1 });
    // Who writes it now is its author.
    await end(await startedTask('theirs'), 'complete');
    await write('theirs');
    expect(await found('theirs')).toMatchObject({ pausedKind: null, author: author.keyId });
    await bringDue('theirs');
    await eventually(async () => {
      expect(await states('theirs')).toEqual(['started', 'rights', 'completed']);
    });
  });

  it('submit tasks with their keys: a time for which an earlier task stands is skipped', async () => {
    await start();
    const unique = { key: 'nightly', window_s: 3_600 };
    const task = {
      task_type: 'analytics',
      payload: { operation: 'query' },
      unique,
      concurrency: { key: 'heavy', limit: 3 },
    };
    await write('keyed', hourly({ overlap: 'allow_all', task }));
    for (let n = 1; n <= 2; n += 1) {
      await bringDue('keyed');
      await eventually(async () => {
        expect(await fires('keyed')).toHaveLength(n);
      });
    }
    expect(await states('keyed')).toEqual(['unique', 'started']);
    expect((await found('keyed')).skipped).toEqual({ unique: 1 });
    const rows = await under.server.query(`select concurrency_key, concurrency_limit, unique_key from task_queue`);
    expect(rows).toEqual([{ concurrency_key: 'heavy', concurrency_limit: 3, unique_key: 'nightly' }]);
  });

  it('do what their overlap policy says while a task of them runs', async () => {
    await start();
    for (const overlap of ['skip', 'buffer_one', 'cancel_other'] as const) {
      const name = overlap.replace('_', '-');
      await write(name, hourly({ overlap }));
      for (let n = 1; n <= 3; n += 1) {
        await bringDue(name);
        await eventually(async () => {
          expect(await fires(name)).toHaveLength(n);
        });
      }
    }
    expect(await states('skip')).toEqual(['overlap', 'overlap', 'started']);
    expect(await states('buffer-one')).toEqual(['buffer_full', 'pending', 'started']);
    expect(await states('cancel-other')).toEqual(['started', 'cancelled', 'cancelled']);
    await end(await startedTask('buffer-one'), 'complete');
    await eventually(async () => {
      expect(await states('buffer-one')).toEqual(['buffer_full', 'started', 'completed']);
    });
  });

  it('skip what was missed beyond the catch-up window, counted in one entry, and fire the rest', async () => {
    await start();
    await write('slept', hourly({ when: { kind: 'interval', every_s: 60 }, catch_up_s: 90, overlap: 'allow_all' }));
    await under.server.query(
      `update schedule set nominal_at = date_trunc('minute', now()) - interval '30 minutes', due_at = now()`,
    );
    await eventually(async () => {
      const all = await fires('slept');
      expect(all[0]?.nominalAt.getTime()).toBeGreaterThan(Date.now() - 61_000);
      const missed = all.find(({ reason }) => reason === 'missed');
      const fired = all.filter(({ state }) => state === 'started').length;
      expect(fired).toBeGreaterThanOrEqual(1);
      expect(fired + (missed?.times ?? 0)).toBeGreaterThanOrEqual(31);
    });
  });

  it('pause when a task failed, if told to; and a trigger still fires', async () => {
    await start();
    await write('careful', hourly({ pause_on_failure: true }));
    await bringDue('careful');
    await eventually(async () => {
      expect(await states('careful')).toEqual(['started']);
    });
    await end(await startedTask('careful'), 'fail');
    await eventually(async () => {
      expect(await found('careful')).toMatchObject({ pausedKind: 'failure', pausedBy: null });
    });
    await bringDue('careful');
    await schedules.trigger(under.tenantId, actor, 'careful');
    await eventually(async () => {
      expect(await states('careful')).toEqual(['started', 'failed']);
    });
    expect((await fires('careful'))[0]).toMatchObject({ origin: 'trigger', askedBy: 'test' });
    await schedules.resume(under.tenantId, actor, 'careful');
    expect(await found('careful')).toMatchObject({ pausedKind: null, skipped: { paused: 1 } });
  });

  it('fire for times of the past when asked to, one after the other, each once', async () => {
    await start();
    await write('old');
    const range = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T03:00:00Z', overlap: 'buffer_all' } as const;
    expect(await schedules.backfill(under.tenantId, actor, 'old', range)).toEqual({ times: 3, added: 3 });
    expect(await schedules.backfill(under.tenantId, actor, 'old', range)).toEqual({ times: 3, added: 0 });
    for (let left = 3; left > 0; left -= 1) {
      await eventually(async () => {
        expect(await found('old')).toMatchObject({ running: 1, pending: left - 1 });
      });
      await end(await startedTask('old'), 'complete');
    }
    await eventually(async () => {
      expect(await states('old')).toEqual(['completed', 'completed', 'completed']);
    });
    const [count] = await under.server.query<{ n: number }>(`select count(*)::int as n from task_queue`);
    expect(count?.n).toBe(3);
  });

  it('that a backfill has fired already go on with the next time', async () => {
    await start();
    await write('both', hourly({ overlap: 'allow_all' }));
    await under.server.query(
      `insert into schedule_fire (tenant_id, schedule_id, nominal_at, origin, state, overlap)
       select tenant_id, schedule_id, date_trunc('hour', now()), 'backfill', 'completed', 'skip' from schedule`,
    );
    await under.server.query(`update schedule set nominal_at = date_trunc('hour', now()), due_at = now()`);
    await eventually(async () => {
      expect((await found('both')).nominalAt?.getTime()).toBeGreaterThan(Date.now());
    });
    expect(await states('both')).toEqual(['completed']);
  });

  it('cost a sweep the same however many are not due', async () => {
    await start(0);
    await write('one');
    const plan = async (): Promise<string> => {
      const rows = await under.server.query<Record<string, string>>(
        `explain select tenant_id from schedule where due_at <= now() order by due_at limit 32 for update skip locked`,
      );
      return rows.map((row) => Object.values(row).join('')).join('\n');
    };
    await under.server.query(
      `insert into schedule (tenant_id, name, rules, task, author, author_role, due_at)
       select tenant_id, 'x-' || n, rules, task, author, author_role, now() + interval '1 day'
       from schedule, generate_series(1, 5000) n`,
    );
    await under.server.query('analyze schedule');
    expect(await plan()).toContain('schedule_due');
  });
});
