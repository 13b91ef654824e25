export * from './tasks/accept.policy.js';
export { inlinePayloadBytes, maxBatch } from './tasks/dequeue.js';
export * from './tasks/admission.env.js';
export * from './tasks/admission.js';
export * from './tasks/body-hash.policy.js';
export * from './tasks/claim.js';
export * from './tasks/dispatchable.js';
export * from './tasks/new-task.js';
export * from './tasks/queue-quota.js';
export * from './tasks/shares.js';
export * from './tasks/task-backlog.store.js';
export * from './tasks/task-cancel.store.js';
export * from './tasks/task-claims.store.js';
export * from './tasks/task-intake.store.js';
export * from './tasks/task-reads.store.js';
export * from './tasks/task-results.store.js';
export * from './tasks/task-diagnostics.store.js';
export * from './tasks/task-sweep.store.js';
export * from './tasks/task.entity.js';
export * from './tasks/waiting-tasks.store.js';
export * from './events/event-order.policy.js';
export * from './events/task-events.store.js';
export * from './artifacts/artifacts.js';
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
export * from './agents/agents.js';
export * from './agents/payload-checks.js';
export * from './agents/task-types.js';
export * from './access/authenticator.js';
export * from './access/keys.js';
export * from './access/principal.js';
export * from './access/tenants.js';
export * from './limits/leased-bucket.js';
export * from './audit/actor.js';
export * from './audit/audit-trail.js';
export * from './limits/daily-quota.js';
export * from './limits/rate-limits.env.js';
export * from './limits/rate-limits.js';
export * from './limits/tenant-days.store.js';
export * from './limits/token-buckets.store.js';
export * from './pauses/pauses.js';
export * from './telemetry/telemetry.js';
export * from './connection/async-commit-database.js';
export * from './context-bus.module.js';
export * from './upkeep/upkeep.js';
