import { Injectable } from '@nestjs/common';

import { DailyQuota } from './daily-quota.js';
import { QueueQuota } from './queue-quota.js';

/** How many tasks the quotas of a tenant have room for, and why not for more. */
export interface QuotaRoom {
  readonly tasks: number;
  readonly code: 'queue_full' | 'daily_quota_spent';
  readonly retryAfterS: number;
  /** Returns so many of the tasks: they were not created. */
  readonly giveBack: (tasks: number) => void;
}

/** Tasks wait for seconds or minutes; a client that asks more often only adds to the load. */
const queueRetryAfterS = 5;

/** The quotas of a tenant: tasks that may wait, tasks that may be submitted per day. */
@Injectable()
export class Quotas {
  constructor(
    private readonly queue: QueueQuota,
    private readonly daily: DailyQuota,
  ) {}

  /** How many of so many tasks there is room for; these count as accepted. @throws DatabaseUnavailable */
  async take(tenantId: string, tasks: number): Promise<QuotaRoom> {
    const waiting = await this.queue.admit(tenantId, tasks);
    const today = await this.daily.admit(tenantId, waiting.tasks);
    waiting.giveBack(waiting.tasks - today.tasks);
    const giveBack = (unused: number): void => {
      waiting.giveBack(unused);
      today.giveBack(unused);
    };
    return today.tasks < waiting.tasks
      ? { tasks: today.tasks, code: 'daily_quota_spent', retryAfterS: Math.ceil(today.endsInS), giveBack }
      : { tasks: waiting.tasks, code: 'queue_full', retryAfterS: queueRetryAfterS, giveBack };
  }
}
