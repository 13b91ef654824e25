// The life of the coordinator: the configuration says which servers there are, these list their tools, the tools become known.
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger, processEnv } from '@pulser/service-kit';

import { openOwnServer, ownServers } from './configuration/own-servers.js';
import { ServersConfiguration } from './configuration/servers-configuration.js';
import { McpCoordinatorEnv } from './mcp-coordinator.env.js';
import { ChildGuard } from './protocol/child-guard.js';
import { ToolRegistry } from './registry/tool-registry.js';
import { ServerReports } from './reporting/server-reports.js';
import { Launcher } from './upstreams/launcher.js';
import { Upstreams } from './upstreams/upstreams.js';

/** The servers of a coordinator, with what hears of them. */
export const upstreamsOf = (
  env: McpCoordinatorEnv,
  guard: ChildGuard,
  registry: ToolRegistry,
  reports: ServerReports,
): Upstreams =>
  new Upstreams({
    launcher: new Launcher(
      guard,
      (server) => openOwnServer(server, processEnv()),
      (server, line) => {
        reports.line(server, line);
      },
    ),
    times: env.upstreamTimes,
    startLimit: env.MCP_START_LIMIT,
    onState: (state) => {
      reports.server(state);
    },
    onTools: (settings, list) => {
      // A definition that is nested too deep for JSON, for instance.
      registry.offer(settings, list).catch((error: unknown) => {
        registry.withdraw(settings.name);
        reports.oddity(settings.name, error as Error);
      });
    },
    onGone: (server) => {
      registry.withdraw(server);
      reports.gone(server);
    },
    onOddity: (server, error) => {
      reports.oddity(server, error);
    },
  });

@Injectable()
export class Coordinator implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly configuration: ServersConfiguration;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly registry: ToolRegistry,
    private readonly guard: ChildGuard,
    reports: ServerReports,
    env: McpCoordinatorEnv,
    logger: Logger,
  ) {
    const variables = processEnv();
    this.configuration = new ServersConfiguration({
      file: env.MCP_CONFIG_FILE,
      own: ownServers(env.MCP_SERVERS_MODE, variables),
      variables,
      logger,
      onServers: (servers) => {
        upstreams.apply(servers);
      },
    });
    registry.onChange(({ server, quarantined }) => {
      reports.quarantine(server, quarantined);
    });
  }

  // Servers start in the background: whoever asks for a tool before its server is there is told so.
  async onApplicationBootstrap(): Promise<void> {
    await this.configuration.begin();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.configuration.close();
    await this.upstreams.close();
    this.registry.close();
    this.guard.close();
  }
}
