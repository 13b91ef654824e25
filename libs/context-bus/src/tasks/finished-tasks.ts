// What a tenant may learn from: its own tasks that have ended, newest first, described without their secrets.
import { Injectable } from '@nestjs/common';
import type { AgentName, Priority, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { describeLargePayload, describePayload } from './payload-description.policy.js';

/** One task that has ended, without payload, result and metadata. */
export interface FinishedTask {
  readonly taskId: string;
  readonly taskType: TaskType;
  /** Null: its payload names none. */
  readonly operation: string | null;
  readonly status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>;
  /** Code of the error that ended it. */
  readonly errorCode: string | null;
  /** Codes of the errors that ended earlier attempts, the first attempt's first, 10 at most. */
  readonly earlierErrors: readonly string[];
  readonly agent: AgentName;
  readonly attempts: number;
  readonly priority: Priority;
  /** ISO 8601, as the other times. */
  readonly createdAt: string;
  /** Start of the last attempt; null: it never started. */
  readonly startedAt: string | null;
  readonly finishedAt: string;
  /** Milliseconds from submission, or from the wanted start if that was later, to the start of the last attempt. */
  readonly waitMs: number | null;
  /** Milliseconds of the last attempt. */
  readonly runMs: number | null;
  /** Lines `path: value` of the payload, 2 KB at most, without what fields named like secrets hold. */
  readonly description: string;
  /** The task that it was a step of. */
  readonly parentId: string | null;
  /** The failed task that it repeats. */
  readonly replayOf: string | null;
  /** Id of an API key, or subject of a token. */
  readonly submitter: string | null;
}

export interface FinishedTaskQuery {
  readonly taskType?: string;
  readonly operation?: string;
  /** Only tasks submitted within so many days. */
  readonly sinceDays?: number;
  /** Tasks of one page, 1 to 1,000; 500 without. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface FinishedTaskPage {
  /** Newest submission first. May be empty although there is a next page. */
  readonly tasks: readonly FinishedTask[];
  /** Where the next page begins; missing when nothing is left. Stable while tasks come and end. */
  readonly next?: string;
  /** Tasks that this page has looked at, open and filtered ones included. */
  readonly scanned: number;
}

/** Rows that one page looks at, at most: whoever filters for what is rare gets short pages, never a long statement. */
export const maxScanned = 5_000;

const usualLimit = 500;
const maxLimit = 1_000;

/** Rows of one statement, so that no more payloads than these are in memory at once. */
const chunkRows = 250;

/** Bytes of a payload as it is stored (compressed), and as text: what is larger is not read. */
const maxStoredBytes = 16_384;
const maxTextBytes = 65_536;

const maxOperationCharacters = 100;

// By the primary key, in its order, from the cursor on: the limit stands inside of the filters, so it bounds what is read.
const scan = statement(
  'finished-tasks.scan',
  `with scanned as materialized (
     select t.*, t.completed_at is not null and ($3::text is null or t.task_type = $3)
       and ($4::text is null or t.payload ->> 'operation' = $4) as wanted
     from task_queue t
     where t.tenant_id = (select pulser.tenant_id()) and t.task_id < $1
       and t.task_id >= coalesce(pulser.id_floor(now() - $2::float8 * interval '1 day'),
         '00000000-0000-0000-0000-000000000000'::uuid)
     order by t.task_id desc limit ${chunkRows}
   )
   select t.task_id as "taskId", t.wanted, f.*
   from scanned t left join lateral (
     select t.task_type as "taskType", left(t.payload ->> 'operation', ${maxOperationCharacters}) as operation, t.status,
       case when t.status = 'failed' then left(t.error ->> 'code', 64) end as "errorCode",
       t.assigned_agent as agent, t.attempts, t.priority, t.created_at as "createdAt", t.started_at as "startedAt",
       t.completed_at as "finishedAt",
       extract(epoch from t.started_at - greatest(t.created_at, t.run_at)) * 1000 as "waitMs",
       case when t.attempts > 0 then extract(epoch from t.completed_at - t.started_at) * 1000 end as "runMs",
       case when s.small then t.payload end as payload,
       case when not s.small then array(select left(k, 64) from jsonb_object_keys(t.payload) k limit 64) end as names,
       pg_column_size(t.payload) as "storedBytes",
       case when t.attempts > 1 then array(
         select left(e.body -> 'error' ->> 'code', 64) from task_event e
         where e.tenant_id = t.tenant_id and e.task_id = t.task_id and e.body -> 'error' ->> 'code' is not null
         order by e.seq limit 10
       ) else '{}' end as "earlierErrors",
       t.parent_id as "parentId", t.replay_of as "replayOf", t.submitted_by as submitter
     from (
       select case when pg_column_size(t.payload) > ${maxStoredBytes} then false
         else octet_length(t.payload::text) <= ${maxTextBytes} end as small
     ) s
     where t.wanted
   ) f on true
   order by t.task_id desc`,
);

interface ScannedRow {
  readonly taskId: string;
  readonly wanted: boolean;
}

interface WantedRow
  extends
    ScannedRow,
    Omit<FinishedTask, 'createdAt' | 'startedAt' | 'finishedAt' | 'waitMs' | 'runMs' | 'description'> {
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date;
  /** PostgreSQL's numeric. */
  readonly waitMs: string | null;
  readonly runMs: string | null;
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly names: readonly string[] | null;
  readonly storedBytes: number;
}

const isWanted = (row: ScannedRow): row is WantedRow => row.wanted;

const milliseconds = (numeric: string | null): number | null =>
  numeric === null ? null : Math.max(0, Math.round(Number(numeric)));

const finishedTask = (row: WantedRow): FinishedTask => ({
  taskId: row.taskId,
  taskType: row.taskType,
  operation: row.operation,
  status: row.status,
  errorCode: row.errorCode,
  earlierErrors: row.earlierErrors,
  agent: row.agent,
  attempts: row.attempts,
  priority: row.priority,
  createdAt: row.createdAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  finishedAt: row.finishedAt.toISOString(),
  waitMs: milliseconds(row.waitMs),
  runMs: milliseconds(row.runMs),
  description:
    row.payload === null
      ? describeLargePayload(row.operation, row.storedBytes, row.names ?? [])
      : describePayload(row.payload),
  parentId: row.parentId,
  replayOf: row.replayOf,
  submitter: row.submitter,
});

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Pages of one tenant's tasks that have ended. */
@Injectable()
export class FinishedTasks {
  constructor(private readonly database: Database) {}

  /**
   * A page, newest first. It ends when it is full or has looked at 5,000 rows.
   * @throws RangeError when `limit`, `sinceDays` or `after` is out of range; DatabaseUnavailable
   */
  async page(tenantId: string, query: FinishedTaskQuery = {}): Promise<FinishedTaskPage> {
    const limit = checked(query);
    const tasks: FinishedTask[] = [];
    let after = query.after ?? lastId;
    let scanned = 0;
    for (;;) {
      const rows = await this.scan(tenantId, query, after);
      const found = rows.filter(isWanted).slice(0, limit - tasks.length);
      tasks.push(...found.map(finishedTask));
      scanned += rows.length;
      const full = tasks.length >= limit;
      const last = (full ? found : rows).at(-1);
      if (rows.length < chunkRows && last === rows.at(-1)) return { tasks, scanned };
      after = last?.taskId ?? after;
      if (full || scanned >= maxScanned) return { tasks, next: after, scanned };
    }
  }

  private scan(tenantId: string, query: FinishedTaskQuery, after: string): Promise<ScannedRow[]> {
    const { sinceDays, taskType, operation } = query;
    return this.database.queryAs<ScannedRow>(tenantId, scan, [
      after,
      sinceDays ?? null,
      taskType ?? null,
      operation ?? null,
    ]);
  }
}

const checked = ({ limit = usualLimit, sinceDays, after }: FinishedTaskQuery): number => {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw new RangeError(`limit is a whole number from 1 to ${maxLimit}`);
  if (sinceDays !== undefined && !(sinceDays > 0 && sinceDays <= 36_500))
    throw new RangeError('sinceDays is more than 0 and at most 36500');
  if (after !== undefined && !uuid.test(after)) throw new RangeError('after is the `next` of an earlier page');
  return limit;
};
