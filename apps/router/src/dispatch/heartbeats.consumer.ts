import { Payload } from '@nestjs/microservices';
import type { AgentHeartbeat } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { Lanes } from './lanes.js';

/** Measures how fast the agents are. */
@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(private readonly lanes: Lanes) {}

  @OnMessage('agent.heartbeat')
  beat(@Payload() heartbeat: AgentHeartbeat): void {
    const lane = this.lanes.of(heartbeat.agent);
    lane.rate.heard(heartbeat, performance.now(), lane.depth > 0);
  }
}
