import { agentByTaskType, retryLimits, type SubmitTask } from '@pulser/contracts';

import { bodyHash } from './body-hash.policy.js';
import type { NewTask } from './new-task.js';

export interface Origin {
  /** Id of an API key, or subject of a token. */
  readonly submittedBy: string;
  /** W3C trace context of the submission. */
  readonly traceparent?: string | undefined;
  /** Chosen by the submitter; the same key and body make one task. */
  readonly idempotencyKey?: string | undefined;
}

/** A submission, over REST or AMQP, with all that its row needs. */
export const newTaskOf = (order: SubmitTask, { submittedBy, traceparent, idempotencyKey }: Origin): NewTask => ({
  ...order,
  agent: agentByTaskType[order.task_type],
  max_attempts: retryLimits[order.task_type].maxRetries + 1,
  traceparent,
  submitted_by: submittedBy,
  idempotency: idempotencyKey === undefined ? undefined : { key: idempotencyKey, bodyHash: bodyHash(order) },
});
