import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';

import { ServedTaskTypes } from '../agents/agents.js';
import { DailyQuota } from '../limits/daily-quota.js';
import { QueueQuota } from './queue-quota.js';

/** How many tasks are let in, and what the others are told. */
export interface Room {
  readonly tasks: number;
  readonly code: 'queue_full' | 'daily_quota_spent';
  readonly retryAfterS: number;
}

/** Tasks wait for seconds or minutes; a client that asks more often only adds to the load. */
const queueRetryAfterS = 5;

/** What stands between a valid submission and a row. */
@Injectable()
export class Admission {
  constructor(
    private readonly served: ServedTaskTypes,
    private readonly queue: QueueQuota,
    private readonly daily: DailyQuota,
  ) {}

  /** Task types that some agent serves. */
  servedTypes(): Promise<ReadonlySet<TaskType>> {
    return this.served.current();
  }

  /** How many of so many tasks the tenant's quotas have room for; these count as accepted. @throws DatabaseUnavailable */
  async room(tenantId: string, tasks: number): Promise<Room> {
    const waiting = await this.queue.admit(tenantId, tasks);
    const today = await this.daily.admit(tenantId, waiting);
    return today.tasks < waiting
      ? { tasks: today.tasks, code: 'daily_quota_spent', retryAfterS: Math.ceil(today.endsInS) }
      : { tasks: waiting, code: 'queue_full', retryAfterS: queueRetryAfterS };
  }
}
