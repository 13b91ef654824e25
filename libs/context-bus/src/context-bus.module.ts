import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Database, type DatabaseSettings } from '@pulser/database';
import { Logger, ServiceInfo } from '@pulser/service-kit';

import { ApiKeys, Authenticator } from './access/authenticator.js';
import { TenantKeys } from './access/keys.js';
import { Tenants } from './access/tenants.js';
import { Agents } from './agents/agents.js';
import { PayloadChecks } from './agents/payload-checks.js';
import { TaskTypes } from './agents/task-types.js';
import { Artifacts } from './artifacts/artifacts.js';
import { AuditTrail } from './audit/audit-trail.js';
import { DatabaseLifetime } from './connection/database-lifetime.js';
import { openDatabase } from './connection/open-database.js';
import { AsyncCommitDatabase } from './connection/async-commit-database.js';
import { DeadLetterAlerts, DeadLetterCounts } from './dead-letters/alerts.js';
import { DeadLetterCauses, DeadLetterReads } from './dead-letters/dead-letters.js';
import { DeadLetterDiscards } from './dead-letters/discards.js';
import { RawDeadLetters } from './dead-letters/messages.js';
import { BulkReplays, DeadLetterReplays } from './dead-letters/replays.js';
import { TaskEffects } from './effects/effects.js';
import { TaskEventLog } from './events/task-events.store.js';
import { Pauses } from './pauses/pauses.js';
import { DailyQuota } from './limits/daily-quota.js';
import { RateLimits, type RateLimitsOptions } from './limits/rate-limits.js';
import { TenantDays } from './limits/tenant-days.store.js';
import { TokenBuckets } from './limits/token-buckets.store.js';
import type { AdmissionSettings } from './tasks/admission.env.js';
import { Admission } from './tasks/admission.js';
import { QueueQuota } from './tasks/queue-quota.js';
import { TaskBacklog } from './tasks/task-backlog.store.js';
import { TaskCancel } from './tasks/task-cancel.store.js';
import { TaskIntake } from './tasks/task-intake.store.js';
import { TaskReads } from './tasks/task-reads.store.js';
import { TaskResults } from './tasks/task-results.store.js';
import { TaskDiagnostics } from './tasks/task-diagnostics.store.js';
import { TaskSweep } from './tasks/task-sweep.store.js';
import { WaitingTasks } from './tasks/waiting-tasks.store.js';
import { Telemetry } from './telemetry/telemetry.js';
import { Upkeep } from './upkeep/upkeep.js';

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
  PayloadChecks,
  TaskBacklog,
  TaskCancel,
  TaskEffects,
  TaskEventLog,
  TaskIntake,
  TaskReads,
  TaskResults,
  TaskDiagnostics,
  TaskSweep,
  TaskTypes,
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

const inject = [Logger, ServiceInfo];

const pools = ({ settings, relaxed }: ContextBusOptions): Provider[] => [
  {
    provide: Database,
    inject,
    useFactory: (logger: Logger, info: ServiceInfo) => openDatabase(Database, 'on', settings, logger, info),
  },
  ...(relaxed === true
    ? [
        {
          provide: AsyncCommitDatabase,
          inject,
          useFactory: (logger: Logger, info: ServiceInfo) =>
            openDatabase(AsyncCommitDatabase, 'off', settings, logger, info),
        },
      ]
    : []),
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

/** PostgreSQL behind stores, one noun each. Needs ServiceKitModule. */
@Module({})
export class ContextBusModule {
  static forRoot(options: ContextBusOptions): DynamicModule {
    const providers = [...pools(options), ...stores, ...admitting(options), ...limiting(options)];
    return { module: ContextBusModule, global: true, providers: [...providers, DatabaseLifetime], exports: providers };
  }
}
