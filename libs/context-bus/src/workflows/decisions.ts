// Decisions about runs of workflows, as they are written: each bumps the revision of its run and is one statement, all of it or
// nothing, so that two workers that decide at the same time cannot both act.
import type { StepStatus } from '@pulser/contracts';
import { type Database, statement, type TenantTransaction } from '@pulser/database';

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

/** SQL: the columns of a step that decisions change, in a recordset. */
export const stepColumns = `name text, status text, total int, started int, completed int, failed int, missing jsonb,
       items jsonb, result jsonb, "wakesAt" timestamptz, code text, detail text`;

/** SQL: the columns of an item, in a recordset. */
export const itemColumns = `step text, index int, "taskId" uuid, status text, code text`;

const isOpen = (status: string): string => `${status} in ('pending', 'running')`;

// A task that a decision starts is new; a conflict would be a task that was started twice. Steps that are open when the run
// ends are cancelled, those that this very decision leaves so too.
const decide = statement(
  'runs.decide',
  `with moved as (
     update workflow_run set revision = revision + 1, due_at = $3, outcome = $4,
       ended_at = case when $4::jsonb is not null then now() end
     where tenant_id = (select pulser.tenant_id()) and task_id = $1 and revision = $2 and ended_at is null
     returning tenant_id, task_id
   ), noticed as (
     delete from workflow_inbox i using moved m where i.tenant_id = m.tenant_id and i.inbox_id = any ($5)
   ), started as (
     insert into workflow_task (tenant_id, run_id, step, index, task_id, status, code)
     select m.tenant_id, m.task_id, k.step, k.index, k."taskId", k.status, k.code
     from moved m, json_to_recordset($6::json) as k(${itemColumns})
   ), ended as (
     update workflow_task t set status = k.status, code = k.code
     from moved m, json_to_recordset($7::json) as k(${itemColumns})
     where t.tenant_id = m.tenant_id and t.run_id = m.task_id and t.step = k.step and t.index = k.index
   ), given as materialized (
     select c.*, case when $4::jsonb is not null and ${isOpen('c.status')} then 'cancelled' else c.status end as becomes
     from json_to_recordset($8::json) as c(${stepColumns})
   ), changed as (
     update workflow_step s set status = c.becomes, total = c.total, started = c.started, completed = c.completed,
       failed = c.failed, missing = c.missing, items = coalesce(c.items, s.items), result = coalesce(c.result, s.result),
       wakes_at = c."wakesAt", code = c.code, detail = c.detail,
       started_at = case when c.status <> 'pending' then coalesce(s.started_at, now()) end,
       ended_at = case when not ${isOpen('c.becomes')} then coalesce(s.ended_at, now()) end
     from moved m, given c where s.tenant_id = m.tenant_id and s.run_id = m.task_id and s.name = c.name
   ), closed as (
     update workflow_step s set status = 'cancelled', ended_at = now() from moved m
     where $4::jsonb is not null and s.tenant_id = m.tenant_id and s.run_id = m.task_id and ${isOpen('s.status')}
       and s.name not in (select name from given)
   ), taken as (
     update task_signal t set taken_by = k.step from moved m, json_to_recordset($9::json) as k(name text, key text, step text)
     where t.tenant_id = m.tenant_id and t.task_id = m.task_id and t.name = k.name and t.key = k.key and t.taken_by is null
     returning t.key
   )
   select (select count(*)::int from taken) as taken from moved`,
);

interface Decided {
  readonly taken: number;
}

const valuesOf = (runId: string, decision: Decision): unknown[] => {
  const { revision, dueAt, outcome, noticed, started, ended, steps, taken } = decision;
  const lists = [started, ended, steps, taken].map((list) => JSON.stringify(list));
  return [runId, revision, dueAt ?? null, outcome ? JSON.stringify(outcome) : null, noticed, ...lists];
};

/** @throws RunMoved when the run is another one, or one of the signals is taken already */
const checked = ([row]: readonly Decided[], { taken }: Decision): void => {
  if (row === undefined || row.taken < taken.length) throw new RunMoved();
};

/** Writes a decision in the transaction that may also make its tasks. @throws RunMoved */
export const writeDecision = async (
  transaction: TenantTransaction,
  runId: string,
  decision: Decision,
): Promise<void> => {
  checked(await transaction.query<Decided>(decide, valuesOf(runId, decision)), decision);
};

/** Writes a decision by itself. @throws RunMoved */
export const decideIn = async (
  database: Database,
  tenantId: string,
  runId: string,
  decision: Decision,
): Promise<void> => {
  // Of signals one may be taken already, which undoes the rest.
  if (decision.taken.length > 0)
    return database.withTenant(tenantId, (transaction) => writeDecision(transaction, runId, decision));
  checked(await database.queryAs<Decided>(tenantId, decide, valuesOf(runId, decision)), decision);
};
