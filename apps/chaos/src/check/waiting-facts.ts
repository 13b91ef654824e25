// What the database says about work that waits, repeats, asks and thinks: runs of workflows, schedules, approvals, hooks, and what
// was spent on models.
import type { TaskStatus } from '@pulser/contracts';
import { type Database, statement } from '@pulser/database';

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

/** A run of a workflow. */
export interface RunFact {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly hasEnded: boolean;
  /** Steps that wait or run. */
  readonly openSteps: number;
  /** Ends and signals that it has not noticed. */
  readonly notices: number;
  /** Children that are no item of any step. */
  readonly strangers: number;
}

/** A schedule, paused at the end of the load. */
export interface ScheduleFact {
  readonly scheduleId: string;
  readonly name: string;
  /** Milliseconds between two times. */
  readonly everyMs: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly madeAt: number;
  readonly pausedAt: number | null;
  /** Why, when not by the load. */
  readonly pausedBy: string | null;
  readonly fires: readonly FireFact[];
  /** Tasks that say they are of it. */
  readonly taskIds: readonly string[];
}

export interface FireFact {
  readonly nominalAt: number;
  readonly state: string;
  readonly reason: string | null;
  readonly taskId: string | null;
}

export interface ApprovalFact {
  readonly taskId: string;
  readonly status: string;
  readonly taskStatus: TaskStatus;
  readonly decisions: number;
  /** How often its task was woken. */
  readonly resumes: number;
  readonly isUsed: boolean;
}

/** What the ledger has of a task of the load and of all that came of it. */
export interface SpendFact {
  readonly rootId: string;
  /** Requests that were entered. */
  readonly calls: number;
  /** Those that the server surely got. */
  readonly arrived: number;
  readonly reserved: number;
  readonly micros: number;
}

export interface BudgetFact {
  readonly tenantId: string;
  readonly scope: string;
  readonly key: string;
  readonly maxCalls: number;
  readonly calls: number;
  /** Whether more is spent and reserved than may be, of anything. */
  readonly isExceeded: boolean;
  readonly isReserved: boolean;
}

/** Everything beside tasks and their effects that the promises are checked against. */
export interface WaitingFacts {
  readonly runs: readonly RunFact[];
  readonly schedules: readonly ScheduleFact[];
  readonly approvals: readonly ApprovalFact[];
  readonly spend: readonly SpendFact[];
  readonly budgets: readonly BudgetFact[];
  /** Events to which no hook was fired yet. */
  readonly hookEvents: number;
}

const runs = statement(
  'facts.runs',
  `select r.task_id as "taskId", t.status, r.ended_at is not null as "hasEnded",
     (select count(*)::int from workflow_step s where s.tenant_id = r.tenant_id and s.run_id = r.task_id
        and s.status in ('pending', 'running')) as "openSteps",
     (select count(*)::int from workflow_inbox i where i.tenant_id = r.tenant_id and i.run_id = r.task_id) as notices,
     (select count(*)::int from task_queue c where c.tenant_id = r.tenant_id and c.parent_id = r.task_id and not exists (
        select from workflow_task k where k.tenant_id = r.tenant_id and k.run_id = r.task_id and k.task_id = c.task_id)
     ) as strangers
   from workflow_run r join task_queue t on t.tenant_id = r.tenant_id and t.task_id = r.task_id`,
);

const schedules = statement(
  'facts.schedules',
  `select s.schedule_id as "scheduleId", s.name,
     coalesce((s.rules -> 'when' ->> 'every_s')::int, 60) * 1000 as "everyMs", ${ms('s.changed_at')} as "madeAt",
     ${ms('s.paused_at')} as "pausedAt", nullif(s.paused_kind, 'user') as "pausedBy",
     coalesce((select jsonb_agg(jsonb_build_object('nominalAt', ${ms('f.nominal_at')}, 'state', f.state, 'reason', f.reason,
         'taskId', f.task_id) order by f.nominal_at)
       from schedule_fire f where f.tenant_id = s.tenant_id and f.schedule_id = s.schedule_id), '[]') as fires,
     coalesce((select jsonb_agg(t.task_id) from task_queue t
       where t.tenant_id = s.tenant_id and t.schedule_id = s.schedule_id), '[]') as "taskIds"
   from schedule s order by s.tenant_id, s.name`,
);

// A task that was woken has a line of its own at the start of the next epoch.
const approvals = statement(
  'facts.approvals',
  `select a.task_id as "taskId", a.status, t.status as "taskStatus", a.used_at is not null as "isUsed",
     (select count(*)::int from approval_decision d where d.tenant_id = a.tenant_id and d.approval_id = a.approval_id) as decisions,
     (select count(*)::int from task_event e where e.tenant_id = a.tenant_id and e.task_id = a.task_id
        and e.body ->> 'status' = 'queued' and e.seq % 1000000 = 0) as resumes
   from approval a join task_queue t on t.tenant_id = a.tenant_id and t.task_id = a.task_id`,
);

const spend = statement(
  'facts.spend',
  `select root_id as "rootId", count(*)::int as calls,
     (count(*) filter (where outcome in ('answered', 'overrun', 'refused')))::int as arrived,
     (count(*) filter (where state = 'reserved'))::int as reserved, sum(micros)::float8 as micros
   from spend_call group by root_id`,
);

const budgets = statement(
  'facts.budgets',
  `select tenant_id as "tenantId", scope, key, max_calls::float8 as "maxCalls", (spent_calls + reserved_calls)::float8 as calls,
     spent_micros + reserved_micros > max_micros or spent_tokens + reserved_tokens > max_tokens
       or spent_calls + reserved_calls > max_calls as "isExceeded",
     reserved_micros + reserved_tokens + reserved_calls > 0 as "isReserved"
   from spend_budget`,
);

const hookEvents = statement('facts.hook-events', 'select count(*)::int as events from hook_event');

/** Reads these facts, as the administrator. */
export const readWaitingFacts = async (database: Database): Promise<WaitingFacts> => {
  const [events] = await database.query<{ events: number }>(hookEvents);
  return {
    runs: await database.query<RunFact & Record<string, unknown>>(runs),
    schedules: await database.query<ScheduleFact & Record<string, unknown>>(schedules),
    approvals: await database.query<ApprovalFact & Record<string, unknown>>(approvals),
    spend: await database.query<SpendFact & Record<string, unknown>>(spend),
    budgets: await database.query<BudgetFact & Record<string, unknown>>(budgets),
    hookEvents: events?.events ?? 0,
  };
};
