import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ContextBusModule } from '@pulser/context-bus';
import { ProcessEmbedder } from '@pulser/embedding';
import { exchange, queue } from '@pulser/contracts';
import { Broker, BrokerServer, MessagingModule, serviceBroker } from '@pulser/messaging';
import { Breakers, Logger, processEnv, Rounds, type ServiceDefinition, SharedResources } from '@pulser/service-kit';

import { callProviders } from './calls/call-providers.js';
import { CallUpkeep } from './calls/call-upkeep.js';
import { ToolCallsConsumer } from './requests/tool-calls.consumer.js';
import { Coordinator, upstreamsOf } from './coordinator.js';
import { FindTool } from './door/find-tool.js';
import { ToolCallsAtDoor } from './door/tool-calls-at-door.js';
import { McpController } from './door/mcp.controller.js';
import { McpDoor } from './door/mcp-door.js';
import { OwnTools } from './door/own-tools.js';
import { PulserApi } from './door/pulser-api.js';
import { EmbedderLifetime } from './find/embedder-lifetime.js';
import { SearchPreparation } from './find/search-preparation.js';
import { ToolSearch } from './find/tool-search.js';
import { McpCoordinatorEnv } from './mcp-coordinator.env.js';
import { ChildGuard } from './protocol/child-guard.js';
import { ToolRegistry } from './registry/tool-registry.js';
import { McpHeartbeats } from './reporting/heartbeats.js';
import { ServerReports } from './reporting/server-reports.js';
import { Upstreams } from './upstreams/upstreams.js';

const upstreams: Provider = {
  provide: Upstreams,
  inject: [McpCoordinatorEnv, ChildGuard, ToolRegistry, ServerReports],
  useFactory: upstreamsOf,
};

const embedder = (env: McpCoordinatorEnv): Provider => ({
  provide: ProcessEmbedder,
  inject: [SharedResources, Breakers],
  useFactory: (resources: SharedResources, breakers: Breakers) =>
    resources.find(ProcessEmbedder) ?? new ProcessEmbedder(env, breakers),
});

const toolSearch: Provider = {
  provide: ToolSearch,
  inject: [ProcessEmbedder],
  useFactory: (found: ProcessEmbedder) => new ToolSearch(found),
};

@Module({})
export class McpCoordinatorModule {
  static forRoot(env: McpCoordinatorEnv): DynamicModule {
    return {
      module: McpCoordinatorModule,
      imports: [
        ContextBusModule.forRoot({ settings: env, secrets: env }),
        MessagingModule.forRoot(serviceBroker(env), { withoutBroker: 'agents cannot call tools' }),
      ],
      controllers: [McpController, ToolCallsConsumer],
      providers: [
        ...[ChildGuard, Coordinator, McpHeartbeats, ServerReports, ToolRegistry, upstreams],
        ...callProviders(processEnv()),
        ...[CallUpkeep, Rounds],
        ...[embedder(env), EmbedderLifetime, SearchPreparation, toolSearch],
        ...[FindTool, McpDoor, OwnTools, PulserApi, ToolCallsAtDoor],
      ],
    };
  }
}

/** Requests in hand at a time: each waits for its server in here. */
const maxCalls = 2_000;

const cancelled = { exchange: exchange.events.name, pattern: 'tool.cancelled' } as const;

/** Starts, watches and calls MCP servers, and is one itself. */
export const mcpCoordinator: ServiceDefinition<McpCoordinatorEnv> = {
  name: 'mcp-coordinator',
  defaultPort: 8_003,
  env: McpCoordinatorEnv,
  module: (env) => McpCoordinatorModule.forRoot(env),
  microservices: (app, env) =>
    new BrokerServer(
      app.get(Broker),
      [
        { queue: queue.toolCalls, bindings: [], prefetch: maxCalls },
        { queue: { temporaryFor: 'ends of tool calls' }, bindings: [cancelled], prefetch: 100 },
      ],
      app.get(Logger),
      { drainMs: env.MCP_DRAIN_S * 1_000 },
    ),
};
