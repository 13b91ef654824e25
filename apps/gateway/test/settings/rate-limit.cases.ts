import type { QuotasView } from '@pulser/contracts';

import { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const limits = {
  // Buckets that do not fill again within a test.
  RATE_LIMIT_KEY_PER_S: '0.01',
  RATE_LIMIT_KEY_BURST: '6',
  RATE_LIMIT_TENANT_PER_S: '0.01',
  RATE_LIMIT_TENANT_BURST: '10',
  DAILY_QUOTA: '3',
};

const path = '/api/v1/agents';

describe('a gateway whose requests are limited', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await (await sharedGateway()).beside(limits);
  });

  afterAll(() => gateway.service.close());

  const statuses = async (clients: readonly Client[], times: number): Promise<number[]> => {
    const answers: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const client = clients[n % clients.length];
      if (client !== undefined) answers.push((await client.get(path)).status);
    }
    return answers;
  };

  const count = (answers: readonly number[], status: number): number =>
    answers.filter((answer) => answer === status).length;

  it('lets a key make as many requests as its bucket holds, and says how many are left', async () => {
    const { client } = await gateway.client('counted');
    const { headers } = await client.get(path);
    expect(headers.get('ratelimit-policy')).toBe('"key";q=6;w=600, "tenant";q=10;w=1000');
    expect(headers.get('ratelimit')).toMatch(/^"key";r=5;t=\d+, "tenant";r=9;t=\d+$/);
    const answers = await statuses([client], 9);
    expect([count(answers, 200), count(answers, 429)]).toEqual([5, 4]);
  });

  it('says what is left of the requests, and takes for that no more than the request that asks', async () => {
    const { client } = await gateway.client('asking');
    const first = (await client.get<QuotasView>('/api/v1/quotas')).body.requests;
    expect(first).toEqual({ key: { per_s: 0.01, burst: 6, left: 5 }, tenant: { per_s: 0.01, burst: 10, left: 9 } });
    await statuses([client], 3);
    const { key, tenant } = (await client.get<QuotasView>('/api/v1/quotas')).body.requests;
    expect([key.left, tenant.left]).toEqual([1, 5]);
  });

  it('tells a refused one when to come again, in problem details', async () => {
    const { client } = await gateway.client('told');
    await statuses([client], 6);
    const { status, headers, body } = await client.get(path);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('ratelimit')).toMatch(/^"key";r=0;/);
    expect(body).toMatchObject({ code: 'too_many_requests', limit: 'key' });
  });

  it('counts what comes with a session, and the login itself, as requests of its key', async () => {
    const { client } = await gateway.client('browsing');
    const page = await client.logIn();
    expect((await page.get(path)).headers.get('ratelimit')).toMatch(/^"key";r=4;/);
    expect(count(await statuses([client, page], 6), 200)).toBe(4);
    const refused = await gateway.stranger.call('/api/v1/sessions', { body: { key: client.key } });
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests', limit: 'key' } });
  });

  it('holds for all keys of a tenant, at all gateways', async () => {
    const { client: first } = await gateway.client('many');
    const { client: second } = await gateway.client('many');
    const other = await gateway.beside(limits);
    const elsewhere = new Client(other.url, second.key);
    const answers = await statuses([first, elsewhere], 20);
    await other.service.close();
    expect(count(answers, 200)).toBeLessThanOrEqual(10);
    expect(count(answers, 429)).toBeGreaterThanOrEqual(10);
  });

  it('does not count what nobody has to be known for', async () => {
    for (let n = 0; n < 30; n += 1) expect((await gateway.stranger.get('/health')).status).toBe(200);
  });

  it('refuses tasks past the quota of the day until the next one begins', async () => {
    const { client } = await gateway.client('daily');
    const task = { task_type: 'analytics', payload: { operation: 'query' } };
    const batch = await client.call<{ items: { code?: string }[] }>('/api/v1/tasks/batch', {
      body: { tasks: [task, task, task, task] },
    });
    expect(batch.body.items.map(({ code }) => code)).toEqual([undefined, undefined, undefined, 'daily_quota_spent']);
    const refused = await client.call('/api/v1/tasks', { body: task });
    expect(refused).toMatchObject({ status: 429, body: { code: 'daily_quota_spent' } });
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
  });
});
