import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import {
  type AgentName,
  type Priority,
  readFailure,
  type TaskFailure,
  type TaskStatus,
  type TaskType,
} from '@pulser/contracts';
import { Database, statement } from '@pulser/database';
import { getMetadataArgsStorage } from 'typeorm';

import { sharedFailure } from '../connection/pools.js';
import { shortError } from './errors-in-lists.js';
import { TaskEntity } from './task.entity.js';

// What a tenant reads of its tasks: one, counts, and what a task waits for.

/** A file that a task made, without its content. */
export interface ArtifactInfo {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** A task with everything that belongs to it. */
export interface WholeTask extends TaskEntity {
  /** Of this version of the task; artifacts do not change it. */
  readonly tag: string;
  readonly artifacts: readonly ArtifactInfo[];
}

// A row of an older version may still show the error of an attempt before the cancellation as its own.
export const ownError = `case when t.status <> 'cancelled' then t.error end`;

export const entityColumns = getMetadataArgsStorage().filterColumns(TaskEntity);

/** SQL: columns of a row `t` as an entity has them. */
export const selected = (from: typeof entityColumns, error: string): string =>
  from
    .map(({ propertyName, options: { name = propertyName } }) =>
      propertyName === 'error' ? `${error} as error` : `t.${name} as "${propertyName}"`,
    )
    .join(', ');

const columns = selected(entityColumns, ownError);

/** SQL: differs between any two states of a row `t` that a reader can tell apart. */
export const versionTag = `t.epoch || '-' || (extract(epoch from t.updated_at) * 1000000)::bigint`;

// Only a worker makes artifacts, so a task that never started has none.
const find = statement(
  'tasks.find',
  `select ${columns}, ${versionTag} as tag, case when t.attempts = 0 then '[]' else (
     select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'mediaType', a.media_type,
       'bytes', coalesce(a.content_bytes, octet_length(a.content))) order by a.name), '[]')
     from task_artifact a where a.tenant_id = t.tenant_id and a.task_id = t.task_id
   ) end as artifacts
   from task_queue t where t.tenant_id = (select pulser.tenant_id()) and t.task_id = any ($1)
     and t.task_id between $2 and $3`,
  { genericPlan: true },
);

/** Ids of one tenant with the ends of their range, which enables partition pruning. */
const idValues = (taskIds: readonly string[]): unknown[] => {
  const sorted = [...taskIds].sort();
  return [sorted, sorted[0], sorted.at(-1)];
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
  `select status, agent_name as agent, priority, sum(tasks)::int as tasks from task_count_live
   where tenant_id = (select pulser.tenant_id()) group by 1, 2, 3`,
);

export interface OpenTasks {
  readonly status: string;
  readonly agent: string;
  readonly priority: string;
  readonly tasks: number;
}

/** Max tasks per statement: each may hold a payload and a result of the largest size. */
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

  /** Which of these tasks have ended. */
  async ended(tenantId: string, taskIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.queryAs<{ taskId: string }>(tenantId, ended, idValues(taskIds));
    return rows.map(({ taskId }) => taskId);
  }

  /** Tasks that have not ended, counted. */
  open(tenantId: string): Promise<OpenTasks[]> {
    return this.database.queryAs<OpenTasks>(tenantId, byStatus);
  }

  private async findAll(tenantId: string, taskIds: readonly string[]): Promise<(WholeTask | null)[]> {
    const rows = await this.database.queryAs<WholeTask>(tenantId, find, idValues(taskIds));
    const byId = new Map(
      rows.map((task) => [task.taskId, Object.assign(task, { error: task.error && readFailure(task.error) })]),
    );
    return taskIds.map((taskId) => byId.get(taskId) ?? null);
  }
}

/** Tasks ahead of a task are counted up to this number. */
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
     t.deadline_at as "deadlineAt", t.attempts, t.max_attempts as "maxAttempts", t.worker, t.boosted or t.raised as boosted,
     ${shortError(`(${ownError})`)} as error, now() as now,
     case when t.status = 'waiting' then (
       select jsonb_build_object('key', w.key, 'kind', w.kind, 'name', w.ref, 'children', coalesce(cardinality(w.refs), 0),
         'open', coalesce(j.remaining, 0), 'onLimit', w.on_limit, 'title', (select a.title from approval a
           where a.tenant_id = w.tenant_id and a.approval_id = case when w.kind = 'approval' then w.ref::uuid end))
       from task_wait w left join task_join j using (tenant_id, task_id)
       where w.tenant_id = t.tenant_id and w.task_id = t.task_id and w.is_current
     ) end as "waitsFor",
     case when t.concurrency_key is not null and not t.holds_key then jsonb_build_object('key', t.concurrency_key,
       'limit', t.concurrency_limit, 'held', (select count(*) from task_queue h where h.tenant_id = t.tenant_id
         and h.concurrency_key = t.concurrency_key and h.concurrency_key is not null and h.holds_key
         and h.completed_at is null)) end as "placeUnder",
     ${ahead('q.priority > t.priority')} as "aheadHigher",
     ${ahead('q.priority = t.priority and q.created_at < t.created_at')} as "aheadSame"
   from task_queue t where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1`,
);

/** A concurrency key, and how many hold it. */
export interface KeyInUse {
  readonly key: string;
  readonly limit: number;
  readonly held: number;
}

/** What a suspended task waits for, by its last wait. */
export interface CurrentWait {
  readonly key: string;
  readonly kind: 'child' | 'children' | 'signal' | 'time' | 'run' | 'approval';
  /** Of a signal; id of an approval. */
  readonly name: string | null;
  /** What the approval asks for. */
  readonly title: string | null;
  readonly children: number;
  /** Of the children, those that have not ended. */
  readonly open: number;
  readonly onLimit: 'fail' | 'continue';
}

/** What a task waits for. All times are the database's. */
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
  /** It has waited so long that it goes before newer ones of higher priority. */
  readonly boosted: boolean;
  readonly error: TaskFailure | null;
  /** Null: it does not wait, or until something wakes it. */
  readonly waitsFor: CurrentWait | null;
  /** The concurrency key under which it has no place yet; null: it needs none, or has it. */
  readonly placeUnder: KeyInUse | null;
  readonly now: Date;
  /** Queued tasks of the same tenant and agent with a higher priority. */
  readonly aheadHigher: number;
  /** Older ones of the same priority. */
  readonly aheadSame: number;
}

/** Why a task is where it is, for `explain`. */
@Injectable()
export class TaskDiagnostics {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the tenant has no such task */
  async of(tenantId: string, taskId: string): Promise<TaskDiagnosis | undefined> {
    const [row] = await this.database.queryAs<TaskDiagnosis>(tenantId, situation, [taskId]);
    return row;
  }
}
