// The logins of the services: their passwords, and the check that row-level security binds the one a service uses.
import pg from 'pg';

import { type Database, translateError } from '../connection/database.js';
import { statement } from '../connection/transactions.js';

/** Gives one of Pulser's logins a password. @param url the administrator's @throws DatabaseUnavailable */
export const setLoginPassword = (
  url: string,
  login: 'pulser_app' | 'pulser_service' | 'pulser_mcp',
  password: string,
): Promise<void> =>
  translateError(async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // A role's password cannot be a parameter.
    await client.query(`alter role ${login} password ${client.escapeLiteral(password)}`).finally(() => client.end());
  });

export class RoleTooPowerful extends Error {
  readonly startHint = 'Use the login pulser_app (gateway) or pulser_service (other services) in DATABASE_URL';

  constructor(role: string, reason: string) {
    super(`The database login "${role}" ${reason} and so bypasses row-level security: tenants would not be isolated`);
    this.name = 'RoleTooPowerful';
  }
}

// Every role that the login may become counts as the login itself: `set role` takes one statement.
const reachedRoles = statement(
  'role.session',
  `select session_user as role, o.rolname as through, o.rolsuper as superuser, o.rolbypassrls as bypasses,
     (select min(c.oid::regclass::text) from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relowner = o.oid and c.relkind in ('r', 'p') and a.attname = 'tenant_id') as owns
   from pg_roles o
   where pg_has_role(session_user, o.oid, 'member') order by o.rolname <> session_user, o.rolname`,
);

interface ReachedRole {
  readonly role: string;
  readonly through: string;
  readonly superuser: boolean;
  readonly bypasses: boolean;
  /** A table with a tenant_id. */
  readonly owns: string | null;
}

const powerOf = ({ through, superuser, bypasses, owns }: ReachedRole): string | undefined => {
  if (superuser) return 'is a superuser';
  if (bypasses) return 'has BYPASSRLS';
  // Before the first migration it owns nothing yet.
  if (through === 'pulser_owner') return 'is the owner of the schema';
  return owns === null ? undefined : `owns the table ${owns}`;
};

/**
 * Refuses a login whose rights go past row-level security.
 * @throws RoleTooPowerful when the login, or a role that it may become, is a superuser, has BYPASSRLS or owns tables with
 *   a tenant
 */
export const checkRole = async (database: Database): Promise<void> => {
  for (const reached of await database.query<ReachedRole>(reachedRoles)) {
    const power = powerOf(reached);
    if (power === undefined) continue;
    const itself = reached.through === reached.role;
    throw new RoleTooPowerful(reached.role, itself ? power : `can become "${reached.through}", which ${power},`);
  }
};
