/** Tables without a tenant, and why. pulser_app may do no more than read them. */
export const tablesOfAll: Readonly<Record<string, string>> = {
  admitted_agent: 'agents belong to the installation',
  admitted_task_type: 'agents belong to the installation',
  agent: 'agents belong to the installation',
  agent_registration: 'agents belong to the installation',
  agent_status: 'agents belong to the installation',
  agent_status_change: 'agents belong to the installation',
  agent_health: 'agents belong to the installation; the gateway shows it to keys of the installation alone',
  health_leader: 'which health service leads; the pipeline alone reads it',
  incident: 'what is wrong with the installation; the gateway shows it to keys of the installation alone',
  incident_event: 'as incident',
  installation_audit: 'what no tenant owns; functions alone read it, for an administrator of the installation',
  installation_audit_head: 'as installation_audit',
  installation_bucket: 'requests of keys of the installation',
  installation_key: 'operators have no tenant; a function alone finds a key',
  installation_session: 'as installation_key, whose browsers they are',
  embedding_model: 'models belong to the installation; their fingerprints are vectors of fixed sentences',
  dead_letter_alert: 'counts task types of the installation; the pipeline alone reads it',
  'pulser.schema_floor': 'a number of the installation, which every service reads',
  'pulser.bound_transaction': 'the tenant that a transaction is bound to, which functions alone write and read',
  mcp_pin: 'definitions of tools belong to the installation; the pipeline alone reads them',
  pulser_migration: 'names of migrations',
};

/** Keys and indexes of tables with a tenant that do not lead with it, and why. */
export const keysOfAll: Readonly<Record<string, string>> = {
  tenant_name_key: 'the administrator names tenants',
  api_key_key_hash_tenant_id_key: 'a key is looked up before its tenant is known',
  session_secret_hash_tenant_id_key: 'a session is looked up before its tenant is known',
  session_end: 'the upkeep deletes sessions of all tenants, by time',
  login_code_code_hash_tenant_id_key: 'a code is looked up before its tenant is known',
  destination_code_hash_tenant_id_key: 'a code is looked up before its tenant is known',
  hook_address_tenant_id_key: 'a hook is looked up before its tenant is known',
  hook_event_due: 'the routers take from all tenants, by time',
  schedule_due: 'the routers take from all tenants, by time',
  schedule_paused: 'metrics count schedules of all tenants',
  fire_age: 'the upkeep deletes what is old of all tenants, by time',
  delivery_due: 'the sender takes from all tenants, by time',
  workflow_run_due: 'the sweep takes from all tenants, by time',
  workflow_run_ended: 'the upkeep deletes runs of all tenants, by time',
  workflow_inbox_age: 'the sweep takes from all tenants, by time',
  notification_age: 'the sender deletes what is old of all tenants, by time',
  spend_call_open: 'the sweep takes from all tenants, by time',
  spend_budget_age: 'the upkeep deletes what is old of all tenants, by time',
  approval_due: 'the router takes and counts those of all tenants, by time',
  tool_call_pending: 'the upkeep of the MCP coordinator takes from all tenants, by time',
  task_backlog: 'the dispatcher takes from all tenants, by agent and priority',
  task_due: 'the sweep takes from all tenants, by time',
  task_deadline: 'the sweep takes from all tenants, by time',
  idempotency_expiry: 'the upkeep deletes keys of all tenants, by time',
  content_age: 'the upkeep removes what was left unfinished by all tenants, by time',
  dead_letter_pkey: 'a dead letter may have no tenant; the database makes its id',
  dead_letter_burial_key_key: 'hash of a message that may have no tenant',
  dead_letter_of_message: 'hash of a message and its tenant',
  dead_letter_open_counts: 'metrics count dead letters of all tenants',
};

export interface ExtraPolicy {
  readonly table: string;
  readonly name: string;
  /** By default it adds to what the others show; a restrictive one takes away. */
  readonly kind?: 'restrictive';
  readonly command: 'select' | 'insert' | 'update' | 'delete' | 'all';
  readonly to: 'public' | 'pulser_owner' | 'pulser_mcp';
  readonly using?: string;
  readonly check?: string;
  readonly why: string;
}

const forOwner = { to: 'pulser_owner', using: 'true' } as const;
const forLookup = { ...forOwner, why: 'find_api_key runs as the owner' };
const forSessions = { ...forOwner, why: 'find_session and use_login_code run as the owner' };
const forCodes = { ...forOwner, why: 'confirm_destination runs as the owner' };
const forAudit = { to: 'pulser_owner', why: 'append_audit runs as the owner: no other role may write' } as const;
const forCounts = { to: 'pulser_owner', check: 'true', why: 'the triggers that count run as the owner' } as const;
const forLocks = {
  to: 'pulser_owner',
  using: 'true',
  check: 'false',
  why: 'the trigger that follows inserted tasks locks their tenants as the owner, and changes none',
} as const;
const forFacets = {
  to: 'pulser_owner',
  check: 'true',
  why: 'the triggers that note what tasks are found by run as the owner',
} as const;
const forHooks = { ...forOwner, why: 'find_hook runs as the owner' };
const forFires = { ...forOwner, why: 'the trigger that ends a fire with its task runs as the owner' };
const forEnds = { ...forOwner, why: 'the trigger that notes the end of a task runs as the owner' };
const forEndRows = { to: 'pulser_owner', check: 'true', why: forEnds.why } as const;
const forAll = { to: 'pulser_owner', why: 'pause_for_all and resume_for_all run as the owner' } as const;
const forRetention = { ...forOwner, why: 'drop_expired_partitions runs as the owner' };
const forTools = {
  kind: 'restrictive',
  command: 'all',
  to: 'pulser_mcp',
  using: '(tenant_id = ( SELECT pulser.bound_tenant() AS bound_tenant))',
  why: 'pulser_mcp runs SQL of others, who can name any tenant in a setting',
} as const;

/** Policies beside those that every table with a tenant has. */
export const extraPolicies: readonly ExtraPolicy[] = [
  { table: 'agent_memory', name: 'bound', ...forTools },
  { table: 'memory_chunk', name: 'bound', ...forTools },
  { table: 'api_key', name: 'key_lookup', command: 'select', ...forLookup },
  { table: 'session', name: 'session_lookup', command: 'select', ...forSessions },
  { table: 'login_code', name: 'code_lookup', command: 'select', ...forSessions },
  { table: 'login_code', name: 'code_use', command: 'update', ...forSessions },
  { table: 'destination', name: 'code_lookup', command: 'select', ...forCodes },
  { table: 'destination', name: 'code_use', command: 'update', ...forCodes },
  { table: 'hook', name: 'hook_lookup', command: 'select', ...forHooks },
  { table: 'schedule_fire', name: 'fire_end', command: 'update', ...forFires },
  { table: 'schedule_fire', name: 'fire_lookup', command: 'select', ...forFires },
  { table: 'notification', name: 'end_insert', command: 'insert', ...forEndRows },
  { table: 'notification', name: 'end_lookup', command: 'select', ...forEnds },
  { table: 'notification_delivery', name: 'end_insert', command: 'insert', ...forEndRows },
  { table: 'task_artifact', name: 'end_lookup', command: 'select', ...forEnds },
  { table: 'schedule', name: 'end_lookup', command: 'select', ...forEnds },
  { table: 'tenant', name: 'retention_check', command: 'select', ...forRetention },
  { table: 'tenant', name: 'task_lock', command: 'update', ...forLocks },
  { table: 'task_queue', name: 'retention_check', command: 'select', ...forRetention },
  { table: 'dead_letter', name: 'retention_check', command: 'select', ...forRetention },
  { table: 'dead_letter', name: 'retention', command: 'delete', ...forRetention },
  { table: 'task_delta', name: 'count_insert', command: 'insert', ...forCounts },
  { table: 'dead_letter_delta', name: 'count_insert', command: 'insert', ...forCounts },
  { table: 'task_facet', name: 'facet_insert', command: 'insert', ...forFacets },
  { table: 'task_facet', name: 'facet_check', command: 'select', ...forOwner, why: forFacets.why },
  { table: 'audit_entry', name: 'audit_select', command: 'select', using: 'true', ...forAudit },
  { table: 'audit_entry', name: 'audit_insert', command: 'insert', check: 'true', ...forAudit },
  { table: 'audit_head', name: 'audit_select', command: 'select', using: 'true', ...forAudit },
  { table: 'audit_head', name: 'audit_insert', command: 'insert', check: 'true', ...forAudit },
  { table: 'audit_head', name: 'audit_update', command: 'update', using: 'true', ...forAudit },
  { table: 'task_pause', name: 'pause_for_all', command: 'insert', check: '(tenant_id IS NULL)', ...forAll },
  { table: 'task_pause', name: 'resume_for_all', command: 'delete', using: '(tenant_id IS NULL)', ...forAll },
  { table: 'task_queue', name: 'resume_for_all', command: 'update', using: 'true', ...forAll },
  {
    table: 'task_pause',
    name: 'pause_of_all',
    command: 'select',
    to: 'public',
    using: '(tenant_id IS NULL)',
    why: 'every tenant may know why its tasks do not start',
  },
];
