import { Injectable } from '@nestjs/common';
import { type AgentName, priorities, type Priority, type SubmittedTask } from '@pulser/contracts';
import { type Dispatchable, maxBatch, TaskBacklog } from '@pulser/context-bus';

import { routeOf } from './route.policy.js';
import type { AgentQueueWindow } from './agent-queue-window.js';
import { Lanes } from './lanes.js';
import { Dispatches } from './dispatches.js';

/** Sends tasks to their agents: new ones straight through while there is room, waiting ones in their order. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly lanes: Lanes,
    private readonly dispatches: Dispatches,
    private readonly backlog: TaskBacklog,
  ) {}

  /** Resolves when the broker has every dispatch that was sent; a dispatch that was not waits as a row. */
  async offer(tasks: readonly SubmittedTask[]): Promise<void> {
    const admitted = tasks.filter((task) => this.laneOf(task).admit(task.priority, task.task_id));
    const lanes = Map.groupBy(admitted, (task) => this.laneOf(task));
    await Promise.all([...lanes].map(([lane, same]) => this.send(lane, same)));
  }

  /** Rows of this agent and priority may be waiting. */
  suspect(agent: AgentName, priority: Priority): void {
    this.lanes.of(agent).mark(priority).suspect();
  }

  /** Fills the rooms that are free. @throws DatabaseUnavailable */
  async drain(): Promise<void> {
    for (const lane of this.lanes.active) {
      for (const priority of priorities) await this.drainLane(lane, priority);
    }
  }

  /**
   * Lets tasks of lower priority that have waited for `seconds` past newer ones, as many as it is their turn.
   * @throws DatabaseUnavailable
   */
  async raise(agent: AgentName, seconds: number): Promise<void> {
    const lane = this.lanes.of(agent);
    const limit = lane.agingCredit.allowed;
    if (limit === 0) return;
    const taken = await this.backlog.dequeueAged(agent, seconds, { limit, shares: lane.shares.aged.snapshot });
    lane.agingCredit.boosted(taken.rows.length);
    lane.shares.aged.charge(taken.shares);
    await this.send(lane, taken.rows.map(submittedOf));
  }

  private async drainLane(lane: AgentQueueWindow, priority: Priority): Promise<void> {
    const mark = lane.mark(priority);
    const shares = lane.shares[priority];
    while (mark.exists) {
      const limit = Math.min(maxBatch, lane.room(priority));
      if (limit === 0) return;
      const taken = await mark.work((dropped) =>
        this.backlog.take({ agent: lane.agent, priority }, { limit, shares: shares.snapshot, dropped }),
      );
      shares.charge(taken.shares);
      lane.sent(priority, taken.rows.length);
      await this.send(lane, taken.rows.map(submittedOf));
    }
  }

  private laneOf({ task_type }: SubmittedTask): AgentQueueWindow {
    return this.lanes.of(routeOf(task_type));
  }

  /** A message holds tasks of one priority. */
  private async send(lane: AgentQueueWindow, tasks: readonly SubmittedTask[]): Promise<void> {
    const most = lane.perMessage;
    const sent: Promise<void>[] = [];
    for (const [priority, same] of Map.groupBy(tasks, (task) => task.priority)) {
      for (let from = 0; from < same.length; from += most) {
        const together = same.slice(from, from + most);
        lane.shared(together.length);
        sent.push(this.dispatches.send(lane.agent, priority, together));
      }
    }
    await Promise.all(sent);
  }
}

const submittedOf = ({
  payload,
  traceparent,
  task_id,
  tenant_id,
  task_type,
  priority,
  boosted,
}: Dispatchable): SubmittedTask => ({
  task_id,
  tenant_id,
  task_type,
  priority: boosted ? 'high' : priority,
  ...(payload !== null && { payload }),
  ...(traceparent !== null && { traceparent }),
});
