import type { AgentName, Priority, TaskStatus, TaskType } from '@pulser/contracts';

/** A task about to be accepted: checked, with everything decided that the row needs. */
export interface NewTask {
  readonly task_type: TaskType;
  readonly priority: Priority;
  readonly agent: AgentName;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly run_at?: string | undefined;
  readonly deadline_s?: number | undefined;
  readonly max_attempts: number;
  readonly traceparent?: string | undefined;
  /** The task that this one is a step of: its cancellation ends this one too. */
  readonly parent_id?: string | undefined;
  /** The failed task that this one repeats. */
  readonly replay_of?: string | undefined;
  /** Id of an API key, or subject of a token. */
  readonly submitted_by?: string | undefined;
  readonly idempotency?: Idempotency | undefined;
}

export interface Idempotency {
  readonly key: string;
  /** SHA-256 of the canonical body, hex: the same key with another one is a conflict. */
  readonly bodyHash: string;
}

/** What became of a submission. `existing`: the same key and body were accepted before. */
export type Accepted =
  | { readonly kind: 'created' | 'existing'; readonly taskId: string; readonly status: TaskStatus }
  | { readonly kind: 'conflict'; readonly taskId: string };
