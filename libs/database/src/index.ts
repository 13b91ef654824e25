export * from './connection/announced-database.js';
export * from './connection/database.env.js';
export {
  Database,
  type DatabaseOptions,
  DatabaseUnavailable,
  type EntityClass,
  isRefusal,
} from './connection/database.js';
export { statement, type Statement, TenantTransaction } from './connection/transactions.js';
export * from './schema/migrate.js';
export * from './schema/logins.js';
