import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { ContextBusModule, rateLimitsOf } from '@pulser/context-bus';
import { MessagingModule, serviceBroker } from '@pulser/messaging';

import { AccessGuard } from './access/access.guard.js';
import { DeclaredRoutes } from './access/declared-routes.js';
import { RoleGuard } from './access/role.guard.js';
import { AgentsController } from './agents/agents.controller.js';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLetters } from './dead-letters/dead-letters.service.js';
import { Discards } from './dead-letters/discards.service.js';
import { ManyReplays } from './dead-letters/many-replays.service.js';
import { Replays } from './dead-letters/replays.service.js';
import { DeadLetterActionsController } from './dead-letters/dead-letter-actions.controller.js';
import { DocsController } from './docs/docs.controller.js';
import { EventStreams } from './events/event-streams.service.js';
import { EventsController } from './events/events.controller.js';
import { TaskEventsConsumer } from './events/task-events.consumer.js';
import { TaskNotifier } from './events/task-notifier.js';
import { ExplainController } from './explain/explain.controller.js';
import { Explanations } from './explain/explanations.service.js';
import { HeartbeatsConsumer } from './explain/heartbeats.consumer.js';
import { LiveWorkers } from './explain/live-workers.js';
import type { GatewayEnv } from './gateway.env.js';
import { GatewayMetrics } from './gateway.metrics.js';
import { KeysController } from './keys/keys.controller.js';
import { Keys } from './keys/keys.service.js';
import { MeController } from './keys/me.controller.js';
import { RateLimitGuard } from './limits/rate-limit.guard.js';
import { PausesController } from './pauses/pauses.controller.js';
import { StatusController } from './status/status.controller.js';
import { BatchController } from './tasks/batch.controller.js';
import { Batches } from './tasks/batch.service.js';
import { Cancellations } from './tasks/cancellation.service.js';
import { SubmissionPublisher } from './tasks/submission.publisher.js';
import { Submissions } from './tasks/submission.service.js';
import { LongPolls } from './tasks/long-polls.service.js';
import { TasksController } from './tasks/tasks.controller.js';
import { Tasks } from './tasks/tasks.service.js';
import { KnownTenants } from './tokens/known-tenants.js';
import { Tokens } from './tokens/tokens.service.js';

@Module({})
export class GatewayModule {
  static forRoot(env: GatewayEnv): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        DiscoveryModule,
        ContextBusModule.forRoot({ settings: env, admission: env, rateLimits: rateLimitsOf(env) }),
        MessagingModule.forRoot(serviceBroker(env), { withoutBroker: 'tasks are accepted and wait' }),
      ],
      controllers: [
        TasksController,
        BatchController,
        ExplainController,
        EventsController,
        ArtifactsController,
        DeadLettersController,
        DeadLetterActionsController,
        AgentsController,
        AuditController,
        PausesController,
        StatusController,
        KeysController,
        MeController,
        DocsController,
        TaskEventsConsumer,
        HeartbeatsConsumer,
      ],
      providers: [
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: RoleGuard },
        Batches,
        Cancellations,
        DeadLetters,
        DeclaredRoutes,
        Discards,
        EventStreams,
        Explanations,
        GatewayMetrics,
        Keys,
        KnownTenants,
        LiveWorkers,
        ManyReplays,
        Replays,
        SubmissionPublisher,
        Submissions,
        Tasks,
        TaskNotifier,
        LongPolls,
        Tokens,
      ],
    };
  }
}
