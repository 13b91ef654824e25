/** When a breaker opens, and for how long. */
export interface BreakerSettings {
  /** Failures one after the other after which nothing is asked any more. */
  readonly failures: number;
  /** Milliseconds until one call is let through to see whether it works again. Doubles with each such call that fails ... */
  readonly openMs: number;
  /** ... up to this. */
  readonly maxOpenMs: number;
}

/**
 * What is asked from outside, by kind: each may have many members (hosts, addresses), which are no labels of metrics.
 * PostgreSQL and the broker are not among them: Pulser cannot go on without them, and its clients of both have rules of
 * their own. Agents have none here either: their breaker is their status, which the router keeps to.
 */
export const breakerSettings = {
  /** The S3 store of large files. Its client tries each request again itself. */
  content_store: { failures: 5, openMs: 2_000, maxOpenMs: 30_000 },
  /** The endpoint of embeddings. */
  embedder: { failures: 5, openMs: 2_000, maxOpenMs: 30_000 },
  /** Hosts that tasks read from. */
  http: { failures: 5, openMs: 5_000, maxOpenMs: 60_000 },
  /** Its keys and its description: each request that needs them would wait. */
  identity_provider: { failures: 1, openMs: 1_000, maxOpenMs: 8_000 },
  /** Tools of MCP servers, each for each tenant. */
  mcp_tool: { failures: 5, openMs: 2_000, maxOpenMs: 30_000 },
  /** Servers of language models. */
  model: { failures: 5, openMs: 2_000, maxOpenMs: 30_000 },
  /** Receivers of notifications: these are repeated over hours anyhow. */
  sink: { failures: 3, openMs: 10_000, maxOpenMs: 300_000 },
} as const satisfies Record<string, BreakerSettings>;

export type BreakerTarget = keyof typeof breakerSettings;
