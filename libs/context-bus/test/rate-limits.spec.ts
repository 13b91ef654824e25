import { eventually } from '@pulser/testing';

import { RateLimits, TokenBuckets } from '../src/index.js';
import { TaskLife } from './task-life.js';

// Buckets that do not fill again within a test.
const limits = { key: { perS: 0.001, burst: 20 }, tenant: { perS: 0.001, burst: 30 } };

describe('rate limits', () => {
  let life: TaskLife;

  beforeEach(async () => {
    life = await TaskLife.start();
  });

  afterEach(() => life.stop());

  const gateway = (own = limits): RateLimits => new RateLimits(new TokenBuckets(life.database), own);

  /** How many of so many requests were allowed. */
  const allowed = async (times: number, keyId: string, gateways: readonly RateLimits[]): Promise<number> => {
    let count = 0;
    for (let n = 0; n < times; n += 1) {
      const verdicts = (await gateways[n % gateways.length]?.use(life.tenantId, keyId)) ?? [];
      if (verdicts.every((verdict) => verdict.allowed)) count += 1;
    }
    return count;
  };

  it('hold for one key at all gateways together', async () => {
    const count = await allowed(100, 'a', [gateway(), gateway(), gateway()]);
    expect(count).toBeGreaterThanOrEqual(15);
    expect(count).toBeLessThanOrEqual(20);
  });

  it('hold for all keys of a tenant together', async () => {
    const one = gateway();
    const counts = [await allowed(40, 'a', [one]), await allowed(40, 'b', [one]), await allowed(40, 'c', [one])];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(30);
  });

  it('say when another try is worth it, and allow it then', async () => {
    const one = gateway({ key: { perS: 1, burst: 3 }, tenant: { perS: 10, burst: 30 } });
    // Until no token has come in between.
    await eventually(async () => {
      const [verdict] = await one.use(life.tenantId, 'a');
      expect(verdict).toMatchObject({ name: 'key', allowed: false, remaining: 0, retryAfterS: 1 });
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await allowed(1, 'a', [one])).toBe(1);
  });

  it('are not those of another tenant', async () => {
    const one = gateway();
    await allowed(100, 'a', [one]);
    const other = await life.tenants.ensure('other');
    expect((await one.use(other, 'a')).every((verdict) => verdict.allowed)).toBe(true);
  });

  it('cost one statement for many requests', async () => {
    const asked: number[] = [];
    const buckets = new TokenBuckets(life.database);
    const take = buckets.take.bind(buckets);
    buckets.take = (...request) => {
      asked.push(request[3]);
      return take(...request);
    };
    const fast = { perS: 1_000, burst: 2_000 };
    const one = new RateLimits(buckets, { key: fast, tenant: fast });
    await Promise.all(Array.from({ length: 200 }, () => one.use(life.tenantId, 'a')));
    expect(asked.length).toBeLessThanOrEqual(6);
  });
});
