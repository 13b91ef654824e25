import { Deliveries, UnclaimedTasks } from '../src/index.js';
import { operatorOf, TaskLife } from './task-life.js';

/** Destinations are told of the end of a task in the transaction that ends it, however it ends. */
describe('the end of a task that names destinations', () => {
  let life: TaskLife;

  beforeEach(async () => {
    life = await TaskLife.start();
    await life.server.query(
      `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
       values ($1, 'mail', 'email', '{"to": "a@b.test"}', now(), 'test'), ($1, 'hook', 'webhook', '{}', now(), 'test'),
         ($1, 'new', 'webhook', '{}', null, 'test')`,
      [life.tenantId],
    );
  });

  afterEach(() => life.stop());

  const notify = ['mail', 'hook'];

  interface Noted {
    readonly content: { readonly status: string };
    readonly to: readonly string[];
  }

  const noted = async (taskId: string): Promise<Noted[]> =>
    life.server.query<Noted & Record<string, unknown>>(
      `select n.content, array_agg(d.name order by d.name) as "to"
       from notification n join notification_delivery e using (tenant_id, notification_id)
         join destination d using (tenant_id, destination_id)
       where n.kind = 'task_end' and n.content ->> 'task_id' = $1 group by n.notification_id, n.content`,
      [taskId],
    );

  const statuses = async (taskId: string) => (await noted(taskId)).map(({ content }) => content.status);

  it('is noted once with what there is to know of it, and its files', async () => {
    const taskId = await life.submit({ notify });
    const claim = await life.claimed(taskId);
    await life.server.query(
      `insert into task_artifact (tenant_id, task_id, name, media_type, content)
       values ($1, $2, 'report.pdf', 'application/pdf', '%PDF'), ($1, $2, 'chart.png', 'image/png', 'x')`,
      [life.tenantId, taskId],
    );
    expect(await life.results.complete(claim, { rows: 1 })).toBe(true);
    expect(await life.results.complete(claim, { rows: 1 })).toBe(false);
    expect(await noted(taskId)).toMatchObject([
      {
        to: ['hook', 'mail'],
        content: {
          task_type: 'analytics',
          operation: 'query',
          status: 'completed',
          artifacts: [
            { task_id: taskId, name: 'chart.png' },
            { task_id: taskId, name: 'report.pdf' },
          ],
        },
      },
    ]);
  });

  it('is noted whichever end it is, and no sooner', async () => {
    const retried = await life.submit({ notify });
    const error = { code: 'handler_failed', message: 'no', permanent: false } as const;
    await life.results.fail(await life.claimed(retried), error, 0);
    expect(await statuses(retried)).toEqual([]);

    const failed = await life.submit({ notify, max_attempts: 1 });
    await life.results.fail(await life.claimed(failed), error);
    expect(await noted(failed)).toMatchObject([{ content: { status: 'failed', error: 'no' } }]);

    const parent = await life.submit({ notify });
    const child = await life.submit({ notify, parent_id: parent });
    await life.cancels.cancel(life.tenantId, { kind: 'system', id: null, name: 'x', origin: null, via: null }, parent);
    expect([await statuses(parent), await statuses(child)]).toEqual([['cancelled'], ['cancelled']]);

    const overdue = await life.submit({ notify, deadline_s: 600 });
    await life.server.query(`update task_queue set deadline_at = now() where task_id = $1`, [overdue]);
    await life.sweep.failOverdue(10);
    expect(await statuses(overdue)).toEqual(['failed']);

    const quick = await life.submit({ notify });
    const unclaimed = new UnclaimedTasks(life.database, { agent: 'dash', worker: 'dash-1' });
    const completion = { tenantId: life.tenantId, taskId: quick, dispatchId: 1, since: performance.now(), result: {} };
    expect(await unclaimed.complete(completion)).toBeDefined();
    expect(await statuses(quick)).toEqual(['completed']);
  });

  it('is noted of no task that names none, and goes to no destination that is gone, strange or not confirmed', async () => {
    const silent = await life.submit();
    await life.results.complete(await life.claimed(silent), {});
    const lost = await life.submit({ notify: ['new', 'unheard-of'] });
    await life.results.complete(await life.claimed(lost), {});
    const stranger = await life.tenants.ensure('other');
    await life.server.query(
      `insert into destination (tenant_id, name, kind, confirmed_at, made_by) values ($1, 'theirs', 'log', now(), 'test')`,
      [stranger],
    );
    const foreign = await life.submit({ notify: ['theirs'] });
    await life.results.complete(await life.claimed(foreign), {});
    const [count] = await life.server.query<{ n: number }>('select count(*)::int as n from notification');
    expect(count?.n).toBe(0);
  });

  it('waits for no destination that is being deleted, and is not undone by it', async () => {
    const taskId = await life.submit({ notify });
    const claim = await life.claimed(taskId);
    const ended = await life.database.withTenant(life.tenantId, async (transaction) => {
      await transaction.query({ name: '', text: `delete from destination where name = 'hook'` });
      return life.results.complete(claim, {});
    });
    expect(ended).toBe(true);
    expect(await noted(taskId)).toMatchObject([{ to: ['mail'] }]);
    expect(await new Deliveries(life.database).backlog()).toMatchObject({ pending: 1 });
  });

  it('can only be sent where the tenant has confirmed that it may', async () => {
    const order = (names: string[]) => ({
      submit: { task_type: 'analytics', priority: 'medium', payload: { operation: 'query' }, notify: names } as const,
    });
    const outcomes = await life.intake.submit(operatorOf(life.tenantId), [
      order(['mail']),
      order(['mail', 'new', 'unheard-of']),
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'created' },
      {
        kind: 'refused',
        refusal: { code: 'unknown_destination', problems: [{ pointer: '/notify/1' }, { pointer: '/notify/2' }] },
      },
    ]);
  });
});
