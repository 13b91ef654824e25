import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import type { TaskQuery } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';
import { type EntityManager, getMetadataArgsStorage, type SelectQueryBuilder } from 'typeorm';

import type { ArtifactInfo } from '../artifacts/artifacts.js';
import { sharedFailure } from '../connection/shared-failure.policy.js';
import { TaskEntity } from './task.entity.js';

/** A task with everything that belongs to it. */
export interface WholeTask extends TaskEntity {
  readonly artifacts: readonly ArtifactInfo[];
}

const columns = getMetadataArgsStorage()
  .filterColumns(TaskEntity)
  .map(({ propertyName, options }) => `t.${options.name ?? propertyName} as "${propertyName}"`)
  .join(', ');

// Only a worker makes artifacts, so a task that never started has none.
const find = statement(
  'tasks.find',
  `select ${columns}, case when t.attempts = 0 then '[]' else (
     select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'mediaType', a.media_type,
       'bytes', octet_length(a.content)) order by a.name), '[]')
     from task_artifact a where a.tenant_id = t.tenant_id and a.task_id = t.task_id
   ) end as artifacts
   from task_queue t where t.tenant_id = (select pulser.tenant_id()) and t.task_id = any ($1)
     and t.task_id between $2 and $3`,
  { genericPlan: true },
);

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
   where tenant_id = (select pulser.tenant_id()) and task_id = any ($1)
     and task_id between $2 and $3 and completed_at is not null`,
  { genericPlan: true },
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

// The ends leave out the partitions of other weeks.
const withEnds = (taskIds: readonly string[]): unknown[] => {
  const sorted = [...taskIds].sort();
  return [sorted, sorted[0], sorted.at(-1)];
};

/** Tasks in one answer of the database: each may hold a payload and a result of the largest size. */
const maxFinds = 100;

/** Reads of one tenant's tasks. */
@Injectable()
export class TaskReads {
  private readonly finds = new KeyedCoalescer<string, string, WholeTask | null>((tenantId) => ({
    flush: (taskIds) => this.findAll(tenantId, taskIds),
    maxItems: maxFinds,
    sharedFailure,
  }));

  constructor(private readonly database: Database) {}

  /** Concurrent calls for tasks of a tenant share one statement. @throws DatabaseUnavailable */
  find(tenantId: string, taskId: string): Promise<WholeTask | null> {
    return this.finds.add(tenantId, taskId);
  }

  /** Newest first, from the cursor (an id) on: stable while tasks come and end. */
  list(tenantId: string, query: TaskQuery): Promise<TaskEntity[]> {
    return this.database.withTenant(tenantId, ({ manager }) => listQuery(manager, tenantId, query).getMany());
  }

  /** Which of these tasks have ended. */
  async ended(tenantId: string, taskIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.queryAs<{ taskId: string }>(tenantId, ended, withEnds(taskIds));
    return rows.map(({ taskId }) => taskId);
  }

  /** Tasks that have not ended, counted. */
  open(tenantId: string): Promise<OpenTasks[]> {
    return this.database.queryAs<OpenTasks>(tenantId, byStatus);
  }

  private async findAll(tenantId: string, taskIds: readonly string[]): Promise<(WholeTask | null)[]> {
    const rows = await this.database.queryAs<WholeTask>(tenantId, find, withEnds(taskIds));
    const byId = new Map(rows.map((task) => [task.taskId, task]));
    return taskIds.map((taskId) => byId.get(taskId) ?? null);
  }
}
