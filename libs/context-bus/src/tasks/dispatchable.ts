import type { AgentName, Priority, TaskType } from '@pulser/contracts';

/** A queued row as the dispatcher sends it on. */
export interface Dispatchable {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly priority: Priority;
  readonly assigned_agent: AgentName;
  readonly payload: Record<string, unknown> | null;
  readonly traceparent: string | null;
}
