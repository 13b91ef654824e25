import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Database, type DatabaseSettings } from '@pulser/database';
import { Breakers, Logger, ServiceInfo } from '@pulser/service-kit';

import { TenantKeys } from './access/keys.js';
import { InstallationSessions } from './access/installation-sessions.js';
import { LoginCodes } from './access/login-codes.js';
import { ApiKeys, Authenticator } from './access/principal.js';
import { RootPrincipals } from './access/root-principals.js';
import { SessionAuthenticator, type SessionAuthenticatorOptions, TenantSessions } from './access/sessions.js';
import { Tenants } from './access/tenants.js';
import { Agents } from './agents/agents.js';
import { PayloadChecks } from './agents/payload-checks.js';
import { TaskTypes } from './agents/task-types.js';
import { ApprovalDecisions } from './approvals/approval-decisions.js';
import { ApprovalOutcomes } from './approvals/approval-outcomes.js';
import { ApprovalReads } from './approvals/approval-reads.js';
import { ApprovalSweep } from './approvals/approval-sweep.js';
import { Artifacts } from './artifacts/artifacts.js';
import { AuditTrail } from './audit/audit-trail.js';
import { InstallationAudit } from './audit/installation-audit.js';
import { AsyncCommitDatabase, DatabaseLifetime, openPool } from './connection/pools.js';
import type { ContentSettings } from './content/content.env.js';
import { Conversations } from './conversations/conversations.js';
import { Contents } from './content/contents.js';
import { PieceStores } from './content/stores.js';
import { DataRetention } from './datasets/data-retention.js';
import { Data } from './datasets/data.js';
import { Datasets } from './datasets/datasets.js';
import { Uploads } from './datasets/uploads.js';
import { DeadLetterAlerts, DeadLetterCounts } from './dead-letters/alerts.js';
import { DeadLetterCauses, DeadLetterReads } from './dead-letters/dead-letters.js';
import { DeadLetterDiscards } from './dead-letters/discards.js';
import { DeadLetterGrowths } from './dead-letters/growth.js';
import { RawDeadLetters } from './dead-letters/messages.js';
import { ReplayableTasks } from './dead-letters/replays.js';
import { TaskEffects } from './effects/effects.js';
import { TaskEventLog } from './events/history.js';
import { AgentActivity } from './health/agent-activity.js';
import { AgentHistory } from './health/agent-history.js';
import { AgentStatuses } from './health/agent-statuses.js';
import { Canaries } from './health/canaries.js';
import { HealthLease } from './health/lease.js';
import { HookEvents } from './hooks/hook-events.js';
import { Hooks } from './hooks/hooks.js';
import { IncidentReads } from './incidents/incident-reads.js';
import { Incidents } from './incidents/incidents.js';
import type { AdmissionSettings } from './limits/limits.env.js';
import { DailyQuota, QueueQuota, Quotas, TenantDays, WaitingTasks } from './limits/quotas.js';
import { RateLimits, type RateLimitsOptions, TokenBuckets } from './limits/rate-limits.js';
import { ToolPins } from './mcp/tool-pins.js';
import { Deliveries } from './notifications/deliveries.js';
import { Destinations } from './notifications/destinations.js';
import { Pauses } from './pauses/pauses.js';
import { ScheduleSweep } from './schedules/schedule-sweep.js';
import { Schedules } from './schedules/schedules.js';
import { SecretCipher } from './secrets/secret-cipher.js';
import { TenantSecrets } from './secrets/tenant-secrets.js';
import { Folds } from './rollups/folds.js';
import { TenantSettings } from './settings/tenant-settings.js';
import { SpendLedger } from './spend/spend-ledger.js';
import { SpendReads } from './spend/spend-reads.js';
import { TaskSpans } from './spans/task-spans.js';
import { TaskAmendments } from './tasks/amendments.js';
import { AgentWaits } from './tasks/agent-waits.js';
import { TaskBacklog } from './tasks/backlog.js';
import { TaskCancel, TaskResults } from './tasks/endings.js';
import { FinishedTasks } from './tasks/finished-tasks.js';
import { TaskInserts } from './tasks/inserts.js';
import { KeyGate } from './tasks/key-gate.js';
import { TaskDiagnostics, TaskReads } from './tasks/reads.js';
import { TaskLists } from './tasks/task-lists.js';
import { TaskSweep } from './tasks/sweep.js';
import { TaskForecasts } from './tasks/waits.js';
import { TaskEntity } from './tasks/task.entity.js';
import { TelemetryReads } from './telemetry/telemetry-reads.js';
import { TenantTelemetry } from './telemetry/tenant-telemetry.js';
import { Timelines } from './telemetry/timelines.js';
import { Upkeep } from './upkeep/upkeep.js';
import { CallApprovals } from './tools/call-approvals.js';
import { ToolCallers } from './tools/tool-callers.js';
import { ToolCallLog } from './tools/tool-calls.js';
import { TaskSignals } from './waits/signals.js';
import { TaskWaits } from './waits/task-waits.js';
import { WaitReads } from './waits/wait-reads.js';
import { WorkflowDefinitions } from './workflows/definitions.js';
import { WorkflowBegins } from './workflows/run-begins.js';
import { RunEnds } from './workflows/run-ends.js';
import { RunReads } from './workflows/run-reads.js';
import { RunScopes } from './workflows/run-scopes.js';
import { WorkflowRuns } from './workflows/runs.js';

const stores = [
  AgentActivity,
  AgentHistory,
  Agents,
  AgentStatuses,
  ApiKeys,
  ApprovalDecisions,
  ApprovalOutcomes,
  ApprovalReads,
  ApprovalSweep,
  Artifacts,
  AuditTrail,
  Authenticator,
  CallApprovals,
  Canaries,
  Conversations,
  Datasets,
  DeadLetterAlerts,
  DeadLetterCounts,
  DeadLetterDiscards,
  DeadLetterCauses,
  DeadLetterGrowths,
  DeadLetterReads,
  Deliveries,
  Destinations,
  FinishedTasks,
  LoginCodes,
  Folds,
  HealthLease,
  HookEvents,
  Hooks,
  IncidentReads,
  Incidents,
  InstallationAudit,
  KeyGate,
  InstallationSessions,
  ReplayableTasks,
  Pauses,
  PayloadChecks,
  RawDeadLetters,
  RootPrincipals,
  Schedules,
  ScheduleSweep,
  AgentWaits,
  SpendLedger,
  SpendReads,
  TaskBacklog,
  TaskCancel,
  TaskEffects,
  TaskEventLog,
  TaskInserts,
  TaskAmendments,
  TaskForecasts,
  TaskLists,
  TaskReads,
  TaskResults,
  TaskSignals,
  TaskSpans,
  TaskDiagnostics,
  TaskSweep,
  TaskTypes,
  TaskWaits,
  TelemetryReads,
  TenantDays,
  ToolPins,
  TenantKeys,
  Tenants,
  TenantSessions,
  TenantSettings,
  TenantTelemetry,
  Timelines,
  TokenBuckets,
  ToolCallers,
  ToolCallLog,
  Upkeep,
  WaitingTasks,
  WaitReads,
  WorkflowDefinitions,
  RunEnds,
  RunReads,
  RunScopes,
  WorkflowBegins,
  WorkflowRuns,
];

export interface ContextBusOptions {
  readonly settings: DatabaseSettings;
  /** Opens a second pool for claims and renewals. */
  readonly asyncCommit?: boolean;
  /** For services that keep or read large files. */
  readonly content?: ContentSettings;
  /** For services that keep or use secrets of tenants. */
  readonly secrets?: { readonly SECRETS_KEY?: readonly Buffer[] | undefined };
  /** For services that accept tasks. */
  readonly admission?: AdmissionSettings;
  /** For services that take requests. */
  readonly rateLimits?: RateLimitsOptions;
  /** For services that browsers log in to. */
  readonly sessions?: SessionAuthenticatorOptions;
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

const loggingIn = ({ sessions }: ContextBusOptions): Provider[] =>
  sessions === undefined
    ? []
    : [
        {
          provide: SessionAuthenticator,
          inject: [Database],
          useFactory: (database: Database) => new SessionAuthenticator(database, sessions),
        },
      ];

const keeping = ({ content }: ContextBusOptions): Provider[] =>
  content === undefined
    ? []
    : [
        {
          provide: PieceStores,
          inject: [Database, Breakers],
          useFactory: (database: Database, breakers: Breakers) => PieceStores.open(database, content, breakers),
        },
        ...[Contents, Data, DataRetention, Uploads],
      ];

const sealing = ({ secrets }: ContextBusOptions): Provider[] =>
  secrets === undefined
    ? []
    : [{ provide: SecretCipher, useFactory: () => new SecretCipher(secrets.SECRETS_KEY) }, TenantSecrets];

/** PostgreSQL behind stores, one noun each. Needs ServiceKitModule. */
@Module({})
export class ContextBusModule {
  static forRoot(options: ContextBusOptions): DynamicModule {
    const optional = [
      ...keeping(options),
      ...sealing(options),
      ...admitting(options),
      ...limiting(options),
      ...loggingIn(options),
    ];
    const providers = [...pools(options), ...stores, ...optional];
    return { module: ContextBusModule, global: true, providers: [...providers, DatabaseLifetime], exports: providers };
  }
}
