// Which logins are used: never one of Pulser's own, and in Pulser's database only one that is bound to a tenant.
import { ToolError } from '@pulser/mcp-server-kit';
import type { Client } from 'pg';

interface LoginRow {
  readonly pulsers: string | null;
  readonly powerful: boolean;
  /** A table with tenants that the login reads without a policy that binds it. */
  readonly unbound: string | null;
  /** Whether it is Pulser's database. */
  readonly isPulsers: boolean;
}

// Row-level security by a setting binds nobody who writes SQL of his own: he can set it. A restrictive policy does that
// names the login and the tenant. A database without Pulser's schema has none of these tables.
const facts = `
  select
    (select min(rolname) from pg_roles where rolname in ('pulser_app', 'pulser_service', 'pulser_owner')
       and pg_has_role(session_user, oid, 'member')) as pulsers,
    (select rolsuper or rolbypassrls from pg_roles where rolname = session_user) as powerful,
    (select min(c.oid::regclass::text) from pg_class c
     where c.relkind in ('r', 'p') and c.relforcerowsecurity
       and to_regprocedure('pulser.tenant_id()') is not null
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
       and has_any_column_privilege(c.oid, 'select, insert, update')
       and not exists (select from pg_policy p join pg_roles r on r.rolname = session_user
         where p.polrelid = c.oid and not p.polpermissive and p.polcmd = '*' and r.oid = any (p.polroles))) as unbound,
    to_regprocedure('pulser.tenant_id()') is not null as "isPulsers"`;

const problemOf = ({ pulsers, powerful, unbound, isPulsers }: LoginRow): string | undefined => {
  if (!isPulsers) return undefined;
  if (pulsers !== null) return `the login may act as ${pulsers}`;
  if (powerful) return 'the login goes past row-level security';
  return unbound === null ? undefined : `no policy binds the login to a tenant in ${unbound}`;
};

/** @throws ToolError refused */
export const checkLogin = async (client: Client): Promise<void> => {
  const [row] = (await client.query<LoginRow>(facts)).rows;
  const problem = row && problemOf(row);
  if (problem === undefined) return;
  const where = "SUPABASE_DB_URL leads into Pulser's own database";
  throw new ToolError('refused', `${where}, and ${problem}: make a login by sql/login.sql`);
};
