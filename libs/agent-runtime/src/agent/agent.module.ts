import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ContextBusModule, AsyncCommitDatabase, TaskClaims } from '@pulser/context-bus';
import { MessagingModule, serviceBroker } from '@pulser/messaging';
import { ServiceInfo } from '@pulser/service-kit';

import { AttemptEnd } from '../execution/attempt-end.js';
import { AttemptKeeping, AttemptStores } from '../execution/attempt-keeping.js';
import { AttemptRunner } from '../execution/attempt-runner.js';
import { HandlerPlaces, Handlers } from '../execution/handlers.js';
import { InlineHandlers } from '../execution/inline-handlers.js';
import { Slots } from '../execution/slots.js';
import { TaskConsumer } from '../execution/task.consumer.js';
import { TaskRunner } from '../execution/task-runner.js';
import { TaskEventPublisher } from '../facts/task-event.publisher.js';
import { CancellationsConsumer } from '../leases/cancellations.consumer.js';
import { LeaseKeeper } from '../leases/lease-keeper.js';
import { AttemptMeter } from '../reporting/attempt-meter.js';
import { HandlerMeter } from '../reporting/handler-meter.js';
import { HeartbeatReporter, HeartbeatSource } from '../reporting/heartbeat.reporter.js';
import { TelemetryReporter } from '../reporting/telemetry.reporter.js';
import { ExportedSkills } from '../threads/exported-skills.js';
import { HandlerThreads } from '../threads/handler-threads.js';
import { AgentEnv } from './agent.env.js';
import { AgentProfile } from './agent-profile.js';
import { AgentRegistrar } from './agent-registrar.js';

const claims: Provider = {
  provide: TaskClaims,
  inject: [AsyncCommitDatabase, AgentProfile, AgentEnv, ServiceInfo],
  useFactory: (database: AsyncCommitDatabase, { name }: AgentProfile, env: AgentEnv, { instance }: ServiceInfo) =>
    new TaskClaims(database, { agent: name, worker: instance, leaseMs: env.LEASE_S * 1_000 }),
};

/** The worker of one agent. */
@Module({})
export class AgentModule {
  static forRoot(profile: AgentProfile, env: AgentEnv): DynamicModule {
    return {
      module: AgentModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, relaxed: true }),
        MessagingModule.forRoot(serviceBroker(env)),
      ],
      controllers: [TaskConsumer, CancellationsConsumer],
      providers: [
        { provide: AgentProfile, useValue: profile },
        claims,
        AgentRegistrar,
        AttemptEnd,
        AttemptKeeping,
        AttemptMeter,
        AttemptRunner,
        AttemptStores,
        ExportedSkills,
        TaskEventPublisher,
        HandlerMeter,
        HandlerPlaces,
        HandlerThreads,
        Handlers,
        HeartbeatReporter,
        HeartbeatSource,
        InlineHandlers,
        LeaseKeeper,
        Slots,
        TaskRunner,
        TelemetryReporter,
      ],
    };
  }
}
