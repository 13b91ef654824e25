// Which logins are used: never a superuser or one of Pulser's services, and in Pulser's own database only one of the role
// that is made for these tools.
import { ToolError } from '@pulser/mcp-server-kit';
import type { Client } from 'pg';

interface LoginRow {
  readonly login: string;
  readonly superuser: boolean;
  readonly bypasses: boolean;
  /** One of Pulser's roles that it is or may become. */
  readonly pulsers: string | null;
  /** A table with a tenant. */
  readonly owns: string | null;
  /** A table with a tenant that it reads or writes, and that no restrictive policy of its own binds. */
  readonly unbound: string | null;
  readonly isOfTools: boolean;
  /** Whether it is Pulser's database. */
  readonly isPulsers: boolean;
}

// Every role that the login may become counts as the login itself: `set role` takes one statement. A policy that reads a setting
// does not bind SQL of a caller, which can change the setting. A restrictive one of the role pulser_mcp reads the tenant that the
// transaction is bound to.
const facts = `
  with reached as (select oid, rolname, rolsuper, rolbypassrls from pg_roles where pg_has_role(session_user, oid, 'member')),
  tenants_table as (
    select c.oid, c.relowner from pg_class c
    where c.relkind in ('r', 'p') and to_regprocedure('pulser.tenant_id()') is not null
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
  select session_user as login,
    (select bool_or(rolsuper) from reached) as superuser,
    (select bool_or(rolbypassrls) from reached) as bypasses,
    (select max(rolname) from reached where rolname in ('pulser_app', 'pulser_service', 'pulser_owner')) as pulsers,
    (select min(t.oid::regclass::text) from tenants_table t join reached r on r.oid = t.relowner) as owns,
    (select min(t.oid::regclass::text) from tenants_table t
     where has_any_column_privilege(t.oid, 'select, insert, update')
       and not exists (select from pg_policy p join pg_roles r on r.rolname = 'pulser_mcp'
         where p.polrelid = t.oid and not p.polpermissive and p.polcmd = '*' and p.polroles = array[r.oid])) as unbound,
    exists (select from pg_roles where rolname = 'pulser_mcp' and pg_has_role(session_user, oid, 'usage')) as "isOfTools",
    to_regprocedure('pulser.tenant_id()') is not null as "isPulsers"`;

const own = 'make one with the rights that the tools shall have, and no more';
const pulsers =
  'use pulser_mcp or a member of it (its password is PULSER_MCP_PASSWORD of `npm run migrate`), see the README of the server';

/** What is wrong with a login, and what to do. */
const problemOf = (row: LoginRow): string | undefined => {
  const remedy = row.isPulsers ? pulsers : own;
  if (row.superuser) return `is a superuser or may become one: ${remedy}`;
  if (row.pulsers !== null) return `is or may become ${row.pulsers}, with which Pulser's services work: ${remedy}`;
  if (!row.isPulsers) return undefined;
  if (row.bypasses) return `has BYPASSRLS, so no policy binds it: ${remedy}`;
  if (row.owns !== null) return `owns the table ${row.owns}, so no policy binds it: ${remedy}`;
  if (!row.isOfTools) return `is not made for Pulser's own database: ${remedy}`;
  return row.unbound === null ? undefined : `has rights on ${row.unbound}, which no policy binds: ${remedy}`;
};

/** @returns whether it is Pulser's own database @throws ToolError refused, saying what to do */
export const checkLogin = async (client: Client): Promise<{ readonly isPulsers: boolean }> => {
  const [row] = (await client.query<LoginRow>(facts)).rows;
  if (row === undefined) throw new ToolError('upstream_error', 'PostgreSQL did not say who is logged in');
  const problem = problemOf(row);
  if (problem === undefined) return row;
  throw new ToolError('refused', `The login "${row.login}" of SUPABASE_DB_URL ${problem}`);
};

/**
 * Binds the transaction to the tenant of the call: once, so that no SQL in it can bind it to another.
 * @throws ToolError refused without a tenant
 */
export const bindToTenant = async (client: Client, tenant: string | undefined): Promise<void> => {
  if (tenant === undefined)
    throw new ToolError('refused', "Everything in Pulser's own database belongs to tenants, and the call names none");
  await client.query('select pulser.bind_tenant($1)', [tenant]);
};
