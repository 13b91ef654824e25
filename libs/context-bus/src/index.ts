export * from './access/api-key.js';
export * from './access/api-keys.store.js';
export * from './access/authenticator.js';
export * from './access/principal.js';
export * from './access/submission-right.policy.js';
export type { KeyGrant, MadeKey, TenantKey } from './access/tenant-key.js';
export * from './access/tenant-keys.store.js';
export * from './access/tenants.store.js';
export * from './agents/agents.store.js';
export * from './agents/served-task-types.js';
export * from './artifacts/artifacts.store.js';
export * from './audit/actor.js';
export * from './audit/audit-trail.store.js';
export { AsyncCommitDatabase } from './connection/pools.js';
export * from './context-bus.module.js';
export * from './dead-letters/bulk-replays.store.js';
export * from './dead-letters/dead-letter-alerts.store.js';
export * from './dead-letters/dead-letter-causes.store.js';
export * from './dead-letters/dead-letter-counts.store.js';
export type { DeadLetterCriteria } from './dead-letters/dead-letter-criteria.policy.js';
export * from './dead-letters/dead-letter-discards.store.js';
export * from './dead-letters/dead-letter-reads.store.js';
export * from './dead-letters/dead-letter-replays.store.js';
export * from './dead-letters/dead-letter-settled.js';
export type { DeadLetterRow, MessageColumns, ReplayRow } from './dead-letters/dead-letter.js';
export * from './dead-letters/raw-dead-letters.store.js';
export * from './dead-letters/unattributed-dead-letters.store.js';
export * from './effects/task-effects.store.js';
export {
  type AttemptEvent,
  type EventPage,
  maxEventsPerAttempt,
  type NumberedEvent,
  TaskEventLog,
} from './events/history.js';
export { DailyQuota, type DayRoom, TenantDays } from './limits/daily-quota.js';
export * from './limits/limits.env.js';
export { QueueQuota, WaitingTasks } from './limits/queue-quota.js';
export { Quotas, type QuotaRoom } from './limits/quotas.js';
export {
  type BucketLimit,
  type LimitVerdict,
  RateLimits,
  type RateLimitsOptions,
  TokenBuckets,
  type Verdict,
} from './limits/rate-limits.js';
export * from './pauses/pauses.store.js';
export * from './tasks/backlog.js';
export * from './tasks/claims.js';
export * from './tasks/deprecated.js';
export {
  type Dispatchable,
  FairShares,
  type FairSharesSnapshot,
  inlinePayloadBytes,
  maxBatch,
  type Share,
} from './tasks/dequeue.js';
export * from './tasks/endings.js';
export { batchItemKey, bodyHash, type Idempotency } from './tasks/idempotency.js';
export { type Accepted, type NewTask, TaskInserts } from './tasks/inserts.js';
export {
  type Alongside,
  DispatchPort,
  Intake,
  type Order,
  type Outcome,
  type Refusal,
  type SubmissionOrigin,
} from './tasks/intake.js';
export { type ClaimRef, inLockOrder, refColumns } from './tasks/keys.js';
export * from './tasks/reads.js';
export { taskStates } from './tasks/states.js';
export * from './tasks/sweep.js';
export * from './tasks/task.entity.js';
export * from './telemetry/telemetry.store.js';
export * from './upkeep/upkeep.store.js';
