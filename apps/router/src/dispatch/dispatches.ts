import { Injectable } from '@nestjs/common';
import { type AgentName, amqpPriority, type Priority, type SubmittedTask, type TaskDispatch } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { RouterMeter } from '../reporting/router-meter.js';

/** Dispatches need only differ from one another while they may be delivered again: 48 random bits do. */
const dispatchIdSpan = 2 ** 48;

/** Sends "look at these rows now" to an agent. */
@Injectable()
export class Dispatches {
  constructor(
    private readonly publisher: Publisher,
    private readonly meter: RouterMeter,
  ) {}

  /** One message. Resolves when the broker has it, or will not: then the rows' own time brings them back. */
  async send(agent: AgentName, priority: Priority, tasks: readonly SubmittedTask[]): Promise<void> {
    const dispatchId = Math.floor(Math.random() * dispatchIdSpan);
    const dispatches = tasks.map((task) => dispatchOf(task, dispatchId));
    try {
      await this.publisher.dispatch(agent, dispatches, amqpPriority[priority]);
      for (const { task_type } of tasks) this.meter.routed(task_type, agent);
    } catch {
      this.meter.dispatchesLost(tasks.length);
    }
  }
}

const dispatchOf = (
  { task_id, tenant_id, task_type, payload, traceparent }: SubmittedTask,
  dispatchId: number,
): TaskDispatch => ({
  task_id,
  tenant_id,
  task_type,
  dispatch_id: dispatchId,
  nudge: dispatchId,
  ...(payload !== undefined && { payload }),
  ...(traceparent !== undefined && { traceparent }),
});
