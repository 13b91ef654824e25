import { Injectable } from '@nestjs/common';
import { type AgentName, priorities, type Priority, type SubmittedTask } from '@pulser/contracts';
import { type Dispatchable, TaskBacklog } from '@pulser/context-bus';

import { routeOf } from './route.policy.js';
import type { AgentLane } from './agent-lane.js';
import { Lanes } from './lanes.js';
import { Nudges } from './nudges.js';

/** Rows taken by one statement. */
const mostAtOnce = 500;

/** Sends tasks to their agents: new ones straight through while there is room, waiting ones in their order. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly lanes: Lanes,
    private readonly nudges: Nudges,
    private readonly backlog: TaskBacklog,
  ) {}

  /** Resolves when the broker has every nudge that was sent; a nudge that was not waits as a row. */
  async offer(tasks: readonly SubmittedTask[]): Promise<void> {
    const sent: Promise<void>[] = [];
    for (const task of tasks) {
      const agent = routeOf(task.task_type);
      if (this.lanes.of(agent).admit(task.priority, task.task_id)) sent.push(this.nudges.send(agent, task));
    }
    await Promise.all(sent);
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

  private async drainLane(lane: AgentLane, priority: Priority): Promise<void> {
    const mark = lane.mark(priority);
    while (mark.exists) {
      const limit = Math.min(mostAtOnce, lane.room(priority));
      if (limit === 0) return;
      const rows = await mark.work(limit, (dropped) => this.backlog.take(lane.agent, priority, dropped, limit));
      lane.sent(rows.length);
      await Promise.all(rows.map((row) => this.nudges.send(lane.agent, submittedOf(row))));
    }
  }
}

const submittedOf = ({
  payload,
  traceparent,
  task_id,
  tenant_id,
  task_type,
  priority,
}: Dispatchable): SubmittedTask => ({
  task_id,
  tenant_id,
  task_type,
  priority,
  ...(payload !== null && { payload }),
  ...(traceparent !== null && { traceparent }),
});
