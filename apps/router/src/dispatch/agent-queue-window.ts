import { type AgentName, priorities, type Priority } from '@pulser/contracts';
import { FairShares } from '@pulser/context-bus';

import { BacklogTracker } from './backlog-tracker.js';
import { AgingCredit } from './aging-credit.js';
import { roomFor, tasksPerMessage, type WindowLimits, windowOf } from './window.policy.js';
import { WorkRate } from './work-rate.js';

/** Weight of the newest message in the mean. */
const newest = 0.05;

/** One agent's queue as this router sees it: how full it is and what waits behind it. */
export class AgentQueueWindow {
  readonly rate = new WorkRate();
  readonly agingCredit = new AgingCredit();
  readonly shares: Readonly<Record<Priority | 'aged', FairShares>> = {
    high: new FairShares(),
    medium: new FairShares(),
    low: new FairShares(),
    aged: new FairShares(),
  };
  private readonly marks: Readonly<Record<Priority, BacklogTracker>> = {
    high: new BacklogTracker(),
    medium: new BacklogTracker(),
    low: new BacklogTracker(),
  };
  /** The queue says how many messages it holds; this is the mean of what was put into them. */
  private tasksAMessage = 1;
  private looked = 0;
  private sentSinceLook = 0;

  constructor(
    readonly agent: AgentName,
    private readonly limits: WindowLimits,
  ) {}

  /** Whether a dispatch may go straight through; a dropped one waits in the database. */
  admit(priority: Priority, taskId: string): boolean {
    const mark = this.marks[priority];
    if (!mark.exists && this.room(priority) > 0) {
      this.sent(priority, 1);
      return true;
    }
    mark.drop(taskId);
    return false;
  }

  mark(priority: Priority): BacklogTracker {
    return this.marks[priority];
  }

  room(priority: Priority): number {
    return roomFor(priority, windowOf(this.rate.workforce, this.limits), this.depth);
  }

  sent(priority: Priority, tasks: number): void {
    this.sentSinceLook += tasks;
    this.agingCredit.sent(priority, tasks);
  }

  /** Whether the queue may hold something or something waits for it, so that a look is worth it. */
  get active(): boolean {
    return this.depth > 0 || priorities.some((priority) => this.marks[priority].exists);
  }

  /** Most tasks that may share a message. */
  get perMessage(): number {
    return tasksPerMessage(this.rate.workforce);
  }

  /** So many tasks went together. */
  shared(tasks: number): void {
    this.tasksAMessage += newest * (tasks - this.tasksAMessage);
  }

  /** Tasks in the queue, as far as this router can know. */
  get depth(): number {
    return this.looked + this.sentSinceLook;
  }

  /** Asks for the depth; what is sent while the answer is under way is counted on top. */
  async look(ask: () => Promise<number>): Promise<void> {
    const sentBefore = this.sentSinceLook;
    this.looked = Math.round((await ask()) * this.tasksAMessage);
    this.sentSinceLook -= sentBefore;
  }
}
