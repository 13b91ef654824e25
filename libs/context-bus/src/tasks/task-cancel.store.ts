import { Injectable } from '@nestjs/common';
import type { AgentName, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

// A running attempt loses its lease in the same write, so its late result is not taken.
const cancel = statement(
  'tasks.cancel',
  `update task_queue set status = 'cancelled', epoch = epoch + 1, due_at = null, completed_at = now(), updated_at = now()
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and completed_at is null
   returning task_type as "taskType", assigned_agent as agent, attempts as attempt`,
);

export interface Cancelled {
  readonly taskType: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

@Injectable()
export class TaskCancel {
  constructor(private readonly database: Database) {}

  /** @returns undefined when there is no such task or it has ended */
  async cancel(tenantId: string, taskId: string): Promise<Cancelled | undefined> {
    const [row] = await this.database.withTenant(tenantId, (transaction) =>
      transaction.query<Cancelled & Record<string, unknown>>(cancel, [taskId]),
    );
    return row;
  }
}
