import { DeadLetterGrowths } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('the growth of dead letters', () => {
  let life: TaskLife;
  let growths: DeadLetterGrowths;

  beforeAll(async () => {
    life = await TaskLife.start();
    growths = new DeadLetterGrowths(life.database);
  });

  afterAll(() => life.stop());

  const hour = (at: number): string => new Date(Date.UTC(2026, 0, 1, at)).toISOString();

  /** Dead letters that came at this hour. */
  const bury = (
    tenantId: string,
    at: number,
    count: number,
    reason = 'handler_failed',
    state = 'open',
  ): Promise<object[]> =>
    life.server.query(
      `insert into dead_letter (dead_letter_id, tenant_id, task_id, task_type, agent_name, reason, error, state, settled_at)
       select overlay(pulser.new_id()::text placing left(pulser.id_floor($4)::text, 13) from 1 for 13)::uuid, $1,
         pulser.new_id(), 'analytics', 'dash', $2, '{"message": "no"}', $3, case when $3 <> 'open' then now() end
       from generate_series(1, $5)`,
      [tenantId, reason, state, hour(at), count],
    );

  it('counts those that came in a time and in the one before it, and those that are open', async () => {
    await bury(life.tenantId, 0, 1);
    await bury(life.tenantId, 2, 3);
    await bury(life.tenantId, 5, 4);
    await bury(life.tenantId, 5, 2, 'expired', 'replayed');
    await bury(await life.tenants.ensure('umbrella'), 5, 9);
    const { reasons, isComplete } = await growths.between(life.tenantId, hour(4), hour(7));
    expect(isComplete).toBe(true);
    expect(reasons).toEqual([
      { reason: 'handler_failed', agent: 'dash', open: 8, recent: 4, earlier: 3 },
      { reason: 'expired', agent: 'dash', open: 0, recent: 2, earlier: 0 },
    ]);
  });

  it('says when it did not read all of them', async () => {
    const many = await life.tenants.ensure('many');
    await bury(many, 5, 5_001);
    expect(await growths.between(many, hour(4), hour(7))).toEqual({
      isComplete: false,
      reasons: [{ reason: 'handler_failed', agent: 'dash', open: 5_001, recent: 5_000, earlier: 0 }],
    });
  });
});
