import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Dispatchable, maxBatch, TaskBacklog } from '@pulser/context-bus';
import { priorities, type Priority, type SubmittedTask } from '@pulser/contracts';
import { Dispatches, inMessages } from '@pulser/messaging';
import { Rounds } from '@pulser/service-kit';

import { type AgentQueueWindow, AgentQueueWindows } from './agent-queue-window.js';
import { GatewayCredit } from './gateway-credit.js';
import { Routes } from './routes.js';

/** Milliseconds between two measurements of the queues: how long free room may go unused. */
const fillEveryMs = 100;

/** Sends tasks to their agents: new ones straight through while there is room, waiting ones in their order. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap {
  /** When tasks of each window were last found to lie with an agent that has failed. */
  private readonly failures = new Map<AgentQueueWindow, number | undefined>();

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
    const byAgent = Map.groupBy(tasks, ({ task_type, task_id }) => this.routes.agentFor(task_type, task_id));
    // A row of a type that no agent has registered any more waits for one.
    byAgent.delete(undefined);
    await Promise.all([...byAgent].map(([agent = '', same]) => this.offerTo(this.windows.of(agent), same)));
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
    // No task may come that would have it read: what waits for an agent that has failed must go on.
    await this.routes.refresh();
    await this.takeBack();
    const { open, refusals } = await this.windows.measure((window) => this.takerOf(window));
    for (const [taker, waiting] of Map.groupBy(open, (window) => this.takerOf(window)))
      for (const priority of priorities) await this.fill(taker, waiting, priority);
    if (refusals.length > 0) throw new AggregateError(refusals, 'queues that the broker does not measure');
  }

  /** Makes what this router sent to agents that have failed, before it knew, due again: the next dequeue sends it elsewhere. */
  private async takeBack(): Promise<void> {
    for (const window of this.windows.all) {
      const resendBefore = this.routes.resendBefore(window.agent)?.getTime();
      if (resendBefore === this.failures.get(window)) continue;
      const tasks =
        resendBefore === undefined ? [] : window.lastSent.takeBack(this.takerOf(window).agent, performance.now());
      if (tasks.length > 0) await this.taskBacklog.makeDue(tasks);
      this.failures.set(window, resendBefore);
      for (const priority of priorities) window.backlog(priority).markPossible();
    }
  }

  /** Who takes what waits in the backlog of a window: its agent, or the one that stands in for it. */
  private takerOf(window: AgentQueueWindow): AgentQueueWindow {
    return this.windows.of(this.routes.standInFor(window.agent));
  }

  /** Fills a queue, in equal parts from the backlogs of its own agent and of those for which that stands in. */
  private async fill(
    taker: AgentQueueWindow,
    backlogs: readonly AgentQueueWindow[],
    priority: Priority,
  ): Promise<void> {
    const waiting = backlogs.filter((window) => window.backlog(priority).mayHaveBacklog);
    for (const [n, window] of waiting.entries())
      await this.drain(window, priority, taker, Math.ceil(taker.room(priority) / (waiting.length - n)));
  }

  /** Sends up to `most` tasks that wait for an agent, as long as there is room. */
  private async drain(
    window: AgentQueueWindow,
    priority: Priority,
    taker: AgentQueueWindow,
    most: number,
  ): Promise<void> {
    const tracker = window.backlog(priority);
    const fairShares = window.fairShares[priority];
    let left = most;
    while (tracker.mayHaveBacklog) {
      const limit = Math.min(maxBatch, left, taker.room(priority));
      if (limit <= 0) return;
      const { sent } = await tracker.drain(async (skippedFrom) => {
        const resendBefore = this.routes.resendBefore(window.agent);
        const request = { limit, shares: fairShares.snapshot, skippedFrom, resendBefore };
        const batch = await this.taskBacklog.take({ agent: window.agent, priority }, request);
        fairShares.charge(batch.shares);
        left -= batch.rows.length;
        // Before the dequeue counts as over: what was held meanwhile is younger.
        const sending = this.split(batch.rows, window, taker).map(([target, tasks]) => {
          target.sent(priority, tasks.length);
          window.lastSent.record(target.agent, tasks, performance.now());
          return this.send(target, tasks);
        });
        return { more: batch.more, sent: Promise.all(sending) };
      });
      await sent;
    }
  }

  /** Sends aged rows of lower priority before newer ones, as many as there is credit for with the agent that takes them. */
  private async boostAged(window: AgentQueueWindow, agingS: number): Promise<void> {
    const { agent, fairShares } = window;
    const taker = this.takerOf(window);
    const limit = taker.agingCredit.allowed;
    if (limit <= 0) return;
    const batch = await this.taskBacklog.dequeueAged(agent, agingS, { limit, shares: fairShares.aged.snapshot });
    fairShares.aged.charge(batch.shares);
    taker.agingCredit.boosted(batch.rows.length);
    const sending = this.split(batch.rows, window, taker).map(([target, tasks]) => {
      target.sentAhead(tasks.length);
      return this.send(target, tasks);
    });
    await Promise.all(sending);
  }

  /**
   * Rows that waited for an agent, by who gets them. While the agent gets a part of its tasks only, what finds no room there
   * goes to `taker` too: an agent on trial must not hold up what waits.
   */
  private split(
    rows: readonly Dispatchable[],
    window: AgentQueueWindow,
    taker: AgentQueueWindow,
  ): [AgentQueueWindow, SubmittedTask[]][] {
    const byAgent = new Map<AgentQueueWindow, SubmittedTask[]>();
    for (const row of rows) {
      const routed = this.windows.of(this.routes.agentFor(row.task_type, row.task_id) ?? window.agent);
      const isFull = routed !== taker && (byAgent.get(routed)?.length ?? 0) >= routed.room(row.priority);
      const target = isFull && this.routes.runs(taker.agent, row.task_type) ? taker : routed;
      const same = byAgent.get(target);
      if (same === undefined) byAgent.set(target, [submittedOf(row)]);
      else same.push(submittedOf(row));
    }
    return [...byAgent];
  }

  /** Tasks of any owner that go to one agent. */
  private async offerTo(taker: AgentQueueWindow, tasks: readonly SubmittedTask[]): Promise<void> {
    if (this.routes.allUndivided) return this.admit(taker, taker, tasks);
    const byOwner = Map.groupBy(tasks, ({ task_type }) => this.routes.ownerOf(task_type) ?? taker.agent);
    await Promise.all([...byOwner].map(([owner, same]) => this.admit(this.windows.of(owner), taker, same)));
  }

  /** What is not sent waits for its owner. */
  private async admit(
    owner: AgentQueueWindow,
    taker: AgentQueueWindow,
    tasks: readonly SubmittedTask[],
  ): Promise<void> {
    const byPriority = Map.groupBy(tasks, ({ priority }) => priority);
    await Promise.all(
      [...byPriority].map(async ([priority, same]) => {
        await owner.backlog(priority).dequeued();
        const admitted = same.filter(({ task_id }) => owner.admit(priority, task_id, taker));
        await this.send(taker, admitted);
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
