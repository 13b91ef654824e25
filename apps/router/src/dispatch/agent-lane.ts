import { type AgentName, priorities, type Priority } from '@pulser/contracts';
import { Shares } from '@pulser/context-bus';

import { BacklogMark } from './backlog-mark.js';
import { Overtaking } from './overtaking.js';
import { roomFor, tasksPerMessage, type WindowLimits, windowOf } from './window.policy.js';
import { WorkRate } from './work-rate.js';

/** Weight of the newest message in the mean. */
const newest = 0.05;

/** One agent's queue as this router sees it: how full it is and what waits behind it. */
export class AgentLane {
  readonly rate = new WorkRate();
  readonly overtaking = new Overtaking();
  readonly shares: Readonly<Record<Priority | 'aged', Shares>> = {
    high: new Shares(),
    medium: new Shares(),
    low: new Shares(),
    aged: new Shares(),
  };
  private readonly marks: Readonly<Record<Priority, BacklogMark>> = {
    high: new BacklogMark(),
    medium: new BacklogMark(),
    low: new BacklogMark(),
  };
  /** The queue says how many messages it holds; this is the mean of what was put into them. */
  private tasksAMessage = 1;
  private looked = 0;
  private sentSinceLook = 0;

  constructor(
    readonly agent: AgentName,
    private readonly limits: WindowLimits,
  ) {}

  /** Whether a nudge may go straight through; a dropped one waits in the database. */
  admit(priority: Priority, taskId: string): boolean {
    const mark = this.marks[priority];
    if (!mark.exists && this.room(priority) > 0) {
      this.sent(priority, 1);
      return true;
    }
    mark.drop(taskId);
    return false;
  }

  mark(priority: Priority): BacklogMark {
    return this.marks[priority];
  }

  room(priority: Priority): number {
    return roomFor(priority, windowOf(this.rate.workforce, this.limits), this.depth);
  }

  sent(priority: Priority, tasks: number): void {
    this.sentSinceLook += tasks;
    this.overtaking.sent(priority, tasks);
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
