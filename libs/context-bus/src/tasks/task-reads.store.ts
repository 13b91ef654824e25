import { Injectable } from '@nestjs/common';
import type { TaskQuery } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';

import { TaskEntity } from './task.entity.js';

const large = ['task.payload', 'task.metadata', 'task.result'];

// Filters on the time of submission are filters on the id, so that they use the primary key.
const filters = {
  status: 'task.status = :status',
  task_type: 'task.taskType = :task_type',
  agent: 'task.assignedAgent = :agent',
  created_after: 'task.taskId >= pulser.id_floor(:created_after)',
  created_before: 'task.taskId < pulser.id_floor(:created_before)',
  cursor: 'task.taskId < :cursor',
} as const;

type Filter = keyof typeof filters;

const isFilter = (name: string): name is Filter => name in filters;

const listQuery = (manager: EntityManager, tenantId: string, query: TaskQuery): SelectQueryBuilder<TaskEntity> => {
  const builder = manager.createQueryBuilder(TaskEntity, 'task').where('task.tenantId = :tenantId', { tenantId });
  for (const [name, value] of Object.entries(query)) {
    if (isFilter(name) && value !== undefined) builder.andWhere(filters[name], { [name]: value });
  }
  return builder.orderBy('task.taskId', 'DESC').limit(query.limit);
};

const ended = statement(
  'tasks.ended',
  `select task_id as "taskId" from task_queue
   where tenant_id = (select pulser.tenant_id()) and task_id = any ($1) and completed_at is not null`,
);

const byStatus = statement(
  'tasks.by-status',
  `select status, assigned_agent as agent, priority, count(*)::int as tasks from task_queue
   where tenant_id = (select pulser.tenant_id()) and completed_at is null group by 1, 2, 3`,
);

export interface OpenTasks {
  readonly status: string;
  readonly agent: string;
  readonly priority: string;
  readonly tasks: number;
}

/** Reads of one tenant's tasks. */
@Injectable()
export class TaskReads {
  constructor(private readonly database: Database) {}

  /** The whole task with payload and result. */
  find(tenantId: string, taskId: string): Promise<TaskEntity | null> {
    return this.database.withTenant(tenantId, ({ manager }) =>
      manager.createQueryBuilder(TaskEntity, 'task').addSelect(large).where({ tenantId, taskId }).getOne(),
    );
  }

  /** The row without payload and result. */
  findState(tenantId: string, taskId: string): Promise<TaskEntity | null> {
    return this.database.withTenant(tenantId, ({ manager }) => manager.findOneBy(TaskEntity, { tenantId, taskId }));
  }

  /** Newest first, from the cursor (an id) on: stable while tasks come and end. */
  list(tenantId: string, query: TaskQuery): Promise<TaskEntity[]> {
    return this.database.withTenant(tenantId, ({ manager }) => listQuery(manager, tenantId, query).getMany());
  }

  /** Which of these tasks have ended. */
  async ended(tenantId: string, taskIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.withTenant(tenantId, (transaction) =>
      transaction.query<{ taskId: string }>(ended, [taskIds]),
    );
    return rows.map(({ taskId }) => taskId);
  }

  /** Tasks that have not ended, counted. */
  open(tenantId: string): Promise<OpenTasks[]> {
    return this.database.withTenant(tenantId, (transaction) =>
      transaction.query<OpenTasks & Record<string, unknown>>(byStatus),
    );
  }
}
