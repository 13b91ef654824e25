// `audit`: checks the audit trail of the installation and of every tenant, or of one.
import { AuditTrail, InstallationAudit, Tenants } from '@pulser/context-bus';
import type { Database } from '@pulser/database';

import { addCommand, type AddCommands, UsageError, withDatabase } from '../command.js';

const tenantsOf = async (tenants: Tenants, name: string | undefined): Promise<string[]> => {
  if (name === undefined) return (await tenants.list()).map((tenant) => tenant.name);
  if ((await tenants.find(name)) === undefined) throw new UsageError(`There is no tenant "${name}"`);
  return [name];
};

/** Trails with the number of their entries, and a sentence for each that is broken. */
export interface Trails {
  readonly intact: readonly string[];
  readonly broken: readonly string[];
}

/** Recomputes the chain of one trail, or of all. @param tenant its name; all, and the installation's, without it */
export const verifyTrails = async (database: Database, tenant?: string): Promise<Trails> => {
  const [tenants, trail] = [new Tenants(database), new AuditTrail(database)];
  const intact: string[] = [];
  const broken: string[] = [];
  const note = (name: string, { entries, firstBroken }: Awaited<ReturnType<AuditTrail['verify']>>): void => {
    if (firstBroken === null) intact.push(`${name}  ${entries} entries, intact`);
    else broken.push(`the trail of ${name} is broken at entry ${firstBroken}`);
  };
  if (tenant === undefined) note('the installation', await new InstallationAudit(database).verify());
  for (const name of await tenantsOf(tenants, tenant)) note(name, await trail.verify((await tenants.find(name)) ?? ''));
  return { intact, broken };
};

const verify = async (database: Database, tenant: string | undefined): Promise<string> => {
  const { intact, broken } = await verifyTrails(database, tenant);
  if (broken.length > 0) throw new Error(broken.join('; '));
  return intact.join('\n');
};

export const addAudit: AddCommands = (parent, print) => {
  const audit = parent.command('audit').description('The audit trails of the installation and of each tenant.');
  addCommand(audit, 'verify', 'whether an entry was altered, removed or moved', 'audit verify --tenant acme')
    .option('--tenant <name>', 'only the trail of this tenant; all, and that of the installation, without it')
    .action(async ({ tenant }: { tenant?: string }) => {
      print(await withDatabase((database) => verify(database, tenant)));
    });
};
