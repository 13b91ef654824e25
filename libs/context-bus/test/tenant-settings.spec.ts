import { TenantSettings } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

describe('a setting', () => {
  let life: TaskLife;
  let settings: TenantSettings;
  let other: string;

  beforeAll(async () => {
    life = await TaskLife.start();
    settings = new TenantSettings(life.database);
    other = await life.tenants.ensure('other');
  });

  afterAll(() => life.stop());

  const put = (tenantId: string, value: unknown) =>
    settings.put(tenantId, tester, { name: 'allowed-hosts', value, expected: 'whatever' });

  it('of one tenant is neither read, changed nor removed by another', async () => {
    await put(life.tenantId, [1]);
    expect(await settings.find(other, 'allowed-hosts')).toBeUndefined();
    expect(await settings.list(other)).toEqual([]);
    expect(await settings.remove(other, tester, 'allowed-hosts', 'whatever')).toBe(false);
    const change = { name: 'allowed-hosts', value: [2], expected: 'any' } as const;
    expect(await settings.put(other, tester, change)).toEqual({ kind: 'unexpected' });
    expect(await put(other, [3])).toMatchObject({ kind: 'written', row: { version: 1 } });
    expect(await settings.find(life.tenantId, 'allowed-hosts')).toMatchObject({ value: [1], version: 1 });
  });

  it.each([[null], [false], ['text'], [{ a: [] }], [0.1]])('keeps %j as it is', async (value) => {
    await put(life.tenantId, value);
    expect((await settings.find(life.tenantId, 'allowed-hosts'))?.value).toEqual(value);
  });
});
