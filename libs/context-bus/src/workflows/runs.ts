// Runs of workflows as they are now: what a decision about one is made of, and which of them somebody must look at.
import { Injectable } from '@nestjs/common';
import type { Priority, TaskStatus, WorkflowDefinition } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import type { Principal } from '../access/principal.js';
import {
  joinRootPrincipal,
  principalIn,
  rootPrincipalColumns,
  type RootPrincipalRow,
} from '../access/root-principals.js';
import {
  type Decision,
  decideIn,
  type OpenSignal,
  type RunOutcome,
  type StepRow,
  type StepSignal,
} from './decisions.js';

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

/** What a decision is made of. */
export interface OpenRun {
  readonly definition: WorkflowDefinition;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly priority: Priority;
  readonly revision: number;
  /** How it ends: its task ends so right after. */
  readonly outcome: RunOutcome | null;
  /** In whose name its steps are submitted, with their rights of this moment; undefined: nobody's any more. */
  readonly principal: Principal | undefined;
  /** Of the task that is the run; null: there is none any more. */
  readonly rootStatus: TaskStatus | null;
  readonly steps: readonly StepRow[];
  readonly notices: readonly Notice[];
  /** The oldest first. */
  readonly signals: readonly OpenSignal[];
  readonly dueAt: Date | null;
  readonly now: Date;
}

/** A run whose state somebody must look at. */
export interface RunRef {
  readonly tenantId: string;
  readonly runId: string;
}

/** Most notices that one look at a run sees. */
export const maxNotices = 1_000;

// `is not distinct from`, which no index serves: the key of `workflow_task` begins with the run, and by it all tasks of the run
// would be read for each notice.
const read = statement(
  'runs.read',
  `select w.definition, w.inputs, w.priority, w.revision, w.outcome, t.status as "rootStatus", w.due_at as "dueAt",
     now() as now, ${rootPrincipalColumns}, (
       select jsonb_agg(jsonb_build_object('name', s.name, 'status', s.status, 'total', s.total, 'started', s.started,
         'completed', s.completed, 'failed', s.failed, 'missing', s.missing, 'wakesAt', s.wakes_at, 'code', s.code,
         'detail', s.detail) order by s.position)
       from workflow_step s where s.tenant_id = w.tenant_id and s.run_id = w.task_id
     ) as steps, (
       select coalesce(jsonb_agg(n), '[]') from (
         select i.inbox_id as "inboxId", j.step, j.index, j.status as known, c.status, c.error ->> 'code' as code
         from workflow_inbox i
         left join workflow_task j on j.tenant_id = i.tenant_id and j.task_id = i.task_id and j.run_id is not distinct from i.run_id
         left join task_queue c on c.tenant_id = i.tenant_id and c.task_id = i.task_id
         where i.tenant_id = w.tenant_id and i.run_id = w.task_id limit ${maxNotices}
       ) n
     ) as notices, (
       select coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'key', s.key) order by s.signal_id), '[]')
       from task_signal s where s.tenant_id = w.tenant_id and s.task_id = w.task_id and s.taken_by is null
     ) as signals
   from workflow_run w left join task_queue t on t.tenant_id = w.tenant_id and t.task_id = w.task_id ${joinRootPrincipal}
   where w.tenant_id = (select pulser.tenant_id()) and w.task_id = $1`,
);

type OpenRunRow = Omit<OpenRun, 'principal'> & RootPrincipalRow & Record<string, unknown>;

const signal = statement(
  'runs.signal',
  `select name, body, sent_by, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as received_at
   from task_signal where tenant_id = (select pulser.tenant_id()) and task_id = $1 and name = $2 and key = $3`,
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

@Injectable()
export class WorkflowRuns {
  constructor(private readonly database: Database) {}

  async read(tenantId: string, runId: string): Promise<OpenRun | undefined> {
    const [row] = await this.database.queryAs<OpenRunRow>(tenantId, read, [runId]);
    return row && { ...row, principal: principalIn(tenantId, row) };
  }

  /** Writes a decision that starts no tasks. @throws RunMoved */
  decide(tenantId: string, runId: string, decision: Decision): Promise<void> {
    return decideIn(this.database, tenantId, runId, decision);
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
