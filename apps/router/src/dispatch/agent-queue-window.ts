// One agent's queue as a router sees it: how full it is and may be, the backlog behind it, aging, and the windows of all agents.
import { Injectable } from '@nestjs/common';
import { settlesWithin } from '@pulser/concurrency';
import { FairShares, type Watermark } from '@pulser/context-bus';
import { type AgentHeartbeat, type AgentName, priorities, type Priority, queue } from '@pulser/contracts';
import { Broker, LiveWorkers } from '@pulser/messaging';

import { RouterEnv } from '../router.env.js';
import { LastSent } from './last-sent.js';
import { roomFor, tasksPerMessage, type WindowLimits, windowOf, type Workforce, WorkRate } from './work-rate.js';

/** One task in so many may be an aged one, so that newer ones of higher priority do not overtake it for ever. */
const every = 10;
/** Maximum credit, in tasks: the size of a burst of aged ones. */
const maxCredit = 100;

/** Counts the tasks sent ahead of those of lower priority, and how many aged ones may be boosted in return. */
export class AgingCredit {
  private credit = 0;

  /** Tasks of the lowest priority overtake none, and earn no credit. */
  sent(priority: Priority, tasks: number): void {
    if (priority !== 'low') this.credit = Math.min(maxCredit, this.credit + tasks / every);
  }

  /** Aged tasks that may be sent now. */
  get allowed(): number {
    return Math.floor(this.credit);
  }

  boosted(tasks: number): void {
    this.credit -= tasks;
  }
}

const earlier = (a: Watermark, b: Watermark): Watermark => {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
};

/** Milliseconds that new tasks wait for a dequeue in flight; a slower one makes them part of the backlog. */
const holdMs = 100;

/** Whether rows of one agent and priority wait in the database, and from which id on this router skipped their dispatch. */
export class BacklogTracker {
  private skippedFrom: Watermark;
  private possible = false;
  private moreWait = false;
  private dequeue: Promise<unknown> | undefined;

  /** Rows wait, or may wait: the router has to look for them. */
  get mayHaveBacklog(): boolean {
    return this.possible || this.hasBacklog;
  }

  /** While it has one, new tasks must not go straight through: they would overtake the rows that wait. */
  get hasBacklog(): boolean {
    return this.dequeue !== undefined || this.moreWait || this.skippedFrom !== undefined;
  }

  /** Rows may be waiting. New tasks go on until the next dequeue has seen some. */
  markPossible(): void {
    this.possible = true;
  }

  /** The dispatch of this task is not sent: its row waits. */
  skip(taskId: string): void {
    this.skippedFrom = earlier(this.skippedFrom, taskId);
  }

  /**
   * Resolves when no dequeue is in flight. What arrives during one is held here, unacknowledged and so bounded by the
   * prefetch: if it were skipped, each dequeue would leave a backlog for the next one.
   */
  async dequeued(): Promise<void> {
    if (this.dequeue !== undefined) await settlesWithin(holdMs, this.dequeue);
  }

  /**
   * Takes rows from the backlog; what is skipped meanwhile is remembered.
   * @param take gets the id from which on rows were skipped, and returns the rows it took and whether more wait
   */
  async drain<T extends { readonly more: boolean }>(take: (skippedFrom: Watermark) => Promise<T>): Promise<T> {
    const before = this.skippedFrom;
    this.skippedFrom = undefined;
    try {
      this.possible = false;
      const taking = take(before);
      this.dequeue = taking;
      const taken = await taking;
      this.moreWait = taken.more;
      if (taken.more) this.skippedFrom = earlier(before, this.skippedFrom);
      return taken;
    } catch (error) {
      this.possible = true;
      this.skippedFrom = earlier(before, this.skippedFrom);
      throw error;
    } finally {
      this.dequeue = undefined;
    }
  }
}

/** Weight of the newest message in the mean of tasks per message. */
const newest = 0.05;

/** One agent's queue as this router sees it: how full it is, how full it may be, and what waits behind it. */
export class AgentQueueWindow {
  readonly agingCredit = new AgingCredit();
  readonly fairShares: Readonly<Record<Priority | 'aged', FairShares>> = {
    high: new FairShares(),
    medium: new FairShares(),
    low: new FairShares(),
    aged: new FairShares(),
  };
  private readonly backlogs: Readonly<Record<Priority, BacklogTracker>> = {
    high: new BacklogTracker(),
    medium: new BacklogTracker(),
    low: new BacklogTracker(),
  };
  /** Of its backlog, to whichever agent. */
  readonly lastSent = new LastSent();
  private readonly workRate: WorkRate;
  /** The broker counts messages; this mean turns them into tasks. */
  private meanBatchSize = 1;
  private measuredDepth = 0;
  private sentSinceMeasured = 0;
  private settledSinceMeasured = 0;

  constructor(
    readonly agent: AgentName,
    private readonly limits: WindowLimits,
    workers: LiveWorkers,
  ) {
    this.workRate = new WorkRate(agent, workers);
  }

  /**
   * Whether a dispatch may go straight through; otherwise its task waits as a row.
   * @param taker the window of the agent that takes it: this one, or one that stands in for it and has no backlog either
   */
  admit(priority: Priority, taskId: string, taker: AgentQueueWindow = this): boolean {
    const backlog = this.backlogs[priority];
    if (!backlog.hasBacklog && !taker.backlogs[priority].hasBacklog && taker.room(priority) > 0) {
      taker.sent(priority, 1);
      return true;
    }
    backlog.skip(taskId);
    return false;
  }

  backlog(priority: Priority): BacklogTracker {
    return this.backlogs[priority];
  }

  /** Tasks of this priority that still fit. */
  room(priority: Priority): number {
    return roomFor(priority, windowOf(this.workforceAt(performance.now()), this.limits), this.depth);
  }

  sent(priority: Priority, tasks: number): void {
    this.sentSinceMeasured += tasks;
    this.agingCredit.sent(priority, tasks);
  }

  /** A gateway has sent tasks to the queue, in so many messages. */
  sentByGateway(priority: Priority, tasks: number, messages: number): void {
    this.sent(priority, tasks);
    this.settled(tasks);
    for (let n = 0; n < messages; n += 1) this.recordBatchSize(tasks / messages);
  }

  /** Aged tasks are sent before others: that earns no credit. */
  sentAhead(tasks: number): void {
    this.sentSinceMeasured += tasks;
  }

  /** The broker has tasks that were sent, or will not get them. */
  settled(tasks: number): void {
    this.settledSinceMeasured += tasks;
  }

  /** Whether the queue may hold something or something waits for it: otherwise its depth need not be measured. */
  get active(): boolean {
    return this.depth > 0 || priorities.some((priority) => this.backlogs[priority].mayHaveBacklog);
  }

  /** Most tasks that may share a message. */
  get maxBatch(): number {
    return tasksPerMessage(this.workforceAt(performance.now()));
  }

  /** So many tasks went in one message. */
  recordBatchSize(tasks: number): void {
    this.meanBatchSize += newest * (tasks - this.meanBatchSize);
  }

  /** @param now of a monotonic clock, milliseconds */
  workforceAt(now: number): Workforce {
    return this.workRate.workforceAt(now);
  }

  /** @param now of a monotonic clock, milliseconds */
  heard(heartbeat: AgentHeartbeat, now: number): void {
    this.workRate.heard(heartbeat, now, this.measuredDepth >= heartbeat.slots);
  }

  /** Reads the depth from the broker. It is sure to include only what had settled before; the rest is counted on top. */
  async measure(messages: () => Promise<number>): Promise<void> {
    const settledBefore = this.settledSinceMeasured;
    this.measuredDepth = Math.round((await messages()) * this.meanBatchSize);
    this.sentSinceMeasured -= settledBefore;
    this.settledSinceMeasured -= settledBefore;
  }

  /** Tasks in the queue, as far as this router can know. */
  private get depth(): number {
    return this.measuredDepth + this.sentSinceMeasured;
  }
}

/** The windows of all agents that this router has met. */
@Injectable()
export class AgentQueueWindows {
  private readonly byAgent = new Map<AgentName, AgentQueueWindow>();
  private readonly limits: WindowLimits;

  constructor(
    private readonly broker: Broker,
    private readonly workers: LiveWorkers,
    { WINDOW_S, WINDOW_MAX }: RouterEnv,
  ) {
    this.limits = { seconds: WINDOW_S, max: WINDOW_MAX };
  }

  /** Opened when the agent is first met. */
  of(agent: AgentName): AgentQueueWindow {
    const known = this.byAgent.get(agent);
    if (known !== undefined) return known;
    const window = new AgentQueueWindow(agent, this.limits, this.workers);
    this.byAgent.set(agent, window);
    return window;
  }

  /** Those that this router has met. */
  get agents(): AgentName[] {
    return [...this.byAgent.keys()];
  }

  get all(): AgentQueueWindow[] {
    return [...this.byAgent.values()];
  }

  get active(): AgentQueueWindow[] {
    return this.all.filter((window) => window.active);
  }

  /**
   * Measures the depths of the active queues.
   * @param takerOf the window into which the backlog of one goes
   * @returns the active windows whose taker was measured, and why others were not: one queue that the broker refuses must not
   * keep the other agents waiting
   */
  async measure(
    takerOf: (window: AgentQueueWindow) => AgentQueueWindow = (window) => window,
  ): Promise<{ readonly open: AgentQueueWindow[]; readonly refusals: unknown[] }> {
    if (this.broker.state !== 'up') return { open: [], refusals: [] };
    const windows = [...new Set(this.active.flatMap((window) => [window, takerOf(window)]))];
    const answers = await Promise.allSettled(
      windows.map((window) => window.measure(() => this.broker.depth(queue.agent(window.agent)))),
    );
    const measured = new Set(windows.filter((_, index) => answers[index]?.status === 'fulfilled'));
    return {
      open: this.active.filter((window) => measured.has(takerOf(window))),
      refusals: answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : [])),
    };
  }
}
