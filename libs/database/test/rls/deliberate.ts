/** Tables without a tenant, and why. pulser_app may do no more than read them. */
export const tablesOfAll: Readonly<Record<string, string>> = {
  admitted_agent: 'agents belong to the installation',
  admitted_task_type: 'agents belong to the installation',
  agent: 'agents belong to the installation',
  agent_registration: 'agents belong to the installation',
  dead_letter_alert: 'counts task types of the installation; the pipeline alone reads it',
  pulser_migration: 'names of migrations',
};

/** Keys and indexes of tables with a tenant that do not lead with it, and why. */
export const keysOfAll: Readonly<Record<string, string>> = {
  tenant_name_key: 'the administrator names tenants',
  api_key_key_hash_tenant_id_key: 'a key is looked up before its tenant is known',
  task_backlog: 'the dispatcher takes from all tenants, by agent and priority',
  task_due: 'the sweep takes from all tenants, by time',
  task_deadline: 'the sweep takes from all tenants, by time',
  idempotency_expiry: 'the upkeep deletes keys of all tenants, by time',
  dead_letter_pkey: 'a dead letter may have no tenant; the database makes its id',
  dead_letter_burial_key_key: 'hash of a message that may have no tenant',
  dead_letter_of_message: 'hash of a message and its tenant',
  dead_letter_open_counts: 'metrics count dead letters of all tenants',
};

export interface ExtraPolicy {
  readonly table: string;
  readonly name: string;
  readonly command: 'select' | 'insert' | 'update' | 'delete';
  readonly to: 'public' | 'pulser_owner';
  readonly using?: string;
  readonly check?: string;
  readonly why: string;
}

const forOwner = { to: 'pulser_owner', using: 'true' } as const;
const forLookup = { ...forOwner, why: 'find_api_key runs as the owner' };
const forAudit = { to: 'pulser_owner', why: 'append_audit runs as the owner: no other role may write' } as const;
const forRetention = { ...forOwner, why: 'drop_expired_partitions runs as the owner' };

/** Policies beside those that every table with a tenant has. */
export const extraPolicies: readonly ExtraPolicy[] = [
  { table: 'api_key', name: 'key_lookup', command: 'select', ...forLookup },
  { table: 'tenant', name: 'retention_check', command: 'select', ...forRetention },
  { table: 'task_queue', name: 'retention_check', command: 'select', ...forRetention },
  { table: 'dead_letter', name: 'retention_check', command: 'select', ...forRetention },
  { table: 'dead_letter', name: 'retention', command: 'delete', ...forRetention },
  { table: 'audit_entry', name: 'audit_select', command: 'select', using: 'true', ...forAudit },
  { table: 'audit_entry', name: 'audit_insert', command: 'insert', check: 'true', ...forAudit },
  { table: 'audit_head', name: 'audit_select', command: 'select', using: 'true', ...forAudit },
  { table: 'audit_head', name: 'audit_insert', command: 'insert', check: 'true', ...forAudit },
  { table: 'audit_head', name: 'audit_update', command: 'update', using: 'true', ...forAudit },
  {
    table: 'task_pause',
    name: 'pause_of_all',
    command: 'select',
    to: 'public',
    using: '(tenant_id IS NULL)',
    why: 'every tenant may know why its tasks do not start',
  },
];
