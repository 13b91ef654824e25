export * from './connection/database.env.js';
export * from './connection/database.js';
export { statement, type Statement, TenantTransaction } from './connection/transactions.js';
export { DatabaseUnavailable } from './connection/database-unavailable.js';
export * from './schema/migrate.js';
export * from './schema/logins.js';
