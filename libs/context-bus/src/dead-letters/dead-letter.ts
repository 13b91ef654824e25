import type { DeadLetterState, ReplayEdits, TaskFailure, TaskStatus } from '@pulser/contracts';

/** A task that failed for good, or a message that became none, as lists need it. */
export interface DeadLetterRow {
  readonly deadLetterId: string;
  readonly state: DeadLetterState;
  readonly taskId: string | null;
  readonly taskType: string | null;
  readonly agent: string | null;
  readonly reason: string;
  readonly error: TaskFailure | null;
  readonly fingerprint: string;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  readonly settledBy: string | null;
  readonly discardReason: string | null;
}

/** A message as it came; `body` is null for the letter of a task. */
export interface MessageColumns {
  readonly messageId: string | null;
  readonly sourceQueue: string | null;
  readonly routingKey: string | null;
  readonly headers: Record<string, unknown> | null;
  readonly body: Buffer | null;
}

/** A task that was made from a letter. */
export interface ReplayRow {
  readonly taskId: string;
  /** Null when the task is no longer kept. */
  readonly status: TaskStatus | null;
  readonly replayedAt: Date;
  readonly replayedBy: string | null;
  readonly edits: ReplayEdits;
}

export const letterColumns = `dead_letter_id as "deadLetterId", state, task_id as "taskId", task_type as "taskType",
  agent_name as agent, reason, error, fingerprint, created_at as "createdAt", settled_at as "settledAt",
  settled_by as "settledBy", discard_reason as "discardReason"`;

export const messageColumns = `message_id as "messageId", source_queue as "sourceQueue", routing_key as "routingKey",
  headers, body`;

export const ofTenant = 'tenant_id = (select pulser.tenant_id())';
