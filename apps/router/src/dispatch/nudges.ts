import { Injectable } from '@nestjs/common';
import { type AgentName, amqpPriority, type SubmittedTask } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { RouterMeter } from '../reporting/router-meter.js';

/** Nudges need only differ from one another while they may be delivered again: 48 random bits do. */
const nudgeSpan = 2 ** 48;

/** Sends "look at this row now" to an agent. */
@Injectable()
export class Nudges {
  constructor(
    private readonly publisher: Publisher,
    private readonly meter: RouterMeter,
  ) {}

  /** Resolves when the broker has it, or will not: then the row's own time brings it back. */
  async send(
    agent: AgentName,
    { priority, task_id, tenant_id, task_type, payload, traceparent }: SubmittedTask,
  ): Promise<void> {
    const nudge = {
      task_id,
      tenant_id,
      task_type,
      nudge: Math.floor(Math.random() * nudgeSpan),
      ...(payload !== undefined && { payload }),
      ...(traceparent !== undefined && { traceparent }),
    };
    try {
      await this.publisher.nudge(agent, nudge, amqpPriority[priority]);
      this.meter.routed(task_type, agent);
    } catch {
      this.meter.nudgeLost();
    }
  }
}
