// An agent as a service: the Nest module of its worker, and what it consumes.
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  AsyncCommitDatabase,
  ContextBusModule,
  DispatchPort,
  Intake,
  MemoryModule,
  TaskClaims,
  UnclaimedTasks,
  WorkflowBegins,
} from '@pulser/context-bus';
import { exchange, type MessageKey, queue } from '@pulser/contracts';
import { Database } from '@pulser/database';
import { Broker, BrokerServer, MessagingModule, serviceBroker } from '@pulser/messaging';
import { Logger, type ServiceDefinition, ServiceInfo, SharedResources } from '@pulser/service-kit';

import { type AgentDescription, AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import { AskConversations } from '../ask/ask-conversations.js';
import { AskHost } from '../ask/ask-host.js';
import { ModelCalls } from '../ask/model-calls.js';
import { ModelChoice } from '../ask/model-choice.js';
import { AttemptEnd, AttemptRunner } from '../attempt/attempt-runner.js';
import { Handlers } from '../attempt/handlers.js';
import { LeaseKeeper } from '../attempt/lease-keeper.js';
import { CancellationsConsumer, Slots, TaskConsumer } from '../attempt/task.consumer.js';
import { KnownPauses, UnclaimedRuns } from '../attempt/unclaimed-runs.js';
import { AttemptHost } from '../context/attempt-host.js';
import { DataHost } from '../context/data-host.js';
import { HostBreakers } from '../context/host-breakers.js';
import { LocalFiles, OwnLocalFiles } from '../context/local-files.js';
import { MemoryHost } from '../context/memory-host.js';
import { SecretsHost } from '../context/secrets-host.js';
import { TelemetryHost } from '../context/telemetry-host.js';
import { ToolsHost } from '../context/tools-host.js';
import { WaitingHost } from '../context/waiting-host.js';
import { RunBegins, WorkflowHost } from '../context/workflow-host.js';
import { AskedApprovals } from '../reporting/asked-approvals.js';
import { AskMeter } from '../reporting/ask-meter.js';
import { EndedSteps } from '../reporting/ended-steps.js';
import { AttemptMeter, HandlerMeter } from '../reporting/attempt-meter.js';
import { AttemptSpans } from '../reporting/attempt-spans.js';
import { DataMeter } from '../reporting/data-meter.js';
import { QueuedTasksPublisher } from '../reporting/queued-tasks.publisher.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { HandlerThreadPool, OwnHandlerThreadPool } from '../threads/handler-thread-pool.js';
import { AgentRegistrar, ExportedSkills, HeartbeatReporter } from './registration.js';

const claims: Provider = {
  provide: TaskClaims,
  inject: [AsyncCommitDatabase, AgentProfile, AgentEnv, ServiceInfo],
  useFactory: (database: AsyncCommitDatabase, { name }: AgentProfile, env: AgentEnv, { instance }: ServiceInfo) =>
    new TaskClaims(database, { agent: name, worker: instance, leaseMs: env.LEASE_S * 1_000 }),
};

const unclaimed: Provider = {
  provide: UnclaimedTasks,
  inject: [Database, AgentProfile, ServiceInfo],
  useFactory: (database: Database, { name }: AgentProfile, { instance }: ServiceInfo) =>
    new UnclaimedTasks(database, { agent: name, worker: instance }),
};

/** The threads that the process shares among its agents, or else one per slot. */
const threads: Provider = {
  provide: HandlerThreadPool,
  inject: [SharedResources, AgentEnv],
  useFactory: (resources: SharedResources, { CONCURRENCY, HANDLER_MEMORY_MB }: AgentEnv) =>
    resources.find(HandlerThreadPool) ??
    new OwnHandlerThreadPool({ maxThreads: CONCURRENCY, memoryMb: HANDLER_MEMORY_MB }),
};

/** Copies of data, which agents of one process share. */
const localFiles: Provider = {
  provide: LocalFiles,
  inject: [SharedResources],
  useFactory: (resources: SharedResources) => resources.find(LocalFiles) ?? new OwnLocalFiles(),
};

/** What the worker of an agent does beside running tasks. */
export interface AgentExtension {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
  /** Events that it hears. */
  readonly hears: readonly MessageKey[];
}

const noExtension: AgentExtension = { controllers: [], providers: [], hears: [] };

/** The worker of one agent. */
@Module({})
export class AgentModule {
  static forRoot(profile: AgentProfile, env: AgentEnv, { controllers, providers }: AgentExtension): DynamicModule {
    return {
      module: AgentModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, content: env, secrets: env, admission: env, asyncCommit: true }),
        MemoryModule.forRoot(env),
        MessagingModule.forRoot(serviceBroker(env)),
      ],
      controllers: [TaskConsumer, CancellationsConsumer, ...controllers],
      providers: [
        // Under this name too, when the agent has settings of its own beside these.
        { provide: AgentEnv, useValue: env },
        // An extension may begin runs in its own way.
        { provide: RunBegins, useExisting: WorkflowBegins },
        ...providers,
        { provide: AgentProfile, useValue: profile },
        claims,
        unclaimed,
        threads,
        localFiles,
        AgentRegistrar,
        AskedApprovals,
        AskConversations,
        AskHost,
        AskMeter,
        AttemptEnd,
        AttemptHost,
        AttemptMeter,
        AttemptRunner,
        AttemptSpans,
        DataHost,
        DataMeter,
        EndedSteps,
        ExportedSkills,
        HandlerMeter,
        Handlers,
        HeartbeatReporter,
        Intake,
        { provide: DispatchPort, useClass: QueuedTasksPublisher },
        KnownPauses,
        LeaseKeeper,
        MemoryHost,
        ModelCalls,
        ModelChoice,
        HostBreakers,
        SecretsHost,
        Slots,
        TaskEventPublisher,
        TelemetryHost,
        ToolsHost,
        UnclaimedRuns,
        WaitingHost,
        WorkflowHost,
      ],
    };
  }
}

const cancellations = { exchange: exchange.events.name, pattern: 'task.cancelled' } as const;

/** Share of SHUTDOWN_TIMEOUT_S that messages get to end: more than attempts get, so that releases are written. */
const drainShare = 0.9;

/**
 * An agent as a service: it takes tasks from its queue and runs the operations of its skills.
 * @param extension what its worker does beside
 * @throws TypeError when a task type or an operation is there twice
 */
export const defineAgent = (
  description: AgentDescription,
  extension: AgentExtension = noExtension,
): ServiceDefinition<AgentEnv> => {
  const profile = new AgentProfile(description);
  return {
    name: profile.name,
    defaultPort: description.defaultPort,
    env: AgentEnv,
    module: (env) => AgentModule.forRoot(profile, env, extension),
    microservices: (app, env) => server(profile, app, env, extension.hears),
  };
};

const server = (
  { name }: AgentProfile,
  app: NestFastifyApplication,
  env: AgentEnv,
  hears: readonly MessageKey[],
): BrokerServer => {
  const heard = hears.map((pattern) => ({ exchange: exchange.events.name, pattern }));
  return new BrokerServer(
    app.get(Broker),
    [
      // Unacknowledged messages are running tasks, so the prefetch leaves room for the free slots only.
      { queue: queue.agent(name), bindings: [], prefetch: env.CONCURRENCY, pattern: 'task.dispatch' },
      { queue: { temporaryFor: 'cancellations' }, bindings: [cancellations, ...heard], prefetch: 100 },
    ],
    app.get(Logger),
    { drainMs: env.SHUTDOWN_TIMEOUT_S * 1_000 * drainShare },
  );
};
