import type { Database } from '../connection/database.js';
import { statement } from '../connection/statement.js';

export class RoleTooPowerful extends Error {
  readonly startHint = 'Use the login pulser_app (gateway) or pulser_service (other services) in DATABASE_URL';

  constructor(role: string) {
    super(`The database login "${role}" bypasses row-level security, so tenants would not be isolated`);
    this.name = 'RoleTooPowerful';
  }
}

const session = statement(
  'role.session',
  `select rolname as role, rolsuper or rolbypassrls as powerful from pg_roles where rolname = session_user`,
);

/** @throws RoleTooPowerful for a superuser or a role with BYPASSRLS */
export const checkRole = async (database: Database): Promise<void> => {
  const [row] = await database.query<{ role: string; powerful: boolean }>(session);
  if (row === undefined || row.powerful) throw new RoleTooPowerful(row?.role ?? 'unknown');
};
