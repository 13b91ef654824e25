import { type DynamicModule, Module } from '@nestjs/common';
import { ContextBusModule, MemoryModule, rateLimitsOf } from '@pulser/context-bus';
import { MessagingModule, serviceBroker } from '@pulser/messaging';

import { AccessModule } from './access/access.module.js';
import { AgentsModule } from './agents/agents.controller.js';
import { ApprovalsModule } from './approvals/approvals.controller.js';
import { ArtifactsModule } from './artifacts/artifacts.controller.js';
import { AuditModule } from './audit/audit.controller.js';
import { BatchesModule } from './batches/batches.controller.js';
import { ConversationsModule } from './conversations/conversations.controller.js';
import { DatasetsModule } from './datasets/datasets.module.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { DestinationsModule } from './destinations/destinations.controller.js';
import { DocsModule } from './docs/docs.controller.js';
import { EventsModule } from './events/events.module.js';
import { ExplainModule } from './explain/explain.controller.js';
import type { GatewayEnv } from './gateway.env.js';
import { HooksModule } from './hooks/hooks.controller.js';
import { IncidentsModule } from './incidents/incidents.controller.js';
import { InstallationModule } from './installation/installation.module.js';
import { KeysModule } from './keys/keys.controller.js';
import { McpModule } from './mcp/mcp.controller.js';
import { MemoriesModule } from './memories/memories.controller.js';
import { PausesModule } from './pauses/pauses.controller.js';
import { QuotasModule } from './quotas/quotas.controller.js';
import { ScalingModule } from './scaling/scaling.controller.js';
import { SchedulesModule } from './schedules/schedules.controller.js';
import { SecretsModule } from './secrets/secrets.controller.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SettingsModule } from './settings/settings.controller.js';
import { StatusModule } from './status/status.controller.js';
import { TasksModule } from './tasks/tasks.module.js';
import { TelemetryModule } from './telemetry/telemetry.controller.js';
import { SpendModule } from './spend/spend.controller.js';
import { TracesModule } from './traces/traces.controller.js';
import { WorkflowsModule } from './workflows/workflows.controller.js';

/** Every feature of the API; their routes are documented in this order. */
export const features = [
  TasksModule,
  BatchesModule,
  SchedulesModule,
  HooksModule,
  ExplainModule,
  SpendModule,
  TracesModule,
  EventsModule,
  ArtifactsModule,
  DatasetsModule,
  WorkflowsModule,
  ApprovalsModule,
  DeadLettersModule,
  AgentsModule,
  AuditModule,
  McpModule,
  MemoriesModule,
  ConversationsModule,
  PausesModule,
  SettingsModule,
  SecretsModule,
  StatusModule,
  QuotasModule,
  TelemetryModule,
  KeysModule,
  SessionsModule,
  DestinationsModule,
  IncidentsModule,
  InstallationModule,
  ScalingModule,
  DocsModule,
];

@Module({})
export class GatewayModule {
  static forRoot(env: GatewayEnv): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        ContextBusModule.forRoot({
          settings: env,
          content: env,
          secrets: env,
          admission: env,
          rateLimits: rateLimitsOf(env),
          sessions: { idleS: env.SESSION_IDLE_S },
        }),
        MemoryModule.forRoot(env),
        MessagingModule.forRoot(serviceBroker(env), { withoutBroker: 'tasks are accepted and wait' }),
        AccessModule,
        ...features,
      ],
    };
  }
}
