import { Pauses, FairShares } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

describe('a pause', () => {
  let life: TaskLife;
  let pauses: Pauses;
  let other: string;

  beforeEach(async () => {
    life = await TaskLife.start();
    pauses = new Pauses(life.database);
    other = await life.tenants.ensure('other');
  });

  afterEach(() => life.stop());

  const take = async (): Promise<string[]> => {
    const lane = { agent: 'dash', priority: 'medium' } as const;
    const { rows } = await life.backlog.take(lane, { limit: 10, shares: new FairShares().snapshot });
    return rows.map(({ task_id }) => task_id);
  };

  const submittedForBoth = async (): Promise<[string, string]> => {
    const ids: [string, string] = [await life.submit(), await life.submit({}, other)];
    await life.server.query('update task_queue set due_at = now()');
    return ids;
  };

  it.each([{ agent: 'dash' } as const, { taskType: 'analytics' } as const])(
    'of %j lets nothing of its tenant start, and all of the others',
    async (target) => {
      const [mine, theirs] = await submittedForBoth();
      await pauses.pause(life.tenantId, tester, target, 'maintenance');
      expect(await take()).toEqual([theirs]);
      expect(await life.claim(mine)).toBeUndefined();
      expect(await life.status(mine)).toBe('queued');
    },
  );

  it('for all tenants lets nothing start', async () => {
    const [mine] = await submittedForBoth();
    await pauses.pauseForAll(tester, { agent: 'dash' });
    expect(await take()).toEqual([]);
    expect(await life.claim(mine)).toBeUndefined();
  });

  it('that ends lets tasks that were dispatched meanwhile start at once', async () => {
    const taskId = await life.submit();
    await pauses.pause(life.tenantId, tester, { agent: 'dash' });
    await life.claim(taskId);
    expect(await pauses.resume(life.tenantId, tester, { agent: 'dash' })).toBe(true);
    expect(await take()).toEqual([taskId]);
    expect(await life.claim(taskId)).toBeDefined();
  });

  it('of all tenants cannot be ended by one of them', async () => {
    await pauses.pauseForAll(tester, { taskType: 'analytics' });
    expect(await pauses.resume(life.tenantId, tester, { taskType: 'analytics' })).toBe(false);
    expect(await pauses.list(life.tenantId)).toMatchObject([{ taskType: 'analytics', forAllTenants: true }]);
  });

  it('is seen by its own tenant only, and made once', async () => {
    await pauses.pause(life.tenantId, tester, { agent: 'maya' }, 'first');
    await pauses.pause(life.tenantId, tester, { agent: 'maya' }, 'second');
    expect(await pauses.list(life.tenantId)).toMatchObject([{ agent: 'maya', reason: 'first', forAllTenants: false }]);
    expect(await pauses.list(other)).toEqual([]);
  });

  it('does not stop running tasks', async () => {
    const claim = await life.claimed(await life.submit());
    await pauses.pause(life.tenantId, tester, { agent: 'dash' });
    expect(await life.claims.renew([claim])).toEqual(new Set([claim.taskId]));
    expect(await life.results.complete(claim, {})).toBe(true);
  });
});
