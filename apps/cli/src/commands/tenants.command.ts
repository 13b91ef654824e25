// `tenants`: the limits that an installation grants its tenants.
import { parseArgs } from 'node:util';

import { type TenantLimits, type TenantRow, Tenants } from '@pulser/context-bus';

import { type CliEnv, type Command, UsageError, withDatabase } from '../command.js';

const usage =
  'tenants list | set --tenant <name> [--weight <n>] [--max-waiting <n|default>] [--max-daily <n|default>] [--retention-days <n|default>]   ' +
  'share of an agent, quotas of waiting tasks and of tasks per day, and days that ended tasks are kept';

/** Largest int of PostgreSQL. */
const maxInt = 2_147_483_647;

const whole = (option: string, text: string): number => {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number >= 1 && number <= maxInt) return number;
  throw new UsageError(`--${option} is a whole number from 1 on, not "${text}"`);
};

const limit = (option: string, text: string | undefined): number | null | undefined => {
  if (text === undefined) return undefined;
  return text === 'default' ? null : whole(option, text);
};

const weightOf = (text: string | undefined): number | undefined => {
  const weight = text === undefined ? undefined : whole('weight', text);
  if (weight !== undefined && weight > 1_000) throw new UsageError('--weight is 1,000 at most');
  return weight;
};

const line = ({ name, weight, maxWaiting, maxDaily, retentionDays }: TenantRow): string =>
  `${name}  weight ${weight}  max waiting ${maxWaiting ?? 'default'}  max daily ${maxDaily ?? 'default'}  retention days ${retentionDays ?? 'default'}`;

const withTenants = <T>(env: CliEnv, work: (tenants: Tenants) => Promise<T>): Promise<T> =>
  withDatabase(env, (database) => work(new Tenants(database)));

const set = (name: string, limits: TenantLimits, env: CliEnv): Promise<string> =>
  withTenants(env, async (tenants) => {
    const tenant = await tenants.set(name, limits);
    if (tenant === undefined) throw new UsageError(`There is no tenant "${name}"`);
    return line(tenant);
  });

const list = (env: CliEnv): Promise<string> =>
  withTenants(env, async (all) => (await all.list()).map(line).join('\n') || 'There are none');

const text = { type: 'string' } as const;
const options = { tenant: text, weight: text, 'max-waiting': text, 'max-daily': text, 'retention-days': text };

export const tenants: Command = {
  usage,
  run: async (args, env) => {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    if (positionals.join() === 'list') return list(env);
    if (positionals.join() !== 'set' || values.tenant === undefined) throw new UsageError(`Usage: ${usage}`);
    const limits = {
      weight: weightOf(values.weight),
      maxWaiting: limit('max-waiting', values['max-waiting']),
      maxDaily: limit('max-daily', values['max-daily']),
      retentionDays: limit('retention-days', values['retention-days']),
    };
    return set(values.tenant, limits, env);
  },
};
