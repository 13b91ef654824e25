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
 * Row-level security for a table with a `tenant_id`: forced for the owner too, with one policy per command for a
 * transaction bound to a tenant, and one that lets the pipeline work on batches of several tenants.
 *
 * What each role may do:
 * - pulser_app (the gateway, and all that `withTenant` runs): what it is granted, on rows of the transaction's tenant.
 *   Without a tenant it sees only the pauses of all tenants. It can become no other role.
 * - pulser_service (the pipeline): select, insert, update and delete on rows of every tenant, since a batch holds several.
 *   It becomes pulser_app to act for one tenant, and can become no other role.
 * - pulser_owner (migrations; no login): nothing by itself, since FORCE binds it too. Policies beside the functions that
 *   run as it show it the rows that these need.
 * - No role is granted anything on a partition, and a partition has no policy: it is reached through its table only.
 * @param appMay commands that pulser_app is granted
 */
export const tenantTable = (table: string, appMay: readonly Command[]): string[] => [
  `alter table ${table} enable row level security`,
  `alter table ${table} force row level security`,
  ...(['select', 'insert', 'update', 'delete'] as const).map((command) => tenantPolicy(table, command)),
  servicePolicy(table),
  `grant select, insert, update, delete on ${table} to pulser_service`,
  `grant ${appMay.join(', ')} on ${table} to pulser_app`,
];
