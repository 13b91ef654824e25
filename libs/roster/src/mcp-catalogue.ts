// The tools of the seven MCP servers that come with Pulser, what each may do, and which agents see it. The coordinator
// trusts these flags, never what a server says of itself.
import type { agents } from './roster.js';

/** `read` changes nothing; `write` adds or can be taken back; `destructive` overwrites, removes, or runs code that it is given. */
export type McpFlag = 'read' | 'write' | 'destructive';

/** `pulser` sees every tool and is named nowhere. */
type McpAgent = Exclude<(typeof agents)[number]['name'], 'pulser'>;

interface McpRights {
  readonly flag: McpFlag;
  /** Whether a person has to approve a call, unless a tenant's policy says otherwise. */
  readonly approval: boolean;
  /** An argument that, when it is true, makes a call change nothing: such a call needs no approval. */
  readonly trialArgument?: string;
  readonly agents: readonly McpAgent[];
}

export interface McpToolRow extends McpRights {
  readonly server: McpServerName;
  readonly tool: string;
  /** As agents and clients name it: `<server>__<tool>`. */
  readonly exposedName: string;
}

const rights =
  (flag: McpFlag, approval: boolean) =>
  (...agents: readonly McpAgent[]): McpRights => ({ flag, approval, agents });

const read = rights('read', false);
const write = rights('write', false);
/** Adds something, which costs money or runs code. */
const costly = rights('write', true);
const destructive = rights('destructive', true);
/** Overwrites something, unless it is a dry run. */
const triable = (...agents: readonly McpAgent[]): McpRights => ({
  ...destructive(...agents),
  trialArgument: 'dry_run',
});

const everyone = ['dash', 'maya', 'echo', 'data_fabcon', 'arkie', 'learnbot'] as const;

const servers = {
  'pulser-hub': {
    get_odoo_status: read('dash', 'data_fabcon', 'arkie'),
    odoo_search_read: read('dash', 'data_fabcon'),
    odoo_record_read: read('dash', 'data_fabcon'),
    odoo_record_count: read('dash', 'data_fabcon'),
    odoo_model_describe: read('dash', 'maya', 'data_fabcon'),
    odoo_record_aggregate: read('dash', 'data_fabcon'),
    odoo_record_create: write('data_fabcon'),
    odoo_record_update: destructive('data_fabcon'),
    odoo_method_call: destructive('data_fabcon'),
    deploy_addon: destructive('arkie'),
    get_mcp_ecosystem_status: read(...everyone),
    orchestrate_deployment: destructive('arkie'),
  },
  digitalocean: {
    do_inventory_list: read('arkie'),
    do_app_list: read('arkie'),
    do_app_get: read('arkie'),
    do_app_spec_validate: read('arkie'),
    do_app_create: costly('arkie'),
    do_app_update: destructive('arkie'),
    do_app_delete: destructive('arkie'),
    do_app_deployment_create: costly('arkie'),
    do_app_deployment_get: read('arkie'),
    do_app_logs_get: read('arkie'),
    do_app_rollback: destructive('arkie'),
    do_kubernetes_create: costly('arkie'),
    do_database_create: costly('arkie'),
    do_droplet_create: costly('arkie'),
  },
  kubernetes: {
    k8s_namespace_list: read('echo', 'arkie'),
    k8s_namespace_create: write('arkie'),
    k8s_pod_list: read('echo', 'arkie'),
    k8s_pod_get: read('echo', 'arkie'),
    k8s_pod_logs: read('echo', 'arkie'),
    k8s_pod_delete: destructive('arkie'),
    k8s_deployment_list: read('echo', 'arkie'),
    k8s_deployment_get: read('echo', 'arkie'),
    k8s_deployment_create: costly('arkie'),
    k8s_deployment_scale: destructive('arkie'),
    k8s_deployment_restart: write('arkie'),
    k8s_rollout_status: read('echo', 'arkie'),
    k8s_rollout_undo: triable('arkie'),
    k8s_service_list: read('echo', 'arkie'),
    k8s_service_create: write('arkie'),
    k8s_manifest_apply: triable('arkie'),
    k8s_event_list: read('echo', 'arkie'),
    k8s_resource_usage: read('echo', 'arkie'),
  },
  docker: {
    container_list: read('echo', 'arkie'),
    container_inspect: read('echo', 'arkie'),
    container_logs: read('echo', 'arkie'),
    container_stats: read('echo', 'arkie'),
    container_run: costly('echo', 'arkie'),
    container_start: write('echo', 'arkie'),
    container_stop: write('echo', 'arkie'),
    container_restart: write('echo', 'arkie'),
    container_remove: destructive('echo', 'arkie'),
    container_exec: destructive('echo'),
    image_list: read('echo', 'arkie'),
    image_pull: write('echo', 'arkie'),
    image_build: costly('echo', 'arkie'),
    image_remove: destructive('arkie'),
  },
  github: {
    repo_get: read(...everyone),
    repo_tree_list: read(...everyone),
    repo_file_get: read(...everyone),
    code_search: read(...everyone),
    commit_list: read(...everyone),
    branch_create: write(...everyone),
    file_commit: write(...everyone),
    pr_list: read(...everyone),
    pr_get: read(...everyone),
    pr_create: write(...everyone),
    pr_review_create: write('maya', 'echo'),
    pr_merge: destructive('arkie'),
    issue_list: read(...everyone),
    issue_create: write(...everyone),
    issue_comment_create: write(...everyone),
    workflow_run_list: read('echo', 'arkie', 'learnbot'),
    workflow_run_logs: read('echo', 'arkie', 'learnbot'),
    workflow_dispatch: costly('echo', 'arkie'),
  },
  superset: {
    superset_dashboard_list: read('dash', 'maya', 'data_fabcon', 'learnbot'),
    superset_dashboard_get: read('dash', 'maya', 'data_fabcon', 'learnbot'),
    superset_dashboard_create: write('dash'),
    superset_dashboard_export: read('dash', 'maya'),
    superset_chart_list: read('dash', 'maya', 'learnbot'),
    superset_chart_create: write('dash'),
    superset_chart_data_get: read('dash', 'data_fabcon', 'learnbot'),
    superset_dataset_list: read('dash', 'maya', 'data_fabcon'),
    superset_dataset_query: read('dash', 'data_fabcon'),
    superset_report_schedule_create: write('dash'),
  },
  supabase: {
    supabase_table_list: read('dash', 'maya', 'data_fabcon', 'learnbot'),
    supabase_table_describe: read('dash', 'maya', 'data_fabcon', 'learnbot'),
    supabase_query_run: read('dash', 'data_fabcon', 'learnbot'),
    supabase_row_insert: write('data_fabcon'),
    supabase_row_update: destructive('data_fabcon'),
    supabase_row_delete: destructive('data_fabcon'),
    supabase_rpc_call: destructive('data_fabcon'),
    supabase_migration_list: read('maya', 'data_fabcon'),
    supabase_migration_apply: destructive('data_fabcon'),
    supabase_policy_list: read('dash', 'maya', 'data_fabcon'),
    supabase_log_query: read('data_fabcon', 'learnbot'),
    supabase_memory_search: read('dash', 'maya', 'data_fabcon', 'learnbot'),
  },
} as const satisfies Record<string, Record<string, McpRights>>;

export type McpServerName = keyof typeof servers;
/** Names of the tools of a server. */
export type McpToolName<Server extends McpServerName> = keyof (typeof servers)[Server] & string;

export const mcpServerNames = Object.keys(servers) as readonly McpServerName[];

/** The name by which agents and clients call a tool of a server; at most 64 characters of `[A-Za-z0-9_-]`. */
export const exposedToolName = (server: string, tool: string): string => `${server}__${tool}`;

/** Every tool, in the order of the servers. */
export const mcpCatalogue: readonly McpToolRow[] = mcpServerNames.flatMap((server) =>
  Object.entries<McpRights>(servers[server]).map(([tool, row]) => ({
    server,
    tool,
    exposedName: exposedToolName(server, tool),
    ...row,
  })),
);

/** Whether an agent that comes with Pulser sees a tool of the catalogue. */
export const sees = (agent: string, { agents }: Pick<McpToolRow, 'agents'>): boolean =>
  agent === 'pulser' || agents.some((name) => name === agent);
