// `tenants`: the limits that an installation grants its tenants.
import { type TenantLimits, type TenantRow, Tenants } from '@pulser/context-bus';

import { addCommand, type AddCommands, UsageError, wholeUpTo, withDatabase } from '../command.js';

/** Largest int of PostgreSQL. */
const maxInt = 2_147_483_647;

type Limit = number | 'default';

const limitUpTo =
  (max: number) =>
  (text: string): Limit =>
    text === 'default' ? text : wholeUpTo(max)(text);

const limitOf = limitUpTo(maxInt);

const granted = (limit: Limit | undefined): number | null | undefined => (limit === 'default' ? null : limit);

interface Options {
  readonly tenant: string;
  readonly weight?: number;
  readonly maxWaiting?: Limit;
  readonly maxDaily?: Limit;
  readonly retentionDays?: Limit;
  readonly datasetQuota?: Limit;
}

const line = ({ name, weight, maxWaiting, maxDaily, retentionDays, maxContentBytes }: TenantRow): string =>
  `${name}  weight ${weight}  max waiting ${maxWaiting ?? 'default'}  max daily ${maxDaily ?? 'default'}  retention days ${retentionDays ?? 'default'}  dataset quota ${maxContentBytes ?? 'default'}`;

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
    .option('--max-waiting <n|default>', 'tasks that may wait at once; the default is QUEUE_QUOTA', limitOf)
    .option('--max-daily <n|default>', 'tasks per day (UTC); the default is DAILY_QUOTA', limitOf)
    .option('--retention-days <n|default>', 'days that ended tasks are kept; the default is RETENTION_DAYS', limitOf)
    .option(
      '--dataset-quota <bytes|default>',
      'bytes of datasets, uploads and large artifacts; the default is CONTENT_QUOTA_BYTES',
      limitUpTo(Number.MAX_SAFE_INTEGER),
    )
    .action(async ({ tenant, weight, maxWaiting, maxDaily, retentionDays, datasetQuota }: Options) => {
      const limits = {
        weight,
        maxWaiting: granted(maxWaiting),
        maxDaily: granted(maxDaily),
        retentionDays: granted(retentionDays),
        maxContentBytes: granted(datasetQuota),
      };
      print(await set(tenant, limits));
    });
};
