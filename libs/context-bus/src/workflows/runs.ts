// Runs of workflows: how one begins, what it is now, and how a decision about it is written. Every decision bumps the revision
// of its run and is written as a whole or not at all, so that two workers that decide at the same time cannot both act.
import { Injectable } from '@nestjs/common';
import type { Priority, StepStatus, TaskStatus, WorkflowDefinition } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';

/** A run as its handler begins it. */
export interface NewRun {
  readonly workflow: string | null;
  readonly version: number | null;
  readonly definition: WorkflowDefinition;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly rerunOf: string | null;
  /** Steps that need not be done: their tasks were those of another run. */
  readonly reused: readonly ReusedStep[];
}

export interface ReusedStep {
  readonly step: string;
  readonly status: 'running' | 'completed' | 'failed' | 'skipped';
  readonly total: number;
  readonly items: unknown;
  /** Items that are to be done again. */
  readonly missing: readonly number[];
  /** The signal of a wait. */
  readonly result: unknown;
}

/** A step as the tables have it. */
export interface StepRow {
  readonly name: string;
  readonly status: StepStatus;
  readonly total: number | null;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly missing: readonly number[] | null;
  readonly wakesAt: string | null;
  readonly code: string | null;
  readonly detail: string | null;
}

/** The end of a task that the run has not noticed yet. */
export interface Notice {
  readonly inboxId: string;
  readonly step: string | null;
  readonly index: number | null;
  /** As the run knew it. */
  readonly known: string | null;
  readonly status: TaskStatus | null;
  readonly code: string | null;
}

/** A signal that no step has got. */
export interface OpenSignal {
  readonly name: string;
  readonly key: string;
}

/** A signal as expressions see it. */
export interface StepSignal {
  readonly name: string;
  readonly body: unknown;
  readonly sent_by: string;
  readonly received_at: string;
}

/** What a decision is made of. */
export interface OpenRun {
  readonly definition: WorkflowDefinition;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly priority: Priority;
  readonly revision: number;
  readonly hasEnded: boolean;
  /** Of the task that is the run; null: there is none any more. */
  readonly rootStatus: TaskStatus | null;
  readonly steps: readonly StepRow[];
  readonly notices: readonly Notice[];
  /** The oldest first. */
  readonly signals: readonly OpenSignal[];
  readonly dueAt: Date | null;
  readonly now: Date;
}

export interface StepChange extends StepRow {
  readonly items?: unknown;
  /** The signal of a wait. */
  readonly result?: StepSignal;
}

export interface TaskChange {
  readonly step: string;
  readonly index: number;
  readonly taskId: string | null;
  readonly status: 'open' | 'completed' | 'failed' | 'cancelled';
  readonly code: string | null;
}

export type RunOutcome =
  | { readonly status: 'completed'; readonly result: unknown }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } }
  | { readonly status: 'closed' };

/** What a decision changes. */
export interface Decision {
  readonly revision: number;
  readonly noticed: readonly string[];
  readonly steps: readonly StepChange[];
  /** Items that have become tasks, or never will. */
  readonly started: readonly TaskChange[];
  /** Tasks that have ended. */
  readonly ended: readonly TaskChange[];
  /** Signals, and the steps that get them. */
  readonly taken: readonly (OpenSignal & { readonly step: string })[];
  readonly dueAt: Date | undefined;
  readonly outcome: RunOutcome | undefined;
}

/** Another worker has decided meanwhile. */
export class RunMoved extends Error {
  constructor() {
    super('The run is not what the decision was made on');
    this.name = 'RunMoved';
  }
}

/** A run whose state somebody must look at. */
export interface RunRef {
  readonly tenantId: string;
  readonly runId: string;
}

/** Runs inside runs at most. */
export const maxRunDepth = 5;

// Fenced by the claim. Idempotent: a handler that died after it runs again.
const begin = statement(
  'runs.begin',
  `insert into workflow_run (tenant_id, task_id, workflow, definition_version, definition, inputs, priority, rerun_of, depth)
   select t.tenant_id, t.task_id, $3, $4, $5, $6, t.priority, $7, coalesce((
     select p.depth + 1 from workflow_run p where p.tenant_id = t.tenant_id and p.task_id = t.parent_id), 0)
   from task_queue t
   where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1 and t.epoch = $2 and t.status = 'running'
   on conflict do nothing returning depth`,
);

const beginSteps = statement(
  'runs.begin-steps',
  `insert into workflow_step (tenant_id, run_id, name, position, status, total, started, completed, failed, items, missing,
     result, reused, started_at, ended_at)
   select (select pulser.tenant_id()), $1, s.name, s.position, coalesce(s.status, 'pending'), s.total,
     coalesce(s.started, 0), coalesce(s.completed, 0), coalesce(s.failed, 0), s.items, s.missing, s.result, s.status is not null,
     case when s.status is not null then now() end, case when s.status in ('completed', 'failed', 'skipped') then now() end
   from json_to_recordset($2::json) as s(name text, position int, status text, total int, started int, completed int,
     failed int, items jsonb, missing jsonb, result jsonb)
   on conflict do nothing`,
);

const reuseTasks = statement(
  'runs.reuse-tasks',
  `insert into workflow_task (tenant_id, run_id, step, index, task_id, status, code)
   select k.tenant_id, $1, k.step, k.index, k.task_id, k.status, k.code
   from json_to_recordset($3::json) as s(step text, missing jsonb)
   join workflow_task k on k.tenant_id = (select pulser.tenant_id()) and k.run_id = $2 and k.step = s.step
     and not s.missing @> to_jsonb(k.index)
   on conflict do nothing`,
);

const countReused = statement(
  'runs.count-reused',
  `update workflow_step s set started = k.tasks, completed = k.completed, failed = k.tasks - k.completed
   from (select step, count(*)::int as tasks, (count(*) filter (where status = 'completed'))::int as completed
     from workflow_task where tenant_id = (select pulser.tenant_id()) and run_id = $1 group by step) k
   where s.tenant_id = (select pulser.tenant_id()) and s.run_id = $1 and s.name = k.step`,
);

const maxNotices = 1_000;

const read = statement(
  'runs.read',
  `select r.definition, r.inputs, r.priority, r.revision, r.ended_at is not null as "hasEnded", t.status as "rootStatus",
     r.due_at as "dueAt", now() as now, (
       select jsonb_agg(jsonb_build_object('name', s.name, 'status', s.status, 'total', s.total, 'started', s.started,
         'completed', s.completed, 'failed', s.failed, 'missing', s.missing, 'wakesAt', s.wakes_at, 'code', s.code,
         'detail', s.detail) order by s.position)
       from workflow_step s where s.tenant_id = r.tenant_id and s.run_id = r.task_id
     ) as steps, (
       select coalesce(jsonb_agg(n), '[]') from (
         select i.inbox_id as "inboxId", k.step, k.index, k.status as known, c.status, c.error ->> 'code' as code
         from workflow_inbox i
         left join workflow_task k on k.tenant_id = i.tenant_id and k.task_id = i.task_id and k.run_id = i.run_id
         left join task_queue c on c.tenant_id = i.tenant_id and c.task_id = i.task_id
         where i.tenant_id = r.tenant_id and i.run_id = r.task_id limit ${maxNotices}
       ) n
     ) as notices, (
       select coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'key', s.key) order by s.signal_id), '[]')
       from task_signal s where s.tenant_id = r.tenant_id and s.task_id = r.task_id and s.taken_by is null
     ) as signals
   from workflow_run r left join task_queue t on t.tenant_id = r.tenant_id and t.task_id = r.task_id
   where r.tenant_id = (select pulser.tenant_id()) and r.task_id = $1`,
);

const move = statement(
  'runs.move',
  `update workflow_run set revision = revision + 1, due_at = $3, outcome = $4,
     ended_at = case when $4::jsonb is not null then now() end
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and revision = $2 and ended_at is null
   returning task_id`,
);

const forgetNotices = statement(
  'runs.forget-notices',
  `delete from workflow_inbox where tenant_id = (select pulser.tenant_id()) and inbox_id = any ($1)`,
);

// A task that a decision starts is new; a conflict would be a task that was started twice.
const startTasks = statement(
  'runs.start-tasks',
  `insert into workflow_task (tenant_id, run_id, step, index, task_id, status, code)
   select (select pulser.tenant_id()), $1, k.step, k.index, k."taskId", k.status, k.code
   from json_to_recordset($2::json) as k(step text, index int, "taskId" uuid, status text, code text)`,
);

const endTasks = statement(
  'runs.end-tasks',
  `update workflow_task t set status = k.status, code = k.code
   from json_to_recordset($2::json) as k(step text, index int, status text, code text)
   where t.tenant_id = (select pulser.tenant_id()) and t.run_id = $1 and t.step = k.step and t.index = k.index`,
);

const changeSteps = statement(
  'runs.change-steps',
  `update workflow_step s set status = c.status, total = c.total, started = c.started, completed = c.completed,
     failed = c.failed, missing = c.missing, items = coalesce(c.items, s.items),
     result = coalesce(c.result, s.result), wakes_at = c."wakesAt", code = c.code,
     detail = c.detail, started_at = case when c.status <> 'pending' then coalesce(s.started_at, now()) end,
     ended_at = case when c.status not in ('pending', 'running') then coalesce(s.ended_at, now()) end
   from json_to_recordset($2::json) as c(name text, status text, total int, started int, completed int, failed int,
     missing jsonb, items jsonb, result jsonb, "wakesAt" timestamptz, code text, detail text)
   where s.tenant_id = (select pulser.tenant_id()) and s.run_id = $1 and s.name = c.name`,
);

const takeSignals = statement(
  'runs.take-signals',
  `update task_signal s set taken_by = k.step from json_to_recordset($2::json) as k(name text, key text, step text)
   where s.tenant_id = (select pulser.tenant_id()) and s.task_id = $1 and s.name = k.name and s.key = k.key
     and s.taken_by is null
   returning s.key`,
);

const signal = statement(
  'runs.signal',
  `select name, body, sent_by, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as received_at
   from task_signal where tenant_id = (select pulser.tenant_id()) and task_id = $1 and name = $2 and key = $3`,
);

const closeSteps = statement(
  'runs.close-steps',
  `update workflow_step set status = 'cancelled', ended_at = now()
   where tenant_id = (select pulser.tenant_id()) and run_id = $1 and status in ('pending', 'running')`,
);

const itemsOf = statement(
  'runs.items',
  `select items from workflow_step where tenant_id = (select pulser.tenant_id()) and run_id = $1 and name = $2`,
);

// Of runs that are open and quiet no row is read, however many they are.
const due = statement(
  'runs.due',
  `select distinct tenant_id as "tenantId", run_id as "runId" from (
     (select tenant_id, run_id from workflow_inbox where at <= now() - $1 * interval '1 ms' order by at limit $2)
     union all
     (select tenant_id, task_id from workflow_run where due_at <= now() order by due_at limit $2)
   ) d`,
);

const runsOfTasks = statement(
  'runs.of-tasks',
  `select distinct tenant_id as "tenantId", run_id as "runId" from workflow_inbox where tenant_id = $1 and task_id = any ($2)`,
);

/** What a decision changes of the tables, in the transaction that may also make its tasks. @throws RunMoved */
export const writeDecision = async (
  transaction: TenantTransaction,
  runId: string,
  decision: Decision,
): Promise<void> => {
  const { revision, dueAt, outcome, noticed, steps, started, ended, taken } = decision;
  const moved = await transaction.query(move, [
    runId,
    revision,
    dueAt ?? null,
    outcome ? JSON.stringify(outcome) : null,
  ]);
  if (moved.length === 0) throw new RunMoved();
  if (noticed.length > 0) await transaction.query(forgetNotices, [noticed]);
  if (started.length > 0) await transaction.query(startTasks, [runId, JSON.stringify(started)]);
  if (ended.length > 0) await transaction.query(endTasks, [runId, JSON.stringify(ended)]);
  if (steps.length > 0) await transaction.query(changeSteps, [runId, JSON.stringify(steps)]);
  if (taken.length > 0) await take(transaction, runId, taken);
  if (outcome !== undefined) await transaction.query(closeSteps, [runId]);
};

/** @throws RunMoved when one of them is taken already */
const take = async (transaction: TenantTransaction, runId: string, taken: Decision['taken']): Promise<void> => {
  const got = await transaction.query(takeSignals, [runId, JSON.stringify(taken)]);
  if (got.length < taken.length) throw new RunMoved();
};

@Injectable()
export class WorkflowRuns {
  constructor(private readonly database: Database) {}

  /** Begins a run for the task of a claim, or finds that it has begun. @returns false when the claim was lost, or it is nested too deep */
  begin({ tenantId, taskId, epoch }: ClaimRef, run: NewRun): Promise<'begun' | 'lost' | 'too_deep'> {
    const { workflow, version, definition, inputs, rerunOf, reused } = run;
    return this.database.withTenant(tenantId, async (transaction) => {
      const bodies = [JSON.stringify(definition), JSON.stringify(inputs)];
      const values = [taskId, epoch, workflow, version, ...bodies, rerunOf];
      const [row] = await transaction.query<{ depth: number }>(begin, values);
      if (row === undefined) return (await transaction.query(read, [taskId])).length > 0 ? 'begun' : 'lost';
      await transaction.query(beginSteps, [taskId, JSON.stringify(stepsOf(run))]);
      if (reused.length > 0) {
        await transaction.query(reuseTasks, [taskId, rerunOf, JSON.stringify(reused)]);
        await transaction.query(countReused, [taskId]);
      }
      return row.depth > maxRunDepth ? 'too_deep' : 'begun';
    });
  }

  async read(tenantId: string, runId: string): Promise<OpenRun | undefined> {
    const [row] = await this.database.queryAs<OpenRun>(tenantId, read, [runId]);
    return row;
  }

  /** Writes a decision that starts no tasks. @throws RunMoved */
  decide(tenantId: string, runId: string, decision: Decision): Promise<void> {
    return this.database.withTenant(tenantId, (transaction) => writeDecision(transaction, runId, decision));
  }

  /** The list of a map. */
  async items(tenantId: string, runId: string, step: string): Promise<readonly unknown[]> {
    const [row] = await this.database.queryAs<{ items: readonly unknown[] | null }>(tenantId, itemsOf, [runId, step]);
    return row?.items ?? [];
  }

  /** A signal that was sent to a run; undefined: it is kept no more. */
  async signal(tenantId: string, runId: string, { name, key }: OpenSignal): Promise<StepSignal | undefined> {
    const [row] = await this.database.queryAs<StepSignal & Record<string, unknown>>(tenantId, signal, [
      runId,
      name,
      key,
    ]);
    return row;
  }

  /** Runs of all tenants whose time has come, or that have missed an end for so long. Needs the service role. */
  due(missedMs: number, limit: number): Promise<RunRef[]> {
    return this.database.query<RunRef>(due, [missedMs, limit]);
  }

  /** The runs that have not noticed the ends of these tasks. Needs the service role. */
  ofTasks(tenantId: string, taskIds: readonly string[]): Promise<RunRef[]> {
    return this.database.query<RunRef>(runsOfTasks, [tenantId, taskIds]);
  }
}

const stepsOf = ({ definition, reused }: NewRun): object[] => {
  const known = new Map(reused.map((step) => [step.step, step]));
  return definition.steps.map(({ name }, position) => {
    const { status, total, items, missing, result } = known.get(name) ?? {};
    return { name, position, status, total, items, result, missing: missing?.length ? missing : undefined };
  });
};
