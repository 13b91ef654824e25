import { Injectable } from '@nestjs/common';
import { type AgentName, amqpPriority, type Priority, type SubmittedTask, type TaskNudge } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { RouterMeter } from '../reporting/router-meter.js';

/** Nudges need only differ from one another while they may be delivered again: 48 random bits do. */
const nudgeSpan = 2 ** 48;

/** Sends "look at these rows now" to an agent. */
@Injectable()
export class Nudges {
  constructor(
    private readonly publisher: Publisher,
    private readonly meter: RouterMeter,
  ) {}

  /** One message. Resolves when the broker has it, or will not: then the rows' own time brings them back. */
  async send(agent: AgentName, priority: Priority, tasks: readonly SubmittedTask[]): Promise<void> {
    const nudge = Math.floor(Math.random() * nudgeSpan);
    const nudges = tasks.map((task) => nudgeOf(task, nudge));
    try {
      await this.publisher.nudge(agent, nudges, amqpPriority[priority]);
      for (const { task_type } of tasks) this.meter.routed(task_type, agent);
    } catch {
      this.meter.nudgesLost(tasks.length);
    }
  }
}

const nudgeOf = ({ task_id, tenant_id, task_type, payload, traceparent }: SubmittedTask, nudge: number): TaskNudge => ({
  task_id,
  tenant_id,
  task_type,
  nudge,
  ...(payload !== undefined && { payload }),
  ...(traceparent !== undefined && { traceparent }),
});
