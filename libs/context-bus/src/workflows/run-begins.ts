// How runs of workflows begin: the run and its steps are one statement, which may hold the first decision about it.
import { Injectable } from '@nestjs/common';
import type { Priority, WorkflowDefinition } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import type { Principal } from '../access/principal.js';
import {
  joinRootPrincipal,
  principalIn,
  rootPrincipalColumns,
  type RootPrincipalRow,
} from '../access/root-principals.js';
import type { ClaimRef } from '../tasks/claims.js';
import { type Decision, itemColumns, stepColumns } from './decisions.js';

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

/** Runs inside runs at most. */
export const maxRunDepth = 5;

// Fenced by the claim. Idempotent: a handler that died after it runs again. A run that begins with a decision has its first
// revision.
const begin = statement(
  'runs.begin',
  `with run as (
     insert into workflow_run (tenant_id, task_id, workflow, definition_version, definition, inputs, priority, rerun_of, depth,
       revision, due_at)
     select t.tenant_id, t.task_id, $3, $4, $5, $6, t.priority, $7, coalesce((
       select p.depth + 1 from workflow_run p where p.tenant_id = t.tenant_id and p.task_id = t.parent_id), 0), $8, $9
     from task_queue t
     where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1 and t.epoch = $2 and t.status = 'running'
     on conflict do nothing returning tenant_id, task_id, depth
   ), steps as (
     insert into workflow_step (tenant_id, run_id, name, position, status, total, started, completed, failed, items, missing,
       result, reused, wakes_at, code, detail, started_at, ended_at)
     select r.tenant_id, r.task_id, s.name, s.position, coalesce(s.status, 'pending'), s.total, coalesce(s.started, 0),
       coalesce(s.completed, 0), coalesce(s.failed, 0), s.items, s.missing, s.result, coalesce(s.reused, false), s."wakesAt",
       s.code, s.detail, case when coalesce(s.status, 'pending') <> 'pending' then now() end,
       case when coalesce(s.status, 'pending') not in ('pending', 'running') then now() end
     from run r, json_to_recordset($10::json) as s(position int, reused boolean, ${stepColumns})
   ), tasks as (
     insert into workflow_task (tenant_id, run_id, step, index, task_id, status, code)
     select r.tenant_id, r.task_id, k.step, k.index, k."taskId", k.status, k.code
     from run r, json_to_recordset($11::json) as k(${itemColumns})
   )
   select depth from run`,
);

const isThere = statement(
  'runs.is-there',
  'select from workflow_run where tenant_id = (select pulser.tenant_id()) and task_id = $1',
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

const look = statement(
  'runs.look',
  `select t.priority, now() as now, ${rootPrincipalColumns} from task_queue t ${joinRootPrincipal}
   where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1`,
);

/** What the first decision about a run is made of, beside the run itself. */
export interface RunTask {
  readonly priority: Priority;
  readonly principal: Principal | undefined;
  readonly now: Date;
}

/** What became of a run that was to begin. `lost`: the claim was; `too_deep`: it is inside too many others. */
export type RunBegun = 'begun' | 'lost' | 'too_deep';

/** The run does not begin with this decision: it has begun already, or may not begin. */
export class NotBegun extends Error {}

/** Begins a run together with the first decision about it, in the transaction that makes its tasks. @throws NotBegun */
export const beginDecided = async (
  transaction: TenantTransaction,
  claim: ClaimRef,
  run: NewRun,
  { steps, started, dueAt }: Pick<Decision, 'steps' | 'started' | 'dueAt'>,
): Promise<void> => {
  const changed = new Map(steps.map((step) => [step.name, step]));
  const all = run.definition.steps.map(({ name }, position) => ({ name, position, ...changed.get(name) }));
  const values = [...runValues(claim, run), 1, dueAt ?? null, JSON.stringify(all), JSON.stringify(started)];
  const [row] = await transaction.query<{ depth: number }>(begin, values);
  if (row === undefined || row.depth > maxRunDepth)
    throw new NotBegun('The run does not begin with its first decision');
};

const runValues = ({ taskId, epoch }: ClaimRef, run: NewRun): unknown[] => {
  const { workflow, version, definition, inputs, rerunOf } = run;
  return [taskId, epoch, workflow, version, JSON.stringify(definition), JSON.stringify(inputs), rerunOf];
};

/** Begins runs, and decides nothing about them. */
@Injectable()
export class WorkflowBegins {
  constructor(private readonly database: Database) {}

  begin(claim: ClaimRef, run: NewRun): Promise<RunBegun> {
    const { tenantId, taskId } = claim;
    const values = [...runValues(claim, run), 0, null, JSON.stringify(stepsOf(run)), '[]'];
    return this.database.withTenant(tenantId, async (transaction) => {
      const [row] = await transaction.query<{ depth: number }>(begin, values);
      if (row === undefined) return (await transaction.query(isThere, [taskId])).length > 0 ? 'begun' : 'lost';
      if (run.reused.length > 0) {
        await transaction.query(reuseTasks, [taskId, run.rerunOf, JSON.stringify(run.reused)]);
        await transaction.query(countReused, [taskId]);
      }
      return row.depth > maxRunDepth ? 'too_deep' : 'begun';
    });
  }

  /** The task that is to be a run; undefined: it is kept no more. */
  async look({ tenantId, taskId }: ClaimRef): Promise<RunTask | undefined> {
    const [row] = await this.database.queryAs<Omit<RunTask, 'principal'> & RootPrincipalRow>(tenantId, look, [taskId]);
    return row && { priority: row.priority, now: row.now, principal: principalIn(tenantId, row) };
  }
}

const stepsOf = ({ definition, reused }: NewRun): object[] => {
  const known = new Map(reused.map((step) => [step.step, step]));
  return definition.steps.map(({ name }, position) => {
    const { status, total, items, missing, result } = known.get(name) ?? {};
    const isReused = status !== undefined;
    return {
      name,
      position,
      status,
      total,
      items,
      result,
      missing: missing?.length ? missing : undefined,
      reused: isReused,
    };
  });
};
