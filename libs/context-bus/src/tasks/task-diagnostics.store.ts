import { Injectable } from '@nestjs/common';
import type { AgentName, Priority, TaskFailure, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

/** More tasks ahead than this are not counted. */
export const maxCountedAhead = 10_000;

const ahead = (condition: string): string => `case when t.status = 'queued' then (
  select count(*)::int from (
    select from task_queue q where q.tenant_id = t.tenant_id and q.status = 'queued'
      and q.assigned_agent = t.assigned_agent and ${condition} limit ${maxCountedAhead}
  ) counted) else 0 end`;

const situation = statement(
  'tasks.situation',
  `select t.task_id as "taskId", t.status, t.task_type as "taskType", t.priority, t.assigned_agent as agent,
     t.run_at as "runAt", t.started_at as "startedAt", t.completed_at as "completedAt", t.due_at as "dueAt",
     t.deadline_at as "deadlineAt", t.attempts, t.max_attempts as "maxAttempts", t.worker, t.boosted or t.raised as boosted, t.error, now() as now,
     ${ahead('q.priority > t.priority')} as "aheadHigher",
     ${ahead('q.priority = t.priority and q.created_at < t.created_at')} as "aheadSame"
   from task_queue t where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1`,
);

/** Where a task stands. All times are the database's. */
export interface TaskDiagnosis {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly taskType: TaskType;
  readonly priority: Priority;
  readonly agent: AgentName;
  readonly runAt: Date | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly dueAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly worker: string | null;
  /** It waited so long that it goes before newer ones of higher priority. */
  readonly boosted: boolean;
  readonly error: TaskFailure | null;
  readonly now: Date;
  /** Queued tasks of the same tenant and agent with a higher priority. */
  readonly aheadHigher: number;
  /** Older ones of the same priority. */
  readonly aheadSame: number;
}

@Injectable()
export class TaskDiagnostics {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the tenant has no such task */
  async of(tenantId: string, taskId: string): Promise<TaskDiagnosis | undefined> {
    const [row] = await this.database.queryAs<TaskDiagnosis>(tenantId, situation, [taskId]);
    return row;
  }
}
