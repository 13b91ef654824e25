import type { AgentName, Priority, TaskType } from '@pulser/contracts';

/** A queued row as the dispatcher sends it on. */
export interface Dispatchable {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly priority: Priority;
  /** It has waited so long that it travels with the highest priority. */
  readonly boosted: boolean;
  readonly assigned_agent: AgentName;
  readonly payload: Record<string, unknown> | null;
  readonly traceparent: string | null;
}

/** Where a row stands in its tenant's share of an agent, see FairShares. */
export interface Share {
  readonly tenantId: string;
  readonly start: number;
  readonly end: number;
}

/** Rows taken from the backlog in the order in which they should run. */
export interface Batch {
  readonly rows: readonly Dispatchable[];
  readonly shares: readonly Share[];
  /** Whether more wait, as far as the statement looked. */
  readonly more: boolean;
}
