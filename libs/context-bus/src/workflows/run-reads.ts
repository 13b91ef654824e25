// What a tenant reads of its runs.
import { Injectable } from '@nestjs/common';
import type { StepStatus, TaskStatus, WorkflowDefinition } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import type { TaskChange } from './decisions.js';
import type { ReusedStep } from './run-begins.js';

export interface RunRow {
  readonly taskId: string;
  readonly workflow: string | null;
  readonly version: number | null;
  readonly status: TaskStatus;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly rerunOf: string | null;
}

export interface RunStepRow {
  readonly name: string;
  readonly status: StepStatus;
  readonly total: number | null;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly taskId: string | null;
  readonly reused: boolean;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly wakesAt: Date | null;
  readonly code: string | null;
  readonly detail: string | null;
}

export interface WholeRun extends RunRow {
  readonly definition: WorkflowDefinition;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const runColumns = `r.task_id as "taskId", r.workflow, r.definition_version as version, t.status, r.created_at as "createdAt",
     t.completed_at as "endedAt", r.rerun_of as "rerunOf"`;

const page = statement(
  'run-reads.page',
  `select ${runColumns} from workflow_run r join task_queue t on t.tenant_id = r.tenant_id and t.task_id = r.task_id
   where r.tenant_id = (select pulser.tenant_id()) and ($1::text is null or r.workflow = $1)
     and ($2::uuid is null or r.task_id < $2)
   order by r.task_id desc limit $3`,
);

const find = statement(
  'run-reads.find',
  `select ${runColumns}, r.definition, r.inputs
   from workflow_run r join task_queue t on t.tenant_id = r.tenant_id and t.task_id = r.task_id
   where r.tenant_id = (select pulser.tenant_id()) and r.task_id = $1`,
);

const steps = statement(
  'run-reads.steps',
  `select s.name, s.status, s.total, s.started, s.completed, s.failed, s.reused, s.started_at as "startedAt",
     s.ended_at as "endedAt", s.wakes_at as "wakesAt", s.code, s.detail, case when s.total = 1 then (
       select k.task_id from workflow_task k where k.tenant_id = s.tenant_id and k.run_id = s.run_id and k.step = s.name
       order by k.index limit 1) end as "taskId"
   from workflow_step s where s.tenant_id = (select pulser.tenant_id()) and s.run_id = $1 order by s.position`,
);

const tasks = statement(
  'run-reads.tasks',
  `select step, index, task_id as "taskId", status, code from workflow_task
   where tenant_id = (select pulser.tenant_id()) and run_id = $1 and step = $2 and index >= $3
     and ($4::text is null or status = $4)
   order by index limit $5`,
);

const reusable = statement(
  'run-reads.reusable',
  `select s.name as step, s.status, s.total, s.items, s.result, coalesce((
       select jsonb_agg(n order by n) from generate_series(0, s.total - 1) n where not exists (
         select from workflow_task k where k.tenant_id = s.tenant_id and k.run_id = s.run_id and k.step = s.name
           and k.index = n and k.status = 'completed')), '[]') as missing
   from workflow_step s where s.tenant_id = (select pulser.tenant_id()) and s.run_id = $1 and s.total is not null
   union all
   select s.name, s.status, 0, null, s.result, '[]' from workflow_step s
   where s.tenant_id = (select pulser.tenant_id()) and s.run_id = $1 and s.total is null`,
);

/** A step of a run with the items that have no result. */
export interface FormerStep extends Omit<ReusedStep, 'status'> {
  readonly status: StepStatus;
}

@Injectable()
export class RunReads {
  constructor(private readonly database: Database) {}

  /** The newest first. */
  page(
    tenantId: string,
    { workflow, before, limit }: { workflow: string | undefined; before: string | undefined; limit: number },
  ): Promise<RunRow[]> {
    return this.database.queryAs<RunRow>(tenantId, page, [workflow ?? null, before ?? null, limit]);
  }

  async find(tenantId: string, runId: string): Promise<WholeRun | undefined> {
    const [row] = await this.database.queryAs<WholeRun>(tenantId, find, [runId]);
    return row;
  }

  steps(tenantId: string, runId: string): Promise<RunStepRow[]> {
    return this.database.queryAs<RunStepRow>(tenantId, steps, [runId]);
  }

  tasks(
    tenantId: string,
    runId: string,
    { step, from, status, limit }: { step: string; from: number; status: string | undefined; limit: number },
  ): Promise<TaskChange[]> {
    return this.database.queryAs<TaskChange>(tenantId, tasks, [runId, step, from, status ?? null, limit]);
  }

  /** The steps of a run, for another one that keeps their results. */
  former(tenantId: string, runId: string): Promise<FormerStep[]> {
    return this.database.queryAs<FormerStep>(tenantId, reusable, [runId]);
  }
}
