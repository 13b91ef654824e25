import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';

import { ServedTaskTypes } from '../agents/served-task-types.js';
import { QueueQuota } from './queue-quota.js';

/** What stands between a valid submission and a row. */
@Injectable()
export class Admission {
  constructor(
    private readonly served: ServedTaskTypes,
    private readonly quota: QueueQuota,
  ) {}

  /** Task types that some agent serves. */
  servedTypes(): Promise<ReadonlySet<TaskType>> {
    return this.served.current();
  }

  /** How many of so many tasks the tenant's quota has room for; these count as accepted. */
  room(tenantId: string, tasks: number): Promise<number> {
    return this.quota.admit(tenantId, tasks);
  }
}
