import { ApiKeys, Hooks, type Principal, systemActor, TaskResults, TenantKeys } from '@pulser/context-bus';
import { HookOrder } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { RouterUnderTest } from './router-under-test.js';

const actor = systemActor('test');

const onFailure = (more: object = {}, rest: object = {}): HookOrder =>
  HookOrder.parse({
    on: { kind: 'task.failed', ...more },
    task: { task_type: 'analytics', payload: { operation: 'look' } },
    map: [
      { from: '/data/task_id', to: '/of' },
      { from: '/data/error/code', to: '/code' },
    ],
    ...rest,
  });

interface Started {
  readonly task_id: string;
  readonly payload: { readonly operation: string; readonly of: string; readonly code?: string };
  readonly hooks: readonly string[];
}

describe('hooks that are fired by what happens here', () => {
  let under: RouterUnderTest;
  let hooks: Hooks;
  let author: Principal;

  const start = async (routers = 1, variables: Readonly<Record<string, string>> = {}): Promise<void> => {
    under = await RouterUnderTest.start(routers, variables);
    hooks = new Hooks(under.database);
    author = await principal(under.key);
  };

  const principal = async (key: string): Promise<Principal> => {
    const found = await new ApiKeys(under.database).find(key);
    if (found?.tenantId === undefined) throw new Error('no such key');
    return found;
  };

  const write = (name: string, order = onFailure(), by = author) => hooks.write(by, actor, name, order, 100);

  /** So many tasks that fail in one statement. */
  const failMany = async (count: number, operation = 'query', code = 'no_luck'): Promise<void> => {
    await under.server.query(
      `with made as (
         insert into task_queue (tenant_id, task_type, assigned_agent, payload, operation, due_at)
         select $1, 'analytics', 'dash', jsonb_build_object('operation', $3::text), $3, now() + interval '1 hour'
         from generate_series(1, $2::int) returning task_id
       ) select count(*) from made`,
      [under.tenantId, count, operation],
    );
    await under.server.query(
      `update task_queue set status = 'failed', completed_at = now(), due_at = null,
         error = jsonb_build_object('code', $2::text, 'message', 'no', 'permanent', true)
       where completed_at is null and operation = $1`,
      [operation, code],
    );
  };

  const failOne = async (taskId: string): Promise<void> => {
    const [row] = await under.server.query<{ epoch: number }>(
      `update task_queue set status = 'running', attempts = 4, epoch = epoch + 1, due_at = now() + interval '1 hour'
       where task_id = $1 returning epoch`,
      [taskId],
    );
    const ref = { tenantId: under.tenantId, taskId, epoch: row?.epoch ?? 0 };
    await new TaskResults(under.database).fail(ref, { code: 'no_luck', message: 'no', permanent: false });
  };

  const started = (): Promise<Started[]> =>
    under.server.query<Started>(
      `select task_id, payload, hooks from task_queue where hooks is not null order by task_id`,
    );

  const events = async (): Promise<number> => {
    const [row] = await under.server.query<{ n: number }>('select count(*)::int as n from hook_event');
    return row?.n ?? -1;
  };

  const allTaken = (): Promise<void> =>
    eventually(async () => {
      expect(await events()).toBe(0);
    });

  const refused = async (name: string) => (await hooks.find(under.tenantId, name))?.refusedReason;

  afterEach(() => under.stop());

  it('start one task for each failure that fits, with whatever routers there are', async () => {
    await start(3);
    await write('look');
    await write('elsewhere', onFailure({ agent: 'maya' }));
    await write('other-code', onFailure({ code: 'timeout' }));
    await write('off', onFailure({}, { enabled: false }));
    await failMany(40);
    await allTaken();
    const tasks = await started();
    expect(tasks).toHaveLength(40);
    expect(new Set(tasks.map(({ payload }) => payload.of)).size).toBe(40);
    expect(tasks[0]?.payload).toMatchObject({ operation: 'look', code: 'no_luck' });
    expect((await hooks.find(under.tenantId, 'look'))?.firedTask).not.toBeNull();
    await eventually(async () => {
      expect(await under.metrics()).toMatch(/pulser_hook_events_total\{outcome="started"\} \d+/);
    });
  });

  it('cost a tenant without one no row', async () => {
    await start(0);
    await failMany(3);
    expect(await events()).toBe(0);
    await write('look', onFailure({ operation: 'other' }));
    await failMany(3);
    expect(await events()).toBe(0);
    await failMany(3, 'other');
    expect(await events()).toBe(3);
    await hooks.remove(under.tenantId, actor, 'look');
    expect(await events()).toBe(0);
  });

  it('start a task for a new version of a dataset, in the transaction that made it', async () => {
    await start();
    const onVersion = (dataset?: string): HookOrder =>
      HookOrder.parse({
        on: { kind: 'dataset.version', ...(dataset !== undefined && { dataset }) },
        task: { task_type: 'analytics', payload: { operation: 'check' } },
        map: [{ from: '/data/reference', to: '/of' }],
      });
    await write('sales', onVersion('sales'));
    await write('any', onVersion());
    await write('costs', onVersion('costs'));
    await under.server.query(
      `with c as (insert into content (tenant_id, store, piece_bytes) values ($1, 'database', 1) returning content_id),
       d as (insert into dataset (tenant_id, name, last_version) values ($1, 'sales', 1) returning dataset_id)
       insert into dataset_version (tenant_id, dataset_id, version, content_id, task_id, row_count, columns, preview)
       select $1, dataset_id, 1, content_id, pulser.new_id(), 3, '[]', '[]' from c, d`,
      [under.tenantId],
    );
    await allTaken();
    const tasks = await started();
    expect(tasks.map(({ payload }) => payload)).toEqual(Array(2).fill({ operation: 'check', of: 'dataset:sales@1' }));
  });

  it('are not fired by their own tasks without end, nor by the children of these', async () => {
    await start();
    await write('look');
    await failMany(1);
    for (let depth = 1; depth <= 3; depth += 1) {
      await allTaken();
      const tasks = await started();
      expect(tasks).toHaveLength(depth);
      expect(tasks.at(-1)?.hooks).toHaveLength(depth);
      await failOne(tasks.at(-1)?.task_id ?? '');
    }
    await allTaken();
    expect(await started()).toHaveLength(3);
    expect(await refused('look')).toBe('loop');
    const last = (await started()).at(-1)?.task_id;
    await under.server.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at, parent_id, root_id)
       values ($1, 'analytics', 'dash', '{}', now() + interval '1 hour', $2, $2)`,
      [under.tenantId, last],
    );
    const [child] = await under.server.query<{ id: string }>(
      'select task_id as id from task_queue where root_id = $1',
      [last],
    );
    await failOne(child?.id ?? '');
    await allTaken();
    expect(await started()).toHaveLength(3);
  });

  it('have the rights of their author now, and say why they start nothing', async () => {
    await start();
    const key = await under.keyFor({ name: 'bot', role: 'operator', allowedTaskTypes: null, expiresInS: null });
    const bot = await principal(key);
    await write('look', onFailure(), bot);
    await failMany(1);
    await allTaken();
    expect(await started()).toHaveLength(1);
    await under.server.query(`update api_key set allowed_task_types = '{testing}' where name = 'bot'`);
    await failMany(1, 'second');
    await allTaken();
    expect(await refused('look')).toBe('rights');
    await new TenantKeys(under.database).revoke(under.tenantId, actor, bot.keyId ?? '', false);
    await failMany(1, 'third');
    await allTaken();
    expect((await hooks.find(under.tenantId, 'look'))?.refusedDetail).toBe('The key of its author was revoked');
    await write('look', onFailure({}, { map: [{ from: '/data/none', to: '/x' }] }));
    await failMany(1, 'fourth');
    await allTaken();
    expect(await refused('look')).toBe('body');
    expect(await started()).toHaveLength(1);
  });

  it('wait while the queue is full, and hold no other up that cannot be read', async () => {
    await start(1, { QUEUE_QUOTA: '2' });
    await write('look');
    await write('broken');
    await under.server.query(`update hook set rules = rules || '{"map": 1}' where name = 'broken'`);
    await failMany(4);
    await eventually(async () => {
      expect(await started()).toHaveLength(2);
    });
    await under.server.query(
      `update hook_event e set tries = 7, due_at = now() from hook h where h.hook_id = e.hook_id and h.name = 'broken'`,
    );
    await eventually(async () => {
      expect(await refused('broken')).toBe('error');
    });
    await under.server.query(
      `update task_queue set status = 'completed', completed_at = now(), due_at = null where status = 'queued'`,
    );
    await under.server.query('update hook_event set due_at = now()');
    await allTaken();
    expect(await started()).toHaveLength(4);
  });
});
