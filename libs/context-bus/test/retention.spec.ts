import { Upkeep } from '../src/index.js';
import { TaskLife } from './task-life.js';

const parents = ['task_queue', 'task_event', 'task_artifact', 'task_effect', 'task_facet'];

describe('the retention', () => {
  let life: TaskLife;
  let upkeep: Upkeep;
  let week: string;

  beforeEach(async () => {
    life = await TaskLife.start();
    upkeep = new Upkeep(life.database);
    week = await partitionsOf(60);
  });

  afterEach(() => life.stop());

  /** Partitions of the week so many days ago. @returns its name */
  const partitionsOf = async (days: number): Promise<string> => {
    const [row] = await life.server.query<{ week: string; from: string; to: string }>(
      `select to_char(m at time zone 'UTC', 'IYYY"w"IW') as week, pulser.id_floor(m) as from,
         pulser.id_floor(m + interval '1 week') as to
       from date_trunc('week', now() - $1 * interval '1 day', 'UTC') m`,
      [days],
    );
    if (row === undefined) throw new Error('No week');
    for (const parent of [...parents, 'agent_telemetry']) {
      const name = `${parent}_${row.week}`;
      await life.server.query(
        `create table ${name} partition of ${parent} for values from ('${row.from}') to ('${row.to}')`,
      );
      await life.server.query(`alter table ${name} owner to pulser_owner`);
      await life.server.query(`alter table ${name} enable row level security, force row level security`);
    }
    return row.week;
  };

  /** A task that was submitted and ended so many days ago, with an event and a dead letter. */
  const ended = async (days: number, tenantId = life.tenantId): Promise<string> => {
    const taskId = await life.submit({}, tenantId);
    const [row] = await life.server.query<{ id: string }>(
      `update task_queue set task_id = overlay(task_id::text placing
           left(pulser.id_floor(now() - $2 * interval '1 day')::text, 13) from 1 for 13)::uuid,
         status = 'failed', due_at = null, completed_at = now() - $2 * interval '1 day'
       where task_id = $1 returning task_id as id`,
      [taskId, days],
    );
    const id = row?.id ?? '';
    await life.server.query(`insert into task_event (tenant_id, task_id, seq, body) values ($1, $2, 1, '{}')`, [
      tenantId,
      id,
    ]);
    await life.server.query(
      `insert into dead_letter (tenant_id, task_id, task_type, reason) values ($1, $2, 'analytics', 'handler_failed')`,
      [tenantId, id],
    );
    return id;
  };

  const left = async (): Promise<{ tasks: number; events: number; letters: number }> => {
    const [row] = await life.server.query<{ tasks: number; events: number; letters: number }>(
      `select (select count(*)::int from task_queue) as tasks, (select count(*)::int from task_event) as events,
         (select count(*)::int from dead_letter) as letters`,
    );
    return row ?? { tasks: -1, events: -1, letters: -1 };
  };

  const tables = async (): Promise<number> =>
    (await life.server.query(`select 1 from pg_class where relname ~ $1`, [`_${week}$`])).length;

  it('drops the partitions of a week whose tasks are all past their retention', async () => {
    await ended(60);
    await ended(1);
    expect(await upkeep.dropExpiredPartitions(30)).toEqual([week, `agent_telemetry_${week}`]);
    expect(await left()).toEqual({ tasks: 1, events: 1, letters: 1 });
    expect(await tables()).toBe(0);
  });

  it('keeps a week in which a task is still open, and deletes the others of it', async () => {
    const open = await ended(60);
    await life.server.query(
      `update task_queue set status = 'queued', due_at = now(), completed_at = null where task_id = $1`,
      [open],
    );
    await ended(60);
    expect(await upkeep.dropExpiredPartitions(30)).not.toContain(week);
    expect(await upkeep.dropExpiredTasks(30, 100)).toBe(1);
    expect(await life.status(open)).toBe('queued');
    expect(await left()).toEqual({ tasks: 1, events: 1, letters: 1 });
  });

  it('keeps what has ended as long as its first ancestor is open, or kept', async () => {
    const root = await life.submit();
    const child = await ended(60);
    await life.server.query('update task_queue set root_id = $1, parent_id = $1 where task_id = $2', [root, child]);
    for (const [status, completed] of [
      ['queued', null],
      ['completed', new Date()],
    ]) {
      await life.server.query(
        `update task_queue set status = $2::task_status, completed_at = $3, due_at = case when $3::timestamptz is null then now() end
         where task_id = $1`,
        [root, status, completed],
      );
      expect(await upkeep.dropExpiredPartitions(30)).not.toContain(week);
      expect(await upkeep.dropExpiredTasks(30, 100)).toBe(0);
    }
    await life.server.query(`update task_queue set completed_at = now() - interval '31 days' where task_id = $1`, [
      root,
    ]);
    expect(await upkeep.dropExpiredTasks(30, 100)).toBe(1);
    expect(await left()).toMatchObject({ tasks: 1 });
  });

  it('keeps tasks of a tenant with a longer retention', async () => {
    await life.server.query('update tenant set retention_days = 90');
    await ended(60);
    expect(await upkeep.dropExpiredPartitions(30)).not.toContain(week);
    expect(await upkeep.dropExpiredTasks(30, 100)).toBe(0);
    expect(await left()).toEqual({ tasks: 1, events: 1, letters: 1 });
  });

  it('deletes tasks of a tenant with a shorter retention earlier', async () => {
    const hasty = await life.tenants.ensure('hasty');
    await life.server.query('update tenant set retention_days = 1 where tenant_id = $1', [hasty]);
    await ended(2, hasty);
    await ended(2);
    expect(await upkeep.dropExpiredTasks(30, 100)).toBe(1);
    expect(await left()).toEqual({ tasks: 1, events: 1, letters: 1 });
  });

  it('does not wait for a partition that a transaction reads', async () => {
    await ended(60);
    await life.database.withTenant(life.tenantId, async (transaction) => {
      await transaction.manager.query('select count(*) from task_queue');
      expect(await upkeep.dropExpiredPartitions(30)).not.toContain(week);
    });
    expect(await upkeep.dropExpiredPartitions(30)).toContain(week);
  });
});
