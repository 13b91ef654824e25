export * from './access/keys.js';
export * from './access/principal.js';
export * from './access/tenants.js';
export * from './agents/agents.js';
export { PayloadChecks } from './agents/payload-checks.js';
export * from './agents/task-types.js';
export * from './artifacts/artifacts.js';
export * from './audit/actor.js';
export * from './audit/audit-trail.js';
export { AsyncCommitDatabase } from './connection/pools.js';
export * from './context-bus.module.js';
export * from './dead-letters/alerts.js';
export type { DeadLetterCriteria } from './dead-letters/criteria.policy.js';
export {
  type DeadLetterCause,
  DeadLetterCauses,
  DeadLetterReads,
  type DeadLetterRow,
  type DeadLetterStory,
  type MessageColumns,
  type ReplayRow,
} from './dead-letters/dead-letters.js';
export * from './dead-letters/discards.js';
export * from './dead-letters/messages.js';
export * from './dead-letters/replays.js';
export * from './effects/effects.js';
export {
  type AttemptEvent,
  type EventPage,
  maxEventsPerAttempt,
  type NumberedEvent,
  TaskEventLog,
} from './events/history.js';
export * from './limits/limits.env.js';
export {
  DailyQuota,
  type DayRoom,
  QueueQuota,
  type QuotaRoom,
  Quotas,
  TenantDays,
  WaitingTasks,
} from './limits/quotas.js';
export {
  type BucketLimit,
  type LimitVerdict,
  RateLimits,
  type RateLimitsOptions,
  TokenBuckets,
  type Verdict,
} from './limits/rate-limits.js';
export * from './pauses/pauses.js';
export * from './tasks/backlog.js';
export {
  type Claim,
  type ClaimRef,
  type ClaimRequest,
  type Holder,
  inLockOrder,
  refColumns,
  TaskClaims,
} from './tasks/claims.js';
export {
  type Dispatchable,
  FairShares,
  type FairSharesSnapshot,
  inlinePayloadBytes,
  maxBatch,
  type Share,
} from './tasks/dequeue.js';
export * from './tasks/endings.js';
export * from './tasks/intake.js';
export {
  type Accepted,
  batchItemKey,
  bodyHash,
  type Idempotency,
  type InsertedAlongside,
  type NewTask,
  TaskInserts,
} from './tasks/inserts.js';
export * from './tasks/reads.js';
export * from './tasks/sweep.js';
export * from './tasks/task.entity.js';
export { type UnclaimedCompletion, UnclaimedTasks } from './tasks/unclaimed.js';
export * from './telemetry/telemetry.js';
export * from './upkeep/upkeep.js';
