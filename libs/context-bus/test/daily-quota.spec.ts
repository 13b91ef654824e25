import { DailyQuota, TenantDays } from '../src/index.js';
import { TaskLife } from './task-life.js';

const usual = 20;

describe('a quota of tasks a day', () => {
  let life: TaskLife;

  beforeEach(async () => {
    life = await TaskLife.start();
  });

  afterEach(() => life.stop());

  const gateway = (quota = usual): DailyQuota => new DailyQuota(new TenantDays(life.database), quota);

  const admitted = async (calls: readonly Promise<{ tasks: number }>[]): Promise<number> =>
    (await Promise.all(calls)).reduce((sum, { tasks }) => sum + tasks, 0);

  it('holds for all gateways together, to the task', async () => {
    const gateways = [gateway(), gateway(), gateway()];
    const calls = Array.from({ length: 60 }, (_, n) => gateways[n % 3]?.admit(life.tenantId, 1));
    expect(await admitted(calls.filter((call) => call !== undefined))).toBe(usual);
  });

  it('lets as many of a batch in as there are left', async () => {
    const one = gateway();
    expect(await one.admit(life.tenantId, 15)).toMatchObject({ tasks: 15 });
    expect(await one.admit(life.tenantId, 15)).toMatchObject({ tasks: 5 });
  });

  it('lets a batch in that is larger than what is taken at once', async () => {
    const one = gateway(100_000);
    expect(await admitted(Array.from({ length: 20 }, () => one.admit(life.tenantId, 1_000)))).toBe(20_000);
  });

  it('tells when the next day begins, and begins anew then', async () => {
    await gateway().admit(life.tenantId, usual);
    const { tasks, endsInS } = await gateway().admit(life.tenantId, 1);
    expect(tasks).toBe(0);
    expect(endsInS).toBeLessThanOrEqual(86_400);
    await life.server.query('update tenant_day set day = day - 1');
    expect(await gateway().admit(life.tenantId, 1)).toMatchObject({ tasks: 1 });
  });

  it('may be another one for a tenant', async () => {
    await life.tenants.set('acme', {
      weight: undefined,
      maxWaiting: undefined,
      retentionDays: undefined,
      maxContentBytes: undefined,
      maxDaily: 3,
    });
    expect(await gateway().admit(life.tenantId, 5)).toMatchObject({ tasks: 3 });
  });

  it('shows what was submitted, not what processes have taken for their next submissions', async () => {
    const [one, other] = [gateway(100_000), gateway(100_000)];
    await one.admit(life.tenantId, 1);
    await life.submit();
    expect(await one.use(life.tenantId)).toMatchObject({ quota: 100_000, used: 1, taken: 1 });
    // The other one cannot know what is left of what was taken: it may be submitted.
    expect(await other.use(life.tenantId)).toMatchObject({ used: 1, taken: 100 });
  });

  it('costs one statement for many submissions', async () => {
    const days = new TenantDays(life.database);
    let asked = 0;
    const take = days.take.bind(days);
    days.take = (...request) => {
      asked += 1;
      return take(...request);
    };
    const one = new DailyQuota(days, 1_000_000);
    for (let n = 0; n < 500; n += 1) await one.admit(life.tenantId, 1);
    expect(asked).toBe(1);
  });
});
