/** How failed attempts of a task type are repeated: exponential back-off with full jitter. */
export interface RetryRow {
  readonly maxRetries: number;
  /** A delay is drawn from [0, min(capMs, baseMs * factor^(attempt - 1))]. */
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
}

export interface TaskTypeRow {
  readonly name: string;
  readonly retry: RetryRow;
  /** Milliseconds that one attempt may run. */
  readonly timeLimitMs: number;
}

/** A process that is started, scaled and deployed alone. */
export interface ServiceRow {
  /** As in logs, metrics, compose and on the broker; for an agent its name. */
  readonly name: string;
  /** Port when `PORT` is not set. */
  readonly port: number;
  /** Folder of its app, from the root of the repository; undefined: it has none yet. */
  readonly folder?: string;
  /** Limit of its container's memory in MB; undefined: none. */
  readonly memoryMb?: number;
}

export interface AgentRow extends ServiceRow {
  /** The task types that it owns. */
  readonly taskTypes: readonly TaskTypeRow[];
  /** Agents that take over its task types while it fails, the first healthy one first. */
  readonly backups: readonly string[];
}

export const usualRetry: RetryRow = { maxRetries: 3, baseMs: 1_000, factor: 2, capMs: 60_000 };
export const usualTimeLimitMs = 300_000;

const minutes = (count: number): number => count * 60_000;

const taskType = (name: string, timeLimitMs: number, retry: Partial<RetryRow> = {}): TaskTypeRow => ({
  name,
  timeLimitMs,
  retry: { ...usualRetry, ...retry },
});

/** The agents that come with Pulser. A new one is its folder and its row here; `npm run docs` writes what follows from it. */
export const agents = [
  {
    name: 'dash',
    port: 8_010,
    folder: 'apps/agents/dash',
    // Four queries of up to 512 MB each, the thread that draws, and the agent itself.
    memoryMb: 3_072,
    taskTypes: [taskType('analytics', minutes(10))],
    backups: ['data_fabcon'],
  },
  {
    name: 'maya',
    port: 8_011,
    folder: 'apps/agents/maya',
    // Four threads with descriptions of 13 MB (350 MB each), two sandboxes that read datasets, the model of summaries.
    memoryMb: 3_072,
    taskTypes: [taskType('documentation', minutes(5))],
    backups: ['learnbot'],
  },
  {
    name: 'echo',
    port: 8_012,
    folder: 'apps/agents/echo',
    // Four threads; a document of some megabytes takes 200 MB in one of them, files of deployments some 250 MB.
    memoryMb: 2_048,
    taskTypes: [taskType('testing', minutes(5))],
    backups: ['arkie'],
  },
  {
    name: 'data_fabcon',
    port: 8_013,
    folder: 'apps/agents/data_fabcon',
    // Four jobs of up to 570 MB each, the process that draws, and the agent itself.
    memoryMb: 3_072,
    taskTypes: [taskType('data_pipeline', minutes(5), { baseMs: 2_000, capMs: 300_000 })],
    backups: ['dash'],
  },
  {
    name: 'arkie',
    port: 8_014,
    folder: 'apps/agents/arkie',
    // Four threads of up to 512 MB each would be more; files of a megabyte take some 250 MB.
    memoryMb: 2_048,
    taskTypes: [taskType('infrastructure', minutes(30), { baseMs: 5_000, capMs: 300_000 })],
    backups: ['echo'],
  },
  {
    name: 'learnbot',
    port: 8_015,
    folder: 'apps/agents/learnbot',
    // As maya, for which it may do everything; of its own, the embedder takes 280 MB and a mining of 5,000 tasks 150 MB.
    memoryMb: 3_072,
    taskTypes: [taskType('skills_mining', minutes(5))],
    backups: ['maya'],
  },
  {
    name: 'pulser',
    port: 8_016,
    folder: 'apps/agents/pulser',
    // A thing of messages and statements, with one thread for expressions.
    memoryMb: 1_024,
    taskTypes: [taskType('orchestration', minutes(5))],
    backups: [],
  },
] as const satisfies readonly AgentRow[];

/** The other services, in the order in which they start: before the agents. */
export const services = [
  { name: 'gateway', port: 8_000, folder: 'apps/gateway' },
  { name: 'router', port: 8_001, folder: 'apps/router' },
  { name: 'health', port: 8_002, folder: 'apps/health' },
  // Itself 250 MB, the embedder of `find_tool` 280 MB, and up to 256 MB for each of the seven servers, usually 60 MB.
  { name: 'mcp-coordinator', port: 8_003, folder: 'apps/mcp-coordinator', memoryMb: 2_048 },
] as const satisfies readonly ServiceRow[];

/** Everything that can be started, in the order in which it starts. */
export const startable: readonly (ServiceRow & { readonly folder: string })[] = [...services, ...agents].filter(
  (row): row is typeof row & { readonly folder: string } => 'folder' in row,
);
