// A run begins together with the first decision about it: its first steps are tasks in the transaction that makes it a run, and
// no message has to arrive before they start.
import { Injectable } from '@nestjs/common';
import { RunBegins } from '@pulser/agent-runtime';
import {
  beginDecided,
  type ClaimRef,
  Intake,
  type InsertedAlongside,
  type NewRun,
  NotBegun,
  type OpenRun,
  type RunBegun,
  RunMoved,
  type RunTask,
  type StepRow,
  type TaskChange,
  WorkflowBegins,
} from '@pulser/context-bus';

import { maxStarts, type Plan, RunDecisions } from './run-decisions.js';
import { decisionOf, dueAfter, mergedSteps, orderOf, startedTasks } from './run-submissions.js';

const pending = { status: 'pending', total: null, started: 0, completed: 0, failed: 0 } as const;
const unknown = { missing: null, wakesAt: null, code: null, detail: null } as const;

const stepsOf = ({ definition }: NewRun): StepRow[] =>
  definition.steps.map(({ name }) => ({ name, ...pending, ...unknown }));

/** The run as it will be when it has begun. */
const openRunOf = (run: NewRun, { priority, principal, now }: RunTask): OpenRun => ({
  definition: run.definition,
  inputs: run.inputs,
  ...{ priority, principal, now },
  ...{ revision: 0, outcome: null, rootStatus: 'running', dueAt: null },
  ...{ steps: stepsOf(run), notices: [], signals: [] },
});

@Injectable()
export class FirstDecisions extends RunBegins {
  constructor(
    private readonly begins: WorkflowBegins,
    private readonly decisions: RunDecisions,
    private readonly intake: Intake,
  ) {
    super();
  }

  /**
   * Begins a run and starts its first steps. Where that is not all that is to be decided, or another attempt has begun the
   * run, it begins without.
   * @throws DatabaseUnavailable
   */
  override async begin(claim: ClaimRef, run: NewRun): Promise<RunBegun> {
    return (await this.hasBegun(claim, run)) ? 'begun' : this.begins.begin(claim, run);
  }

  private async hasBegun(claim: ClaimRef, run: NewRun): Promise<boolean> {
    if (run.reused.length > 0) return false;
    const task = await this.begins.look(claim);
    if (task?.principal === undefined) return false;
    const open = openRunOf(run, task);
    const plan = await this.decisions.plan({ tenantId: claim.tenantId, runId: claim.taskId }, open);
    if (plan.outcome !== undefined || plan.refused.length > 0 || plan.drafts.length === 0) return false;
    const orders = plan.drafts.map((draft) => ({ ...orderOf(draft, claim.taskId), parentEpoch: claim.epoch }));
    const begun: true[] = [];
    const alongside: InsertedAlongside = async (transaction, accepted, tasks) => {
      const started = startedTasks(plan.drafts, tasks, accepted);
      await beginDecided(transaction, claim, run, firstOf(plan, open, started, tasks.length));
      begun.push(true);
    };
    try {
      await this.intake.submit(task.principal, orders, { alongside });
    } catch (error) {
      if (error instanceof NotBegun || error instanceof RunMoved) return false;
      throw error;
    }
    return begun.length > 0;
  }
}

/** @param tasks drafts that were not refused. What was, or had no room in one decision, is looked at again soon. */
const firstOf = (plan: Plan, { steps, now }: OpenRun, started: readonly TaskChange[], tasks: number) => {
  const isWhole = tasks === plan.drafts.length && tasks < maxStarts;
  const dueAt = isWhole ? dueAfter(plan, started, tasks - started.length, now) : now;
  return { ...decisionOf(plan, mergedSteps(steps, plan.steps), started, 0), dueAt };
};
