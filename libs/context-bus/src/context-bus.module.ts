import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Database, type DatabaseSettings } from '@pulser/database';
import { Logger, ServiceInfo } from '@pulser/service-kit';

import { TenantKeys } from './access/keys.js';
import { ApiKeys, Authenticator } from './access/principal.js';
import { Tenants } from './access/tenants.js';
import { Agents } from './agents/agents.js';
import { PayloadChecks } from './agents/payload-checks.js';
import { TaskTypes } from './agents/task-types.js';
import { Artifacts } from './artifacts/artifacts.js';
import { AuditTrail } from './audit/audit-trail.js';
import { AsyncCommitDatabase, DatabaseLifetime, openPool } from './connection/pools.js';
import { DeadLetterAlerts, DeadLetterCounts } from './dead-letters/alerts.js';
import { DeadLetterCauses, DeadLetterReads } from './dead-letters/dead-letters.js';
import { DeadLetterDiscards } from './dead-letters/discards.js';
import { RawDeadLetters } from './dead-letters/messages.js';
import { ReplayableTasks } from './dead-letters/replays.js';
import { TaskEffects } from './effects/effects.js';
import { TaskEventLog } from './events/history.js';
import type { AdmissionSettings } from './limits/limits.env.js';
import { DailyQuota, QueueQuota, Quotas, TenantDays, WaitingTasks } from './limits/quotas.js';
import { RateLimits, type RateLimitsOptions, TokenBuckets } from './limits/rate-limits.js';
import { Pauses } from './pauses/pauses.js';
import { TaskBacklog } from './tasks/backlog.js';
import { TaskCancel, TaskResults } from './tasks/endings.js';
import { TaskInserts } from './tasks/inserts.js';
import { TaskDiagnostics, TaskReads } from './tasks/reads.js';
import { TaskSweep } from './tasks/sweep.js';
import { TaskEntity } from './tasks/task.entity.js';
import { Telemetry } from './telemetry/telemetry.js';
import { Upkeep } from './upkeep/upkeep.js';

const stores = [
  Agents,
  ApiKeys,
  Artifacts,
  AuditTrail,
  Authenticator,
  DeadLetterAlerts,
  DeadLetterCounts,
  DeadLetterDiscards,
  DeadLetterCauses,
  DeadLetterReads,
  ReplayableTasks,
  Pauses,
  PayloadChecks,
  RawDeadLetters,
  TaskBacklog,
  TaskCancel,
  TaskEffects,
  TaskEventLog,
  TaskInserts,
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
  readonly asyncCommit?: boolean;
  /** For services that accept tasks. */
  readonly admission?: AdmissionSettings;
  /** For services that take requests. */
  readonly rateLimits?: RateLimitsOptions;
}

const pool = (kind: typeof Database, synchronousCommit: 'on' | 'off', settings: DatabaseSettings): Provider => ({
  provide: kind,
  inject: [Logger, ServiceInfo],
  useFactory: (logger: Logger, info: ServiceInfo) =>
    openPool(kind, {
      settings,
      applicationName: `pulser-${info.service}`,
      synchronousCommit,
      entities: [TaskEntity],
      onIdleError: (err) => {
        logger.warn({ err }, 'a database connection broke');
      },
    }),
});

const pools = ({ settings, asyncCommit }: ContextBusOptions): Provider[] => [
  pool(Database, 'on', settings),
  ...(asyncCommit === true ? [pool(AsyncCommitDatabase, 'off', settings)] : []),
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
