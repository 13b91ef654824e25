import { FairShares } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('the shares of tenants that wait for one agent', () => {
  let life: TaskLife;
  let small: string;
  let shares: FairShares;

  beforeEach(async () => {
    life = await TaskLife.start();
    small = await life.tenants.ensure('small');
    shares = new FairShares();
  });

  afterEach(() => life.stop());

  const submit = async (count: number, tenantId: string): Promise<void> => {
    for (let n = 0; n < count; n += 1) await life.submit({}, tenantId);
    await life.server.query('update task_queue set due_at = now()');
  };

  /** Tenants of the rows taken, in their order. */
  const take = async (limit: number): Promise<string[]> => {
    const lane = { agent: 'dash', priority: 'medium' } as const;
    const taken = await life.backlog.take(lane, { limit, shares: shares.snapshot });
    shares.charge(taken.shares);
    return taken.rows.map(({ tenant_id }) => (tenant_id === small ? 'small' : 'acme'));
  };

  it('are equal: nobody stands behind the thousands of another', async () => {
    await submit(50, life.tenantId);
    await submit(5, small);
    const taken = await take(10);
    expect(taken.filter((tenant) => tenant === 'small')).toHaveLength(5);
  });

  it('are equal though rows are taken one by one', async () => {
    await submit(20, life.tenantId);
    await submit(4, small);
    const taken = [];
    for (let n = 0; n < 8; n += 1) taken.push(...(await take(1)));
    expect(taken.filter((tenant) => tenant === 'small')).toHaveLength(4);
  });

  it('follow the weights of the tenants', async () => {
    await life.server.query('update tenant set weight = 3 where tenant_id = $1', [small]);
    await submit(40, life.tenantId);
    await submit(40, small);
    const taken = [...(await take(1)), ...(await take(7)), ...(await take(8)), ...(await take(4))];
    expect(taken.filter((tenant) => tenant === 'small')).toHaveLength(15);
  });

  it('are not saved up by a tenant that had nothing to do', async () => {
    await submit(30, life.tenantId);
    await take(20);
    await submit(30, small);
    const taken = await take(10);
    expect(taken.filter((tenant) => tenant === 'small').length).toBeLessThanOrEqual(6);
  });

  it('leave nothing behind: all rows come, whoever they belong to', async () => {
    await submit(60, life.tenantId);
    await submit(1, small);
    const taken = [];
    for (let more = true; more;) {
      const rows = await take(20);
      taken.push(...rows);
      more = rows.length > 0;
    }
    expect(taken).toHaveLength(61);
  });
});
