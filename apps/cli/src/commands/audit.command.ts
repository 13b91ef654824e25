// `audit`: checks the audit trail of every tenant, or of one.
import { parseArgs } from 'node:util';

import { AuditTrail, Tenants } from '@pulser/context-bus';
import type { Database } from '@pulser/database';

import { type Command, UsageError, withDatabase } from '../command.js';

const usage = 'audit verify [--tenant <name>]   whether an entry of the audit trail was altered, removed or moved';

const tenantsOf = async (tenants: Tenants, name: string | undefined): Promise<string[]> => {
  if (name === undefined) return (await tenants.list()).map((tenant) => tenant.name);
  if ((await tenants.find(name)) === undefined) throw new UsageError(`There is no tenant "${name}"`);
  return [name];
};

const verify = async (database: Database, tenant: string | undefined): Promise<string> => {
  const [tenants, trail] = [new Tenants(database), new AuditTrail(database)];
  const intact: string[] = [];
  const broken: string[] = [];
  for (const name of await tenantsOf(tenants, tenant)) {
    const { entries, firstBroken } = await trail.verify((await tenants.find(name)) ?? '');
    if (firstBroken === null) intact.push(`${name}  ${entries} entries, intact`);
    else broken.push(`the trail of ${name} is broken at entry ${firstBroken}`);
  }
  if (broken.length > 0) throw new Error(broken.join('; '));
  return intact.join('\n') || 'There are no tenants';
};

export const audit: Command = {
  usage,
  run: async (args, env) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { tenant: { type: 'string' } },
    });
    if (positionals.join() !== 'verify') throw new UsageError(`Usage: ${usage}`);
    return withDatabase(env, (database) => verify(database, values.tenant));
  },
};
