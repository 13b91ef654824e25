import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Database, type DatabaseSettings } from '@pulser/database';
import { Logger, ServiceInfo } from '@pulser/service-kit';

import { ApiKeys } from './access/api-keys.store.js';
import { Authenticator } from './access/authenticator.js';
import { TenantKeys } from './access/tenant-keys.store.js';
import { Tenants } from './access/tenants.store.js';
import { Agents } from './agents/agents.store.js';
import { ServedTaskTypes } from './agents/served-task-types.js';
import { Artifacts } from './artifacts/artifacts.store.js';
import { AuditTrail } from './audit/audit-trail.store.js';
import { AsyncCommitDatabase, DatabaseLifetime, openPool, type PoolOptions } from './connection/pools.js';
import { BulkReplays } from './dead-letters/bulk-replays.store.js';
import { DeadLetterAlerts } from './dead-letters/dead-letter-alerts.store.js';
import { DeadLetterCounts } from './dead-letters/dead-letter-counts.store.js';
import { DeadLetterDiscards } from './dead-letters/dead-letter-discards.store.js';
import { DeadLetterCauses } from './dead-letters/dead-letter-causes.store.js';
import { DeadLetterReads } from './dead-letters/dead-letter-reads.store.js';
import { DeadLetterReplays } from './dead-letters/dead-letter-replays.store.js';
import { RawDeadLetters } from './dead-letters/raw-dead-letters.store.js';
import { TaskEffects } from './effects/task-effects.store.js';
import { TaskEventLog } from './events/history.js';
import { DailyQuota, TenantDays } from './limits/daily-quota.js';
import type { AdmissionSettings } from './limits/limits.env.js';
import { QueueQuota, WaitingTasks } from './limits/queue-quota.js';
import { Quotas } from './limits/quotas.js';
import { RateLimits, type RateLimitsOptions, TokenBuckets } from './limits/rate-limits.js';
import { Pauses } from './pauses/pauses.store.js';
import { TaskBacklog } from './tasks/backlog.js';
import { Admission, TaskIntake } from './tasks/deprecated.js';
import { TaskCancel, TaskResults } from './tasks/endings.js';
import { TaskInserts } from './tasks/inserts.js';
import { TaskDiagnostics, TaskReads } from './tasks/reads.js';
import { TaskSweep } from './tasks/sweep.js';
import { TaskEntity } from './tasks/task.entity.js';
import { Telemetry } from './telemetry/telemetry.store.js';
import { Upkeep } from './upkeep/upkeep.store.js';

const stores = [
  Agents,
  ApiKeys,
  Artifacts,
  AuditTrail,
  Authenticator,
  BulkReplays,
  DeadLetterAlerts,
  DeadLetterCounts,
  DeadLetterDiscards,
  DeadLetterCauses,
  DeadLetterReads,
  DeadLetterReplays,
  Pauses,
  RawDeadLetters,
  ServedTaskTypes,
  TaskBacklog,
  TaskCancel,
  TaskEffects,
  TaskEventLog,
  TaskInserts,
  TaskIntake,
  TaskReads,
  TaskResults,
  TaskDiagnostics,
  TaskSweep,
  Telemetry,
  TenantDays,
  TenantKeys,
  Tenants,
  TokenBuckets,
  Upkeep,
  WaitingTasks,
];

export interface ContextBusOptions {
  readonly settings: DatabaseSettings;
  /** Opens a second pool for claims and renewals. */
  readonly relaxed?: boolean;
  /** For services that accept tasks. */
  readonly admission?: AdmissionSettings;
  /** For services that take requests. */
  readonly rateLimits?: RateLimitsOptions;
}

const pool = (kind: typeof Database, synchronousCommit: 'on' | 'off', settings: DatabaseSettings): Provider => ({
  provide: kind,
  inject: [Logger, ServiceInfo],
  useFactory: (logger: Logger, info: ServiceInfo) => {
    const options: PoolOptions = { settings, entities: [TaskEntity], logger, info };
    return openPool(kind, synchronousCommit, options);
  },
});

const pools = ({ settings, relaxed }: ContextBusOptions): Provider[] => [
  pool(Database, 'on', settings),
  ...(relaxed === true ? [pool(AsyncCommitDatabase, 'off', settings)] : []),
];

const admitting = ({ admission }: ContextBusOptions): Provider[] =>
  admission === undefined
    ? []
    : [
        {
          provide: QueueQuota,
          inject: [WaitingTasks],
          useFactory: (waiting: WaitingTasks) => new QueueQuota(waiting, admission.QUEUE_QUOTA),
        },
        {
          provide: DailyQuota,
          inject: [TenantDays],
          useFactory: (days: TenantDays) => new DailyQuota(days, admission.DAILY_QUOTA),
        },
        Quotas,
        Admission,
      ];

const limiting = ({ rateLimits }: ContextBusOptions): Provider[] =>
  rateLimits === undefined
    ? []
    : [
        {
          provide: RateLimits,
          inject: [TokenBuckets],
          useFactory: (buckets: TokenBuckets) => new RateLimits(buckets, rateLimits),
        },
      ];

/**
 * PostgreSQL behind stores, one noun each. Needs ServiceKitModule. A service that accepts tasks asks for `admission` and
 * lists `Intake` and its own `DispatchPort` among its providers.
 */
@Module({})
export class ContextBusModule {
  static forRoot(options: ContextBusOptions): DynamicModule {
    const providers = [...pools(options), ...stores, ...admitting(options), ...limiting(options)];
    return { module: ContextBusModule, global: true, providers: [...providers, DatabaseLifetime], exports: providers };
  }
}
