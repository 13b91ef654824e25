// What the servers of tools are like, for others: events, metrics, the log.
import { Injectable } from '@nestjs/common';
import { Publisher } from '@pulser/messaging';
import { Logger, Metrics, ServiceInfo } from '@pulser/service-kit';

import { serverStatus } from '../calls/server-states.js';
import { serverStates } from '../upstreams/lifecycle.policy.js';
import type { ServerState } from '../upstreams/upstream.js';

@Injectable()
export class ServerReports {
  private readonly state;
  private readonly tools;
  private readonly quarantined;
  private readonly starts;
  private readonly startsSeen = new Map<string, number>();

  constructor(
    private readonly publisher: Publisher,
    private readonly info: ServiceInfo,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.state = metrics.gauge({
      name: 'pulser_mcp_server_state',
      help: '1 for the state that an MCP server is in, else 0',
      labelNames: ['server', 'state'] as const,
    });
    this.tools = metrics.gauge({
      name: 'pulser_mcp_server_tools',
      help: 'Tools that an MCP server lists',
      labelNames: ['server'] as const,
    });
    this.quarantined = metrics.gauge({
      name: 'pulser_mcp_quarantined_tools',
      help: 'Tools of an MCP server whose definition waits for a review',
      labelNames: ['server'] as const,
    });
    this.starts = metrics.counter({
      name: 'pulser_mcp_server_starts_total',
      help: 'Starts of an MCP server',
      labelNames: ['server'] as const,
    });
  }

  /** The state has changed, or the tools have. */
  server(state: ServerState): void {
    const { server, starts, lastError } = state;
    for (const name of serverStates) this.state.labels(server, name).set(name === state.state ? 1 : 0);
    this.tools.labels(server).set(state.tools);
    this.starts.labels(server).inc(Math.max(0, starts - (this.startsSeen.get(server) ?? 0)));
    this.startsSeen.set(server, starts);
    const isBad = state.state === 'backing-off' || state.state === 'degraded';
    if (isBad) this.logger.warn({ server, state: state.state, reason: lastError }, 'an MCP server is not well');
    else this.logger.info({ server, state: state.state, tools: state.tools }, 'an MCP server has changed');
    this.publish(state);
  }

  /** The tools of a server have changed, of which these wait for a review. */
  quarantine(server: string, tools: readonly string[]): void {
    this.quarantined.labels(server).set(tools.length);
    this.hint();
  }

  gone(server: string): void {
    for (const name of serverStates) this.state.remove(server, name);
    this.tools.remove(server);
    this.quarantined.remove(server);
    this.startsSeen.delete(server);
  }

  oddity(server: string, err: Error): void {
    this.logger.warn({ server, err }, 'an MCP server sent what is none of the protocol');
  }

  /** A line that a server wrote to its stderr. */
  line(server: string, text: string): void {
    this.logger.debug({ server, text: text.slice(0, 2_000) }, 'an MCP server says');
  }

  private publish(state: ServerState): void {
    const body = { ...serverStatus(state), instance: this.info.instance, at: new Date().toISOString() };
    // Whoever misses it asks.
    this.publisher.publish('mcp.server-changed', body).catch(() => undefined);
    this.hint();
  }

  /** Pages of all tenants that are open show it at once; nothing depends on its arrival. */
  private hint(): void {
    this.publisher.publish('tenant.changed', { what: ['mcp'] }).catch(() => undefined);
  }
}
