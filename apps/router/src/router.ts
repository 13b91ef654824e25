import { type DynamicModule, Module } from '@nestjs/common';
import { ContextBusModule, DispatchPort, Intake, MemoryModule } from '@pulser/context-bus';
import { exchange, queue } from '@pulser/contracts';
import { Broker, BrokerServer, LiveWorkers, MessagingModule, serviceBroker } from '@pulser/messaging';
import { Logger, Rounds, type ServiceDefinition } from '@pulser/service-kit';

import { DeadLetterAlerter } from './dead-letters/alerter.js';
import { DeadLetterWriter } from './dead-letters/dead-letter.writer.js';
import { DeadLettersGauge } from './dead-letters/dead-letters.gauge.js';
import { AgentQueueWindows } from './dispatch/agent-queue-window.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { GatewayCredit } from './dispatch/gateway-credit.js';
import { KeyPlaces } from './dispatch/key-places.js';
import { Routes } from './dispatch/routes.js';
import { HookRounds } from './hooks/hook-rounds.js';
import { OrderDispatch, OrderIntake } from './intake/order-intake.js';
import { ApprovalRounds } from './maintenance/approval-rounds.js';
import { DueTasks } from './maintenance/due-tasks.js';
import { BudgetMeter } from './maintenance/budget-meter.js';
import { LostCalls } from './maintenance/lost-calls.js';
import { MemoryMaintenance } from './maintenance/memory-maintenance.js';
import { Reconciliation } from './maintenance/reconciliation.js';
import { Retention } from './maintenance/retention.js';
import { RollupRounds } from './maintenance/rollups.js';
import { AgentBreakerGauge, QueueDepthGauge, RouterMeter, SweepGauge } from './reporting/router-metrics.js';
import { ScalingSignal } from './scaling/scaling-signal.js';
import { ScheduleMeter } from './schedules/schedule-meter.js';
import { ScheduleRounds } from './schedules/schedule-rounds.js';
import { RouterConsumer } from './router.consumer.js';
import { RouterEnv } from './router.env.js';

@Module({})
export class RouterModule {
  static forRoot(env: RouterEnv): DynamicModule {
    return {
      module: RouterModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, content: env, admission: env }),
        MemoryModule.forRoot(env),
        MessagingModule.forRoot(serviceBroker(env)),
      ],
      controllers: [RouterConsumer],
      providers: [
        ...[AgentQueueWindows, Dispatcher, GatewayCredit, KeyPlaces, LiveWorkers, Routes],
        ...[Intake, OrderIntake, { provide: DispatchPort, useClass: OrderDispatch }],
        ...[ApprovalRounds, BudgetMeter, DueTasks, LostCalls, MemoryMaintenance, Reconciliation, Retention],
        ...[RollupRounds, Rounds, HookRounds, ScheduleMeter, ScheduleRounds],
        ...[DeadLetterAlerter, DeadLettersGauge, DeadLetterWriter],
        ...[AgentBreakerGauge, QueueDepthGauge, RouterMeter, ScalingSignal, SweepGauge],
      ],
    };
  }
}

/** Unacknowledged messages per queue: enough that one that waits for the database does not stop the others. */
const prefetch = 50;

/** What workers, health services and gateways say, to every router. */
const reports = ['agent.heartbeat', 'agent.health-changed', 'dispatch.reported', 'streams.reported'].map((pattern) => ({
  exchange: exchange.events.name,
  pattern,
}));

/** Gives each task to the right agent, and finds the tasks that are due. */
export const router: ServiceDefinition<RouterEnv> = {
  name: 'router',
  defaultPort: 8001,
  env: RouterEnv,
  module: (env) => RouterModule.forRoot(env),
  microservices: (app) =>
    new BrokerServer(
      app.get(Broker),
      [
        { queue: queue.routerTasks, bindings: [], prefetch },
        { queue: { temporaryFor: 'heartbeats' }, bindings: reports, prefetch },
      ],
      app.get(Logger),
    ),
};
