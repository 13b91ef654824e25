type Command = 'select' | 'insert' | 'update' | 'delete';

const check = 'tenant_id = (select pulser.tenant_id())';

const conditions = {
  select: `using (${check})`,
  insert: `with check (${check})`,
  update: `using (${check}) with check (${check})`,
  delete: `using (${check})`,
} as const satisfies Record<Command, string>;

const tenantPolicy = (table: string, command: Command): string =>
  `create policy tenant_${command} on ${table} for ${command} ${conditions[command]}`;

const servicePolicy = (table: string): string =>
  `create policy service on ${table} for all to pulser_service using (true) with check (true)`;

/**
 * Row-level security for a table with a `tenant_id`: forced for the owner too, one policy a command for whoever is bound
 * to a tenant, and one that lets the pipeline work on batches of several tenants.
 * @param appMay what the gateway's role is granted
 */
export const tenantTable = (table: string, appMay: readonly Command[]): string[] => [
  `alter table ${table} enable row level security`,
  `alter table ${table} force row level security`,
  ...(['select', 'insert', 'update', 'delete'] as const).map((command) => tenantPolicy(table, command)),
  servicePolicy(table),
  `grant select, insert, update, delete on ${table} to pulser_service`,
  `grant ${appMay.join(', ')} on ${table} to pulser_app`,
];
