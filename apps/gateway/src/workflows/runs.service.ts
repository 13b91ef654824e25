// Runs of workflows as the API shows them.
import { Injectable } from '@nestjs/common';
import { type Principal, RunReads, type RunRow, type RunStepRow, type WholeRun } from '@pulser/context-bus';
import {
  type AcceptedTask,
  awaitedSignal,
  hasEnded,
  HttpError,
  type RerunOrder,
  type RunPage,
  type RunQuery,
  type RunStep,
  type RunSummary,
  type RunView,
  type StepTaskPage,
  type StepTaskQuery,
  type WorkflowStep,
} from '@pulser/contracts';
import { graphOf, kindOf } from '@pulser/workflows';

import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';
import { Submissions } from '../tasks/submissions.service.js';

const runView = (row: RunRow): RunSummary => ({
  task_id: row.taskId,
  workflow: row.workflow,
  version: row.version,
  status: row.status,
  created_at: row.createdAt.toISOString(),
  ended_at: row.endedAt?.toISOString() ?? null,
  rerun_of: row.rerunOf,
});

const stepView = (row: RunStepRow, step: WorkflowStep | undefined): RunStep => ({
  name: row.name,
  kind: step === undefined ? 'task' : kindOf(step),
  status: row.status,
  is_map: step !== undefined && 'map' in step && step.map !== undefined,
  total: row.total,
  started: row.started,
  completed: row.completed,
  failed: row.failed,
  task_id: row.taskId,
  reused: row.reused,
  started_at: row.startedAt?.toISOString() ?? null,
  ended_at: row.endedAt?.toISOString() ?? null,
  wakes_at: row.wakesAt?.toISOString() ?? null,
  signal: (step && awaitedSignal(step)) ?? null,
  code: row.code,
  detail: row.detail,
});

@Injectable()
export class RunsService {
  constructor(
    private readonly runs: RunReads,
    private readonly submissions: Submissions,
  ) {}

  /** @throws HttpError `invalid_request` */
  async page(tenantId: string, { workflow, limit, cursor }: RunQuery): Promise<RunPage> {
    const rows = await this.runs.page(tenantId, { workflow, limit, before: startOfPage(cursor) });
    return { runs: rows.map(runView), next_cursor: nextCursor(rows, limit, ({ taskId }) => taskId) };
  }

  /** @throws HttpError `not_found` */
  async view(tenantId: string, runId: string): Promise<RunView> {
    const run = await this.found(tenantId, runId);
    const rows = await this.runs.steps(tenantId, runId);
    const byName = new Map(run.definition.steps.map((step) => [step.name, step]));
    const statuses = new Map(rows.map(({ name, status }) => [name, status]));
    const { nodes, edges } = graphOf(run.definition);
    return {
      ...runView(run),
      inputs: { ...run.inputs },
      steps: rows.map((row) => stepView(row, byName.get(row.name))),
      graph: { nodes: nodes.map((node) => ({ ...node, status: statuses.get(node.name) })), edges: [...edges] },
    };
  }

  /** @throws HttpError `not_found` */
  async tasks(
    tenantId: string,
    runId: string,
    step: string,
    { status, limit, cursor }: StepTaskQuery,
  ): Promise<StepTaskPage> {
    const run = await this.found(tenantId, runId);
    if (!run.definition.steps.some(({ name }) => name === step)) throw notFound('step');
    const rows = await this.runs.tasks(tenantId, runId, { step, from: cursor ?? 0, status, limit });
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      tasks: rows.map(({ index, taskId, status: is, code }) => ({ index, task_id: taskId, status: is, code })),
      next_cursor: last === undefined ? null : last.index + 1,
    };
  }

  /** @throws HttpError `not_found`, `conflict` while the run is open, and as a submission */
  async rerun(caller: Principal, runId: string, order: RerunOrder): Promise<AcceptedTask> {
    const run = await this.found(caller.tenantId, runId);
    const first = 'from' in order ? order.from : order.failed_of;
    if (!run.definition.steps.some(({ name }) => name === first)) throw notFound('step');
    if (!hasEnded(run.status)) throw new HttpError('conflict', { detail: 'The run has not ended' });
    const payload = { operation: 'run', rerun: { run: runId, ...order } };
    const submit = { task_type: 'orchestration', priority: 'medium' as const, payload };
    return (await this.submissions.submit(caller, { submit })).task;
  }

  private async found(tenantId: string, runId: string): Promise<WholeRun> {
    const run = await this.runs.find(tenantId, runId);
    if (run === undefined) throw notFound('run');
    return run;
  }
}
