import { Injectable } from '@nestjs/common';
import type { AgentName, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';

// With its steps and theirs. A running attempt loses its lease in the same write, so its late result is not taken.
const cancel = statement(
  'tasks.cancel',
  `with recursive family as (
     select task_id from task_queue
     where tenant_id = (select pulser.tenant_id()) and task_id = $1 and completed_at is null
     union
     select c.task_id from family f join task_queue c on c.tenant_id = (select pulser.tenant_id()) and c.parent_id = f.task_id
   ), open as (
     select task_id from task_queue join family using (task_id)
     where tenant_id = (select pulser.tenant_id()) and completed_at is null order by task_id for update of task_queue
   )
   update task_queue t set status = 'cancelled', epoch = t.epoch + 1, due_at = null, completed_at = now(),
     updated_at = now()
   from open o where t.tenant_id = (select pulser.tenant_id()) and t.task_id = o.task_id
   returning t.task_id as "taskId", t.task_type as "taskType", t.assigned_agent as agent, t.attempts as attempt`,
);

export interface Cancelled {
  readonly taskId: string;
  readonly taskType: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

@Injectable()
export class TaskCancel {
  constructor(private readonly database: Database) {}

  /** Ends a task and the steps that were made for it. @returns what was ended: nothing when the task had ended */
  cancel(tenantId: string, actor: Actor, taskId: string): Promise<Cancelled[]> {
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      return transaction.query<Cancelled>(cancel, [taskId]);
    });
  }
}
