import { Injectable } from '@nestjs/common';
import type { AgentName, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { deadLetters } from '../dead-letters/of-failed-tasks.js';
import { expireLeases } from './expire-leases.js';

/** A row that somebody looked at because its time had come. */
export interface Swept {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
  readonly status: TaskStatus;
}

const tooLate = `'{"code": "deadline_exceeded", "message": "The task had not ended in time", "permanent": true}'::jsonb`;

const sweptColumns = `task_id, tenant_id, task_type, assigned_agent as agent, attempts as attempt, status`;

const dueRows = (statuses: string): string => `
     select tenant_id, task_id from task_queue where status in (${statuses}) and due_at <= now()
     order by due_at limit $1 for update skip locked`;

// Scheduled: the wanted start has come. Retrying: the back-off is over.
const promoteScheduled = statement(
  'sweep.promote-scheduled',
  `with due as (${dueRows(`'scheduled', 'retrying'`)})
   update task_queue t set status = 'queued', due_at = now(), updated_at = now()
   from due d where t.tenant_id = d.tenant_id and t.task_id = d.task_id
   returning t.task_id, t.tenant_id, t.task_type, t.assigned_agent as agent, t.attempts as attempt, t.status`,
);

const rescueStuck = statement(
  'sweep.rescue-stuck',
  `with due as (${dueRows(`'running'`)}), ${expireLeases('due')} select ${sweptColumns} from lost`,
);

const failOverdue = statement(
  'sweep.fail-overdue',
  `with waited as (${dueRows(`'waiting'`)}
   ), overdue as (
     select tenant_id, task_id from task_queue where deadline_at <= now() and completed_at is null
     order by deadline_at limit $1 for update skip locked
   ), late as (
     select * from waited union select * from overdue
   ), swept as (
     update task_queue t set status = 'failed', epoch = t.epoch + 1, error = ${tooLate}, due_at = null,
       completed_at = now(), updated_at = now()
     from late l where t.tenant_id = l.tenant_id and t.task_id = l.task_id
     returning t.*
   ), ${deadLetters('swept', 'dead')}
   select ${sweptColumns} from swept`,
);

/** "Somebody must look at this row now": the one query behind delays, back-offs, lost workers and time limits. */
@Injectable()
export class TaskSweep {
  constructor(private readonly database: Database) {}

  /** Queues up to `limit` rows whose start or back-off has come. Several routers may sweep at once. */
  promoteScheduled(limit: number): Promise<Swept[]> {
    return this.sweep(promoteScheduled, limit);
  }

  /** Takes up to `limit` rows away from workers whose lease ran out. */
  rescueStuck(limit: number): Promise<Swept[]> {
    return this.sweep(rescueStuck, limit);
  }

  /** Fails up to `limit` rows whose deadline or time limit of a wait has passed. */
  failOverdue(limit: number): Promise<Swept[]> {
    return this.sweep(failOverdue, limit);
  }

  private sweep(wanted: Statement, limit: number): Promise<Swept[]> {
    return this.database.query<Swept>(wanted, [limit]);
  }
}
