import { SpendLedger } from '@pulser/context-bus';
import type { Problem, Setting, SpendView, TaskSpend } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const amount = { micros: 10_000, tokens: 10_000, calls: 100 };
const limits = { task: amount, tree: amount, day: amount };
const cost = { inputTokens: 30, outputTokens: 10, micros: 700 };

describe('what was spent on models', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;
  let ledger: SpendLedger;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ledger = new SpendLedger(gateway.worker.database);
  });

  beforeEach(async () => {
    ({ client, tenantId } = await gateway.client(`tenant-${crypto.randomUUID()}`));
  });

  /** A task that asked two models, and waits for one of them. */
  const asking = async (): Promise<string> => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const order = { agent: 'dash', taskType: 'analytics', step: 'ask:1', micros: 1_000, tokens: 100, withinMs: 60_000 };
    for (const model of ['large', 'small', 'small']) {
      const reserved = await ledger.reserve(claim, limits, { ...order, model });
      if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
      if (model === 'small') await ledger.settle(reserved.reservation, { outcome: 'answered', cost, httpStatus: 200 });
    }
    return taskId;
  };

  it('is summed by what is asked for, with what is left of today', async () => {
    await asking();
    const { body } = await client.get<SpendView>('/api/v1/spend?group_by=agent,model');
    const sum = { calls: 2, input_tokens: 60, output_tokens: 20, micros: 1_400 };
    expect(body.sums).toEqual([{ agent: 'dash', model: 'small', ...sum }]);
    expect(body.total).toEqual(sum);
    expect(body.today).toEqual({
      scope: 'day',
      limit: amount,
      spent: { micros: 1_400, tokens: 80, calls: 2 },
      reserved: { micros: 1_000, tokens: 100, calls: 1 },
      used: 0.24,
    });
    const days = (await client.get<SpendView>('/api/v1/spend?group_by=day')).body;
    expect(days.sums).toEqual([{ day: days.to, ...sum }]);
  });

  it('is shown of a task, request by request', async () => {
    const { body } = await client.get<TaskSpend>(`/api/v1/tasks/${await asking()}/spend`);
    expect(body.budgets.map(({ scope, spent }) => [scope, spent.micros])).toEqual([
      ['task', 1_400],
      ['tree', 1_400],
    ]);
    expect(body.calls.map(({ model, state, outcome, micros }) => [model, state, outcome, micros])).toEqual([
      ['large', 'reserved', null, 0],
      ['small', 'settled', 'answered', 700],
      ['small', 'settled', 'answered', 700],
    ]);
  });

  it('is nothing where no model was asked, and a range that cannot be is refused', async () => {
    const { body } = await client.get<SpendView>('/api/v1/spend');
    expect([body.sums, body.total.calls, body.today]).toEqual([[], 0, null]);
    for (const query of ['from=2026-02-01&to=2026-01-01', 'group_by=key', 'from=yesterday']) {
      const refused = await client.get<Problem>(`/api/v1/spend?${query}`);
      expect([query, refused.status, refused.body.code]).toEqual([query, 400, 'invalid_request']);
    }
  });

  it('is bounded, and models are chosen, by settings', async () => {
    const put = (name: string, value: unknown) =>
      client.call<Setting>(`/api/v1/settings/${name}`, { method: 'PUT', body: { value } });
    const models = {
      base_url: 'https://api.example.com/v1',
      secret: 'model-key',
      model: 'large',
      prices: { large: { input: 2.5, output: 10 } },
    };
    expect((await put('models', models)).status).toBe(201);
    expect((await put('budgets', { day: { usd: 5 }, task: { calls: 10 } })).status).toBe(201);
    expect((await put('models', { ...models, base_url: 'file:///etc/passwd' })).status).toBe(400);
    expect((await put('budgets', { day: { usd: -1 } })).status).toBe(400);
  });
});
