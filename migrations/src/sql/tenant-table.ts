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
 *
 * Who may do what, on purpose:
 * - pulser_app (gateway, and whatever `withTenant` runs): what it is granted, on rows of the transaction's tenant. Without
 *   a tenant it sees nothing but the pauses of all. It can become nobody else.
 * - pulser_service (pipeline): select, insert, update and delete on rows of every tenant, since a batch holds several. It
 *   becomes pulser_app to act for one tenant, and can become nobody else.
 * - pulser_owner (migrations; no login): nothing by itself, FORCE binds it too. Policies of its own, beside the functions
 *   that run in its name, show it what these need.
 * - Nobody is granted anything on a partition, and a partition has no policy: it is reached through its table only.
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
