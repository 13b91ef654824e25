import { Payload } from '@nestjs/microservices';
import type { AgentHeartbeat } from '@pulser/contracts';
import { LiveWorkers, MessageConsumer, OnMessage } from '@pulser/messaging';

/** Hears every worker. A process that does not lead hears them too: it may lead in a moment. */
@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(private readonly workers: LiveWorkers) {}

  @OnMessage('agent.heartbeat')
  heard(@Payload() heartbeat: AgentHeartbeat): void {
    this.workers.heard(heartbeat);
  }
}
