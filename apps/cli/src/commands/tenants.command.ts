// `tenants`: the limits that an installation grants its tenants.
import { type TenantLimits, type TenantRow, Tenants } from '@pulser/context-bus';

import { addCommand, type AddCommands, UsageError, wholeUpTo, withDatabase } from '../command.js';

/** Largest int of PostgreSQL. */
const maxInt = 2_147_483_647;

const limit = (text: string): number | null => (text === 'default' ? null : wholeUpTo(maxInt)(text));

const unchanged: TenantLimits = {
  weight: undefined,
  maxWaiting: undefined,
  maxDaily: undefined,
  retentionDays: undefined,
};

const line = ({ name, weight, maxWaiting, maxDaily, retentionDays }: TenantRow): string =>
  `${name}  weight ${weight}  max waiting ${maxWaiting ?? 'default'}  max daily ${maxDaily ?? 'default'}  retention days ${retentionDays ?? 'default'}`;

const withTenants = (work: (tenants: Tenants) => Promise<string>): Promise<string> =>
  withDatabase((database) => work(new Tenants(database)));

const set = (name: string, limits: TenantLimits): Promise<string> =>
  withTenants(async (tenants) => {
    const tenant = await tenants.set(name, limits);
    if (tenant === undefined) throw new UsageError(`There is no tenant "${name}"`);
    return line(tenant);
  });

const list = (): Promise<string> =>
  withTenants(async (all) => (await all.list()).map(line).join('\n') || 'There are none');

export const addTenants: AddCommands = (parent, print) => {
  const tenants = parent.command('tenants').description('Tenants and their limits; `keys create` makes a tenant.');
  addCommand(tenants, 'list', 'each tenant with its limits', 'tenants list').action(async () => {
    print(await list());
  });
  addCommand(
    tenants,
    'set',
    'change the limits of a tenant',
    'tenants set --tenant acme --weight 3 --max-daily default',
  )
    .requiredOption('--tenant <name>', 'which tenant')
    .option('--weight <n>', 'share of an agent beside other tenants, from 1 to 1000; 1 at first', wholeUpTo(1_000))
    .option('--max-waiting <n|default>', 'tasks that may wait at once; the default is QUEUE_QUOTA', limit)
    .option('--max-daily <n|default>', 'tasks per day (UTC); the default is DAILY_QUOTA', limit)
    .option('--retention-days <n|default>', 'days that ended tasks are kept; the default is RETENTION_DAYS', limit)
    .action(async ({ tenant, ...limits }: { tenant: string } & Partial<TenantLimits>) => {
      print(await set(tenant, { ...unchanged, ...limits }));
    });
};
