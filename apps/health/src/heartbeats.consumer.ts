import { Payload } from '@nestjs/microservices';
import type { AgentHeartbeat, McpHeartbeat } from '@pulser/contracts';
import { LiveWorkers, MessageConsumer, OnMessage } from '@pulser/messaging';

import { McpCoordinators } from './signals/mcp-coordinators.js';

/** Hears every worker and every MCP coordinator. A process that does not lead hears them too: it may lead in a moment. */
@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(
    private readonly workers: LiveWorkers,
    private readonly coordinators: McpCoordinators,
  ) {}

  @OnMessage('agent.heartbeat')
  heard(@Payload() heartbeat: AgentHeartbeat): void {
    this.workers.heard(heartbeat);
  }

  @OnMessage('mcp.heartbeat')
  heardCoordinator(@Payload() heartbeat: McpHeartbeat): void {
    this.coordinators.heard(heartbeat, performance.now());
  }
}
