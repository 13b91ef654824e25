export * from './access/authors.js';
export * from './access/installation-keys.js';
export * from './access/installation-sessions.js';
export * from './access/keys.js';
export * from './access/login-codes.js';
export * from './access/principal.js';
export * from './access/root-principals.js';
export * from './access/sessions.js';
export * from './access/tenants.js';
export * from './agents/agents.js';
export type { AgentHealth, HealthSnapshot } from './agents/health-snapshot.js';
export { bucketOf, type Route, routeOf, standInOf } from './agents/route.policy.js';
export { PayloadChecks } from './agents/payload-checks.js';
export * from './agents/task-types.js';
export * from './approvals/approval-decisions.js';
export * from './approvals/approval-outcomes.js';
export * from './approvals/approval-reads.js';
export * from './approvals/approval-sweep.js';
export * from './tasks/asked-approval.js';
export { childIdOf } from './tasks/child-id.policy.js';
export { shownArguments } from './tasks/shown-arguments.policy.js';
export * from './artifacts/artifacts.js';
export * from './audit/actor.js';
export * from './audit/audit-trail.js';
export * from './audit/installation-audit.js';
export { AsyncCommitDatabase } from './connection/pools.js';
export * from './content/content.env.js';
export * from './content/contents.js';
export { ContentDamaged, type ContentRef, ContentUnavailable, type StoreKind } from './content/pieces.js';
export { MissingContentSetting, PieceStores } from './content/stores.js';
export * from './context-bus.module.js';
export * from './conversations/conversations.js';
export * from './datasets/data-retention.js';
export * from './datasets/data.js';
export * from './datasets/datasets.js';
export * from './datasets/uploads.js';
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
export * from './dead-letters/growth.js';
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
export * from './health/agent-activity.js';
export * from './health/agent-history.js';
export * from './health/agent-statuses.js';
export * from './health/canaries.js';
export * from './health/lease.js';
export * from './hooks/hook-events.js';
export * from './hooks/hooks.js';
export { mapped, type Mapped } from './hooks/mapping.policy.js';
export * from './incidents/incident-reads.js';
export * from './incidents/incidents.js';
export * from './integrity/integrity.js';
export * from './limits/limits.env.js';
export {
  DailyQuota,
  type DayRoom,
  QueueQuota,
  type QuotaRoom,
  Quotas,
  type QuotasInUse,
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
export * from './mcp/tool-pins.js';
export * from './memory/embedding-models.js';
export * from './memory/memories.js';
export * from './memory/memory.module.js';
export type { HitOrder, NewMemory } from './memory/memory.policy.js';
export * from './memory/memory-reads.js';
export type { MemoryRow } from './memory/memory-row.js';
export * from './memory/memory-upkeep.js';
export * from './memory/memory-writes.js';
export * from './notifications/deliveries.js';
export * from './notifications/destinations.js';
export * from './pauses/pauses.js';
export * from './schedules/schedule-sweep.js';
export * from './schedules/schedules.js';
export * from './secrets/secret-cipher.js';
export * from './secrets/tenant-secrets.js';
export * from './tools/call-approvals.js';
export * from './tools/tool-callers.js';
export * from './tools/tool-calls.js';
export * from './rollups/folds.js';
export * from './settings/tenant-settings.js';
export * from './spans/spans.env.js';
export * from './spans/task-spans.js';
export type { StoredSpan } from './spans/task-trace.policy.js';
export * from './spend/budget.policy.js';
export * from './spend/spend-ledger.js';
export * from './spend/spend-reads.js';
export { TraceSampling } from './spans/trace-sampling.policy.js';
export type { Amendment } from './tasks/amendment.policy.js';
export { type AmendedTask, type AmendmentOutcome, TaskAmendments } from './tasks/amendments.js';
export { type AgentWait, AgentWaits } from './tasks/agent-waits.js';
export * from './tasks/backlog.js';
export { bodyHash } from './tasks/body-hash.js';
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
export {
  type FinishedTask,
  type FinishedTaskPage,
  type FinishedTaskQuery,
  FinishedTasks,
} from './tasks/finished-tasks.js';
export * from './tasks/intake.js';
export {
  type Accepted,
  batchItemKey,
  type ChildRefusal,
  type Idempotency,
  type InsertedAlongside,
  type NewTask,
  TaskInserts,
} from './tasks/inserts.js';
export { type ConcurrencyKeyOfTenant, KeyGate } from './tasks/key-gate.js';
export { type AuthorRefusal, authorRefusal } from './tasks/author-refusals.policy.js';
export * from './tasks/reads.js';
export * from './tasks/sweep.js';
export type { AwaitedThing } from './tasks/suspensions.js';
export * from './tasks/task.entity.js';
export { maxRead, type TaskFilter, type TaskList, TaskLists } from './tasks/task-lists.js';
export { type ExpectedWait, TaskForecasts } from './tasks/waits.js';
export { type UnclaimedCompletion, UnclaimedTasks } from './tasks/unclaimed.js';
export * from './telemetry/telemetry-reads.js';
export * from './telemetry/tenant-telemetry.js';
export * from './telemetry/timelines.js';
export * from './upkeep/upkeep.js';
export * from './waits/signals.js';
export * from './waits/task-waits.js';
export * from './waits/wait-reads.js';
export * from './workflows/decisions.js';
export * from './workflows/definitions.js';
export * from './workflows/run-begins.js';
export * from './workflows/run-ends.js';
export * from './workflows/run-reads.js';
export * from './workflows/run-scopes.js';
export * from './workflows/runs.js';
