import { type DynamicModule, Module } from '@nestjs/common';
import { ContextBusModule } from '@pulser/context-bus';
import { exchange } from '@pulser/contracts';
import { Broker, BrokerServer, LiveWorkers, MessagingModule, serviceBroker } from '@pulser/messaging';
import { OutgoingModule } from '@pulser/outgoing';
import { Logger, Rounds, type ServiceDefinition } from '@pulser/service-kit';

import { HealthEnv } from './health.env.js';
import { HeartbeatsConsumer } from './heartbeats.consumer.js';
import { AgentIncidents } from './incidents/agent-incidents.js';
import { Leadership } from './leadership/leadership.js';
import { MachineWatch } from './machine/machine-watch.js';
import { NotificationSender } from './notifications/sender.js';
import { Sinks } from './notifications/sinks.js';
import { HealthHistory } from './reporting/health-history.js';
import { HealthMetrics } from './reporting/health-metrics.js';
import { HealthReports } from './reporting/health-reports.js';
import { AgentFacts } from './signals/agent-facts.js';
import { CanaryRound } from './signals/canary-round.js';
import { McpCoordinators } from './signals/mcp-coordinators.js';
import { WatchedAgents } from './signals/watched-agents.js';
import { Watch } from './watch.js';

@Module({})
export class HealthModule {
  static forRoot(env: HealthEnv): DynamicModule {
    return {
      module: HealthModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, secrets: env }),
        MessagingModule.forRoot(serviceBroker(env)),
        OutgoingModule.forRoot(env),
      ],
      controllers: [HeartbeatsConsumer],
      providers: [
        ...[Leadership, LiveWorkers, Rounds, Watch],
        ...[AgentFacts, CanaryRound, McpCoordinators, WatchedAgents],
        ...[AgentIncidents, HealthHistory, HealthMetrics, HealthReports],
        ...[MachineWatch, NotificationSender, Sinks],
      ],
    };
  }
}

const heartbeats = (['agent.heartbeat', 'mcp.heartbeat'] as const).map((pattern) => ({
  exchange: exchange.events.name,
  pattern,
}));
const prefetch = 100;

/** Notices agents that fail, has them replaced, and reports them; and servers of tools. */
export const health: ServiceDefinition<HealthEnv> = {
  name: 'health',
  defaultPort: 8002,
  env: HealthEnv,
  module: (env) => HealthModule.forRoot(env),
  microservices: (app) =>
    new BrokerServer(
      app.get(Broker),
      [{ queue: { temporaryFor: 'heartbeats' }, bindings: heartbeats, prefetch }],
      app.get(Logger),
    ),
};
