export * from './connection/database.env.js';
export * from './connection/database.js';
export * from './connection/statement.js';
export { TenantTransaction } from './connection/tenant-transaction.js';
export * from './errors/database-unavailable.js';
export { isTransient } from './errors/transient.policy.js';
export * from './schema/migrate.js';
export * from './schema/role-guard.js';
export * from './schema/schema-version.js';
