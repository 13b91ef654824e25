// Rows on their way to the workers of an agent: how they are divided into messages, what a message says, what is counted.
import { Injectable } from '@nestjs/common';
import {
  type AgentName,
  amqpPriority,
  type Priority,
  type SubmittedTask,
  type TaskDispatch,
  type TaskType,
} from '@pulser/contracts';
import { type Counter, Metrics } from '@pulser/service-kit';

import { Publisher } from './broker.js';

type Child = ReturnType<Counter['labels']>;

/** Dispatch ids need only differ while the messages may be delivered again: 48 random bits do. */
const dispatchIdSpan = 2 ** 48;

/** Divides tasks into as few messages of at most `most` tasks as there can be, all of about one size. */
export const inMessages = <T>(tasks: readonly T[], most: number): T[][] => {
  const messages = Math.ceil(tasks.length / most);
  const size = Math.ceil(tasks.length / messages);
  return Array.from({ length: messages }, (_, n) => tasks.slice(n * size, (n + 1) * size));
};

/** Sends tasks to the workers of an agent; routers and gateways do. */
@Injectable()
export class Dispatches {
  private readonly decisions;
  private readonly lost;
  /** By task type and agent: resolved once, because every dispatch counts here. */
  private readonly decisionsOf = new Map<string, Child>();

  constructor(
    private readonly publisher: Publisher,
    metrics: Metrics,
  ) {
    this.decisions = metrics.counter({
      name: 'pulser_routing_decisions_total',
      help: 'Tasks sent to an agent',
      labelNames: ['task_type', 'agent'],
    });
    this.lost = metrics.counter({
      name: 'pulser_dispatches_lost_total',
      help: 'Dispatches that the broker did not take; their rows are found by their own time',
    });
  }

  /** One message of tasks of one priority. Resolves when the broker has it, or will not: then `due_at` brings the rows back. */
  async send(agent: AgentName, priority: Priority, tasks: readonly SubmittedTask[]): Promise<void> {
    const dispatchId = Math.floor(Math.random() * dispatchIdSpan);
    const dispatches = tasks.map((task) => dispatchOf(task, dispatchId));
    try {
      await this.publisher.dispatch(agent, dispatches, amqpPriority[priority]);
      for (const { task_type } of tasks) this.decision(task_type, agent).inc();
    } catch {
      this.lost.inc(tasks.length);
    }
  }

  private decision(taskType: TaskType, agent: AgentName): Child {
    const key = taskType + agent;
    const known = this.decisionsOf.get(key) ?? this.decisions.labels(taskType, agent);
    this.decisionsOf.set(key, known);
    return known;
  }
}

const dispatchOf = (
  { task_id, tenant_id, task_type, fresh, payload, traceparent }: SubmittedTask,
  dispatchId: number,
): TaskDispatch => ({
  task_id,
  tenant_id,
  task_type,
  dispatch_id: dispatchId,
  nudge: dispatchId,
  ...(fresh && { fresh }),
  ...(payload !== undefined && { payload }),
  ...(traceparent !== undefined && { traceparent }),
});
