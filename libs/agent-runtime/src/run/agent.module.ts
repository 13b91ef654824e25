import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { AsyncCommitDatabase, ContextBusModule, TaskClaims } from '@pulser/context-bus';
import { MessagingModule, serviceBroker } from '@pulser/messaging';
import { ServiceInfo, SharedResources } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';
import { AttemptEnd, AttemptRunner } from '../attempt/attempt-runner.js';
import { CancellationsConsumer, Slots, TaskConsumer } from '../attempt/task.consumer.js';
import { Handlers } from '../attempt/handlers.js';
import { LeaseKeeper } from '../attempt/lease-keeper.js';
import { AttemptHost } from '../context/attempt-host.js';
import { AttemptMeter, HandlerMeter, TelemetryReporter } from '../reporting/attempt-meter.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { ExportedSkills } from '../threads/exported-skills.js';
import { HandlerThreadPool, OwnHandlerThreadPool } from '../threads/handler-thread-pool.js';
import { AgentRegistrar, HeartbeatReporter } from './registration.js';

const claims: Provider = {
  provide: TaskClaims,
  inject: [AsyncCommitDatabase, AgentProfile, AgentEnv, ServiceInfo],
  useFactory: (database: AsyncCommitDatabase, { name }: AgentProfile, env: AgentEnv, { instance }: ServiceInfo) =>
    new TaskClaims(database, { agent: name, worker: instance, leaseMs: env.LEASE_S * 1_000 }),
};

/** The threads that the process shares among its agents, or else one per slot. */
const threads: Provider = {
  provide: HandlerThreadPool,
  inject: [SharedResources, AgentEnv],
  useFactory: (resources: SharedResources, { CONCURRENCY, HANDLER_MEMORY_MB }: AgentEnv) =>
    resources.find(HandlerThreadPool) ??
    new OwnHandlerThreadPool({ maxThreads: CONCURRENCY, memoryMb: HANDLER_MEMORY_MB }),
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
        threads,
        AgentRegistrar,
        AttemptEnd,
        AttemptHost,
        AttemptMeter,
        AttemptRunner,
        ExportedSkills,
        HandlerMeter,
        Handlers,
        HeartbeatReporter,
        LeaseKeeper,
        Slots,
        TaskEventPublisher,
        TelemetryReporter,
      ],
    };
  }
}
