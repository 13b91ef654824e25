import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Dispatchable, maxBatch, TaskBacklog } from '@pulser/context-bus';
import { priorities, type Priority, type SubmittedTask } from '@pulser/contracts';
import { Dispatches, inMessages } from '@pulser/messaging';

import { Rounds } from '../rounds.js';
import { type AgentQueueWindow, AgentQueueWindows } from './agent-queue-window.js';
import { GatewayCredit } from './gateway-credit.js';
import { Routes } from './routes.js';

/** Milliseconds between two measurements of the queues: how long free room may go unused. */
const fillEveryMs = 100;

/** Sends tasks to their agents: new ones straight through while there is room, waiting ones in their order. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  constructor(
    private readonly routes: Routes,
    private readonly windows: AgentQueueWindows,
    private readonly taskBacklog: TaskBacklog,
    private readonly dispatches: Dispatches,
    private readonly credit: GatewayCredit,
    private readonly rounds: Rounds,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(fillEveryMs, () => this.fillAndGrant());
  }

  /** Resolves when the broker has every dispatch that was sent; a task whose dispatch was not sent waits as a row. */
  async offer(tasks: readonly SubmittedTask[]): Promise<void> {
    await this.routes.refresh();
    const byAgent = Map.groupBy(tasks, ({ task_type }) => this.routes.agentFor(task_type));
    // A row of a type that no agent has registered any more waits for one.
    byAgent.delete(undefined);
    await Promise.all([...byAgent].map(([agent = '', same]) => this.admit(this.windows.of(agent), same)));
  }

  /**
   * Marks each agent and priority with queued rows, and boosts the rows that have waited longest.
   * @param agingS seconds after which a row counts as aged
   * @throws DatabaseUnavailable
   */
  async revisitBacklog(agingS: number): Promise<void> {
    const waiting = await this.taskBacklog.waiting();
    for (const { agent, priority } of waiting) this.windows.of(agent).backlog(priority).markPossible();
    const overtaken = waiting.filter(({ priority }) => priority !== 'high').map(({ agent }) => agent);
    for (const agent of new Set(overtaken)) await this.boostAged(this.windows.of(agent), agingS);
  }

  // In this order: what is granted is the room that is left when waiting rows have theirs.
  private async fillAndGrant(): Promise<void> {
    try {
      await this.fillWindows();
    } finally {
      await this.credit.grant(performance.now());
    }
  }

  private async fillWindows(): Promise<void> {
    const { measured, refusals } = await this.windows.measure();
    for (const window of measured) {
      for (const priority of priorities) await this.drain(window, priority);
    }
    if (refusals.length > 0) throw new AggregateError(refusals, 'queues that the broker does not measure');
  }

  private async drain(window: AgentQueueWindow, priority: Priority): Promise<void> {
    const tracker = window.backlog(priority);
    const fairShares = window.fairShares[priority];
    while (tracker.mayHaveBacklog) {
      const limit = Math.min(maxBatch, window.room(priority));
      if (limit === 0) return;
      const { sent } = await tracker.drain(async (skippedFrom) => {
        const request = { limit, shares: fairShares.snapshot, skippedFrom };
        const batch = await this.taskBacklog.take({ agent: window.agent, priority }, request);
        fairShares.charge(batch.shares);
        window.sent(priority, batch.rows.length);
        // Before the dequeue counts as over: what was held meanwhile is younger.
        return { more: batch.more, sent: this.send(window, batch.rows.map(submittedOf)) };
      });
      await sent;
    }
  }

  /** Sends aged rows of lower priority before newer ones, as many as the agent has credit for. */
  private async boostAged(window: AgentQueueWindow, agingS: number): Promise<void> {
    const { agent, agingCredit, fairShares } = window;
    const limit = agingCredit.allowed;
    if (limit === 0) return;
    const batch = await this.taskBacklog.dequeueAged(agent, agingS, { limit, shares: fairShares.aged.snapshot });
    window.boosted(batch.rows.length);
    fairShares.aged.charge(batch.shares);
    await this.send(window, batch.rows.map(submittedOf));
  }

  private async admit(window: AgentQueueWindow, tasks: readonly SubmittedTask[]): Promise<void> {
    const byPriority = Map.groupBy(tasks, ({ priority }) => priority);
    await Promise.all(
      [...byPriority].map(async ([priority, same]) => {
        await window.backlog(priority).dequeued();
        const admitted = same.filter(({ task_id }) => window.admit(priority, task_id));
        await this.send(window, admitted);
      }),
    );
  }

  /** A message holds tasks of one priority. */
  private async send(window: AgentQueueWindow, tasks: readonly SubmittedTask[]): Promise<void> {
    const sent: Promise<void>[] = [];
    for (const [priority, same] of Map.groupBy(tasks, (task) => task.priority))
      for (const batch of inMessages(same, window.maxBatch)) sent.push(this.publish(window, priority, batch));
    await Promise.all(sent);
  }

  private async publish(window: AgentQueueWindow, priority: Priority, tasks: readonly SubmittedTask[]): Promise<void> {
    window.recordBatchSize(tasks.length);
    await this.dispatches.send(window.agent, priority, tasks);
    window.settled(tasks.length);
  }
}

/** A row of the backlog as the message that announced it would have been. */
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
