import { Payload } from '@nestjs/microservices';
import type { AgentHeartbeat } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { LiveWorkers } from './live-workers.js';

@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(private readonly workers: LiveWorkers) {}

  @OnMessage('agent.heartbeat')
  beat(@Payload() heartbeat: AgentHeartbeat): void {
    this.workers.hear(heartbeat);
  }
}
