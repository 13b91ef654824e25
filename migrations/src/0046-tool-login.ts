import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';

// Roles belong to the whole server: the migration of another database may have created it.
const role = `
  do $$ begin
    create role pulser_mcp login connection limit 10;
  exception when duplicate_object or unique_violation then null;
  end $$`;

// Rows are those of transactions that run: each is rolled back, or its row counts for nothing once it has ended. So they need
// no log, and nobody but the transaction sees them.
const boundTransaction = `
  create unlogged table pulser.bound_transaction (
    transaction_id xid8 primary key,
    bound_to uuid not null
  )`;

// The key lets a transaction be bound once. A setting would not do: whoever runs SQL can change it.
const bindTenant = `
  create function pulser.bind_tenant(tenant uuid) returns void language sql security definer ${ownersPath} as $$
    insert into pulser.bound_transaction (transaction_id, bound_to) values (pg_current_xact_id(), tenant)
  $$`;

const boundTenant = `
  create function pulser.bound_tenant() returns uuid language sql stable security definer ${ownersPath} as $$
    select bound_to from pulser.bound_transaction where transaction_id = pg_current_xact_id_if_assigned()
  $$`;

const readTables = ['agent_memory', 'memory_chunk'];

// Restrictive: the tenant that the transaction names counts as for every role, and it has to be the one it is bound to.
const policies = readTables.map(
  (table) =>
    `create policy bound on ${table} as restrictive for all to pulser_mcp using (tenant_id = (select pulser.bound_tenant()))`,
);

const functions = ['pulser.bind_tenant(uuid)', 'pulser.bound_tenant()'];

/** A login for tools that run SQL of their callers: it reads the memories of the one tenant that a transaction is bound to. */
export class ToolLogin1763840000046 implements MigrationInterface {
  readonly explained = { opaque: 'The role may be there, made by the migration of another database of the server' };

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(role);
    await runner.query('grant usage on schema public to pulser_mcp');
    await runAsOwner(runner, [
      boundTransaction,
      bindTenant,
      boundTenant,
      ...functions.map((name) => `revoke execute on function ${name} from public`),
      ...functions.map((name) => `grant execute on function ${name} to pulser_mcp`),
      ...policies,
      `grant select on ${readTables.join(', ')}, embedding_model to pulser_mcp`,
      `comment on table pulser.bound_transaction is 'the tenant that a transaction of a tool is bound to'`,
    ]);
  }

  // The role stays: other databases of the server may use it.
  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      `revoke select on ${readTables.join(', ')}, embedding_model from pulser_mcp`,
      ...readTables.map((table) => `drop policy bound on ${table}`),
      ...functions.map((name) => `drop function ${name}`),
      'drop table pulser.bound_transaction',
    ]);
    await runner.query('revoke usage on schema public from pulser_mcp');
  }
}
