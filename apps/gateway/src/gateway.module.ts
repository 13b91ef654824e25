import { type DynamicModule, Module } from '@nestjs/common';
import { ContextBusModule, rateLimitsOf } from '@pulser/context-bus';
import { MessagingModule, serviceBroker } from '@pulser/messaging';

import { AccessModule } from './access/access.module.js';
import { AgentsModule } from './agents/agents.controller.js';
import { ArtifactsModule } from './artifacts/artifacts.controller.js';
import { AuditModule } from './audit/audit.controller.js';
import { BatchesModule } from './batches/batches.controller.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { DocsModule } from './docs/docs.controller.js';
import { EventsModule } from './events/events.module.js';
import { ExplainModule } from './explain/explain.controller.js';
import type { GatewayEnv } from './gateway.env.js';
import { KeysModule } from './keys/keys.controller.js';
import { PausesModule } from './pauses/pauses.controller.js';
import { StatusModule } from './status/status.controller.js';
import { TasksModule } from './tasks/tasks.module.js';

/** Every feature of the API; their routes are documented in this order. */
export const features = [
  TasksModule,
  BatchesModule,
  ExplainModule,
  EventsModule,
  ArtifactsModule,
  DeadLettersModule,
  AgentsModule,
  AuditModule,
  PausesModule,
  StatusModule,
  KeysModule,
  DocsModule,
];

@Module({})
export class GatewayModule {
  static forRoot(env: GatewayEnv): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, admission: env, rateLimits: rateLimitsOf(env) }),
        MessagingModule.forRoot(serviceBroker(env), { withoutBroker: 'tasks are accepted and wait' }),
        AccessModule,
        ...features,
      ],
    };
  }
}
