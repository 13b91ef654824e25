import { eventually } from '@pulser/testing';

import { type BudgetLimits, type Claim, SpendLedger, type SpendOrder, SpendReads } from '../src/index.js';
import { connected, TaskLife, tester } from './task-life.js';

const wide = { micros: 1e9, tokens: 1e9, calls: 1e6 };
const generous: BudgetLimits = { task: wide, tree: wide, day: wide };

const order: SpendOrder = {
  agent: 'dash',
  taskType: 'analytics',
  model: 'tester',
  step: 'ask:1',
  micros: 1_000,
  tokens: 100,
  withinMs: 60_000,
};

describe('the ledger of models', () => {
  let life: TaskLife;
  let ledger: SpendLedger;
  let reads: SpendReads;

  beforeAll(async () => {
    life = await TaskLife.start();
    ledger = new SpendLedger(life.database);
    reads = new SpendReads(life.database);
  });

  afterAll(() => life.stop());

  const running = async (tenantId = life.tenantId, parent?: string): Promise<Claim> => {
    const taskId = await life.submit(parent === undefined ? {} : { parent_id: parent }, tenantId);
    const claim = await life.claims.claim({ tenantId, taskId, dispatchId: 1, wantsPayload: false });
    if (claim === undefined) throw new Error('The claim was lost');
    return claim;
  };

  const freshTenant = (name: string): Promise<string> => life.tenants.ensure(name);

  const reserved = async (claim: Claim, limits = generous, change: Partial<SpendOrder> = {}) => {
    const outcome = await ledger.reserve(claim, limits, { ...order, ...change });
    if (outcome.kind !== 'reserved') throw new Error(outcome.kind);
    return outcome.reservation;
  };

  const budgets = (tenantId: string): Promise<Record<string, unknown>[]> =>
    life.server.query(
      `select scope, sum(spent_micros)::int as spent, sum(reserved_micros)::int as reserved, sum(spent_calls)::int as calls
       from spend_budget where tenant_id = $1 group by scope order by scope`,
      [tenantId],
    );

  it('takes of task, tree and day, and gives back what was not needed', async () => {
    const tenantId = await freshTenant('one');
    const root = await running(tenantId);
    const child = await running(tenantId, root.taskId);
    const reservation = await reserved(child);
    expect(await ledger.use(child)).toEqual({
      task: { micros: 1_000, tokens: 100, calls: 1 },
      tree: { micros: 1_000, tokens: 100, calls: 1 },
      day: { micros: 1_000, tokens: 100, calls: 1 },
    });
    expect(await ledger.use(root)).toMatchObject({ tree: { micros: 1_000 }, day: { micros: 1_000 } });
    expect((await ledger.use(root)).task).toBeUndefined();
    const cost = { inputTokens: 40, outputTokens: 20, micros: 600 };
    expect(await ledger.settle(reservation, { outcome: 'answered', cost, httpStatus: 200 })).toBe(true);
    expect(await ledger.settle(reservation, { outcome: 'answered', cost })).toBe(false);
    expect((await ledger.use(root)).tree).toEqual({ micros: 600, tokens: 60, calls: 1 });
    expect(await reads.callsOf(tenantId, child.taskId)).toMatchObject([
      { step: 'ask:1', outcome: 'answered', httpStatus: 200, micros: 600, inputTokens: 40, outputTokens: 20 },
    ]);
  });

  it('charges what is not known as it was reserved, and nothing for what the server refused or never saw', async () => {
    const tenantId = await freshTenant('unknown');
    const claim = await running(tenantId);
    for (const outcome of ['unknown', 'refused', 'unsent'] as const)
      await ledger.settle(await reserved(claim), { outcome });
    expect((await ledger.use(claim)).day).toEqual({ micros: 1_000, tokens: 100, calls: 2 });
  });

  it('reserves in all budgets or in none', async () => {
    const tenantId = await freshTenant('all-or-none');
    const claim = await running(tenantId);
    for (const scope of ['task', 'tree', 'day'] as const) {
      const tight = { ...generous, [scope]: { ...wide, micros: 999 } };
      expect(await ledger.reserve(claim, tight, order)).toEqual({ kind: 'no_room' });
    }
    expect(await budgets(tenantId)).toEqual([]);
    await reserved(claim, { ...generous, tree: { ...wide, tokens: 199 } });
    expect(await ledger.reserve(claim, { ...generous, tree: { ...wide, tokens: 199 } }, order)).toEqual({
      kind: 'no_room',
    });
    expect((await budgets(tenantId)).map(({ reserved: held }) => held)).toEqual([1_000, 1_000, 1_000]);
  });

  it('reserves nothing for a task that is another worker’s', async () => {
    const claim = await running(await freshTenant('lease'));
    expect(await ledger.reserve({ ...claim, epoch: claim.epoch + 1 }, generous, order)).toEqual({ kind: 'lease_lost' });
  });

  it.each(['fresh', 'used'])('has money for ten of fifty that ask at once, of a %s tenant', async (kind) => {
    const tenantId = await freshTenant(`race-${kind}`);
    const root = await running(tenantId);
    const tasks = await Promise.all(Array.from({ length: 50 }, () => running(tenantId, root.taskId)));
    if (kind === 'used') await ledger.settle(await reserved(root), { outcome: 'refused' });
    const pools = await Promise.all(Array.from({ length: 4 }, () => connected(life.server.url('pulser_service'))));
    const ledgers = pools.map((pool) => new SpendLedger(pool));
    try {
      const limits = { ...generous, day: { ...wide, micros: 10_999 } };
      const outcomes = await Promise.all(
        tasks.map((task, n) => (ledgers[n % ledgers.length] ?? ledger).reserve(task, limits, order)),
      );
      expect(outcomes.filter(({ kind: one }) => one === 'reserved')).toHaveLength(10);
      expect(outcomes.filter(({ kind: one }) => one === 'no_room')).toHaveLength(40);
      expect((await ledger.use(root)).day?.micros).toBe(10_000);
    } finally {
      await Promise.all(pools.map((pool) => pool.close()));
    }
  });

  it('never deadlocks and loses nothing when calls of one tree are reserved and settled at once', async () => {
    const tenantId = await freshTenant('busy');
    const root = await running(tenantId);
    const tasks = await Promise.all(Array.from({ length: 8 }, () => running(tenantId, root.taskId)));
    const cost = { inputTokens: 1, outputTokens: 1, micros: 7 };
    await Promise.all(
      tasks.map(async (task) => {
        for (let n = 0; n < 10; n += 1) await ledger.settle(await reserved(task), { outcome: 'answered', cost });
      }),
    );
    expect(await budgets(tenantId)).toEqual(
      ['day', 'task', 'tree'].map((scope) => ({ scope, spent: 560, reserved: 0, calls: 80 })),
    );
  });

  it('charges the calls of workers that are gone, when their lease is', async () => {
    const tenantId = await freshTenant('lost');
    const [alive, ended, late] = [await running(tenantId), await running(tenantId), await running(tenantId)];
    await reserved(alive);
    const given = await reserved(ended);
    await reserved(late, generous, { withinMs: 0 });
    await life.cancels.cancel(tenantId, tester, ended.taskId);
    await eventually(async () => {
      await ledger.chargeLost(100);
      expect((await budgets(tenantId))[0]).toEqual({ scope: 'day', spent: 2_000, reserved: 1_000, calls: 2 });
    });
    expect(
      await ledger.settle(given, { outcome: 'answered', cost: { inputTokens: 1, outputTokens: 1, micros: 1 } }),
    ).toBe(false);
  });

  it('tells destinations once that the budget of the day is nearly used', async () => {
    const tenantId = await freshTenant('warned');
    await life.server.query(
      `insert into destination (tenant_id, name, kind, incidents_from, confirmed_at, made_by) values
         ($1, 'told', 'log', 'warning', now(), 'x'), ($1, 'other', 'log', 'critical', now(), 'x'),
         ($1, 'unconfirmed', 'log', 'info', null, 'x')`,
      [tenantId],
    );
    const claim = await running(tenantId);
    const limits = { ...generous, day: { ...wide, micros: 5_000 } };
    const messages = () =>
      life.server.query(
        `select d.name, n.kind, n.content ->> 'title' as title from notification_delivery
         join notification n using (tenant_id, notification_id) join destination d using (tenant_id, destination_id)
         where tenant_id = $1`,
        [tenantId],
      );
    const before = await reads.spentDays();
    for (let n = 0; n < 3; n += 1) await reserved(claim, limits);
    expect(await messages()).toEqual([]);
    expect(await reads.spentDays()).toEqual(before);
    await reserved(claim, limits);
    expect(await reads.spentDays()).toEqual({ ...before, nearlyUsed: before.nearlyUsed + 1 });
    await reserved(claim, limits);
    expect(await reads.spentDays()).toEqual({ ...before, usedUp: before.usedUp + 1 });
    expect(await messages()).toEqual([{ name: 'told', kind: 'report', title: 'The budget for models is nearly used' }]);
  });

  it('sums by day, agent, task type and model, of one tenant', async () => {
    const tenantId = await freshTenant('sums');
    const claim = await running(tenantId);
    const cost = { inputTokens: 10, outputTokens: 5, micros: 20 };
    for (const change of [{}, { model: 'other' }, { agent: 'rio' }])
      await ledger.settle(await reserved(claim, generous, change), { outcome: 'answered', cost });
    const [{ day } = { day: '' }] = await life.server.query<{ day: string }>(
      `select (now() at time zone 'UTC')::date::text as day`,
    );
    const range = { from: day, to: day };
    const sum = { calls: 2, inputTokens: 20, outputTokens: 10, micros: 40 };
    expect(await reads.sums(tenantId, range, ['model'])).toMatchObject([
      { model: 'other', calls: 1, agent: null, day: null },
      { model: 'tester', ...sum },
    ]);
    expect(await reads.sums(tenantId, range, ['day', 'agent'])).toMatchObject([
      { day, agent: 'dash', ...sum },
      { day, agent: 'rio', calls: 1 },
    ]);
    expect(await reads.sums(tenantId, { from: '2020-01-01', to: '2020-01-02' }, [])).toEqual([]);
    expect(await reads.today(tenantId)).toMatchObject({ scope: 'day', spentMicros: 60, maxMicros: 1e9 });
  });
});
