// Steps become tasks through the one intake, in the name of whoever submitted the run, with their rights of this moment. The
// tasks and the decision that starts them are one transaction: whatever dies, no step runs twice and none is forgotten.
import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  type ChildRefusal,
  type Decision,
  Intake,
  maxNotices,
  type OpenRun,
  type Order,
  type Outcome,
  type Refusal,
  RunMoved,
  type RunRef,
  type StepChange,
  type TaskChange,
  WorkflowRuns,
  writeDecision,
} from '@pulser/context-bus';
import { hasEnded, type TaskStatus } from '@pulser/contracts';

import type { Draft } from './drafts.policy.js';
import { maxStarts, type Plan } from './run-decisions.js';
import { withStarted } from './started-items.policy.js';

/** A draft as the one intake takes it. */
export const orderOf = (draft: Draft, runId: string): Order => ({
  submit: {
    task_type: draft.taskType,
    priority: draft.priority,
    payload: draft.payload,
    ...(draft.deadlineS !== undefined && { deadline_s: draft.deadlineS }),
    ...(draft.concurrency !== undefined && { concurrency: draft.concurrency }),
    ...(draft.unique !== undefined && { unique: draft.unique }),
    metadata: { workflow_step: draft.step, index: draft.index },
  },
  parentId: runId,
  childKey: `${draft.step} ${draft.index}`,
  maxAttempts: draft.maxAttempts,
});

/** Refusals that pass: the step is submitted again later. */
const passing: ReadonlySet<Refusal['code']> = new Set(['queue_full', 'daily_quota_spent', 'task_type_not_served']);

@Injectable()
export class RunSubmissions {
  constructor(
    private readonly intake: Intake,
    private readonly runs: WorkflowRuns,
  ) {}

  /**
   * Writes a decision together with its tasks.
   * @returns whether to look at the run again at once: not when tasks were refused that may be accepted later
   * @throws RunMoved, DatabaseUnavailable
   */
  async carryOut(ref: RunRef, plan: Plan, run: OpenRun): Promise<boolean> {
    const { tenantId, runId } = ref;
    const { revision, now, principal } = run;
    const steps = mergedSteps(run.steps, plan.steps);
    if (plan.drafts.length === 0) {
      await this.runs.decide(tenantId, runId, decisionOf(plan, steps, [], revision));
      return isPart(plan, run);
    }
    if (principal === undefined) return this.giveUp(ref, revision, now);
    const written: (readonly TaskChange[])[] = [];
    let postponed = 0;
    const outcomes = await this.intake.submit(
      principal,
      plan.drafts.map((draft) => orderOf(draft, runId)),
      {
        alongside: async (transaction, accepted, tasks) => {
          const some = startedTasks(plan.drafts, tasks, accepted);
          postponed = tasks.length - some.length;
          const dueAt = dueAfter(plan, some, postponed, now);
          await writeDecision(transaction, runId, { ...decisionOf(plan, steps, some, revision), dueAt });
          written.push(some);
        },
      },
    );
    const [started] = written;
    if (started !== undefined) await this.settleRefused(ref, plan, outcomes);
    else await this.runs.decide(tenantId, runId, withRefused(plan, steps, outcomes, revision, now));
    const codes = codesOf(outcomes);
    if (postponed > 0 || codes.some((code) => code !== undefined && passing.has(code))) return false;
    const isKnown = started === undefined || started.some(({ status }) => status !== 'open');
    return isKnown || isPart(plan, run) || outcomes.some(({ kind }) => kind === 'refused');
  }

  /** What was refused is known only now: the next decision counts it. */
  private async settleRefused(ref: RunRef, plan: Plan, outcomes: readonly Outcome[]): Promise<void> {
    if (!outcomes.some(({ kind }) => kind === 'refused')) return;
    const run = await this.runs.read(ref.tenantId, ref.runId);
    if (run === undefined || run.outcome !== null) return;
    const rest = { ...plan, noticed: [], ended: [], taken: [], refused: [], steps: [], outcome: undefined };
    await this.runs.decide(ref.tenantId, ref.runId, withRefused(rest, run.steps, outcomes, run.revision, run.now));
  }

  private async giveUp({ tenantId, runId }: RunRef, revision: number, now: Date): Promise<true> {
    const error = { code: 'submitter_gone', message: 'The key that submitted the run is revoked, or has expired' };
    const nothing = { noticed: [], steps: [], started: [], ended: [], taken: [], dueAt: now };
    await this.runs.decide(tenantId, runId, { ...nothing, revision, outcome: { status: 'failed', error } });
    return true;
  }
}

/** Whether there is more to decide than this: one decision starts and notices so many tasks, and what was refused may end a step. */
const isPart = ({ drafts, refused }: Plan, { notices }: OpenRun): boolean =>
  drafts.length >= maxStarts || notices.length >= maxNotices || refused.length > 0;

/** Why a task is no child of the run: what was decided with the others says so already. */
const childRefusals: ReadonlySet<string> = new Set<ChildRefusal>([
  'parent_ended',
  'too_many_children',
  'nested_too_deep',
]);

const codesOf = (outcomes: readonly Outcome[]): (Refusal['code'] | undefined)[] =>
  outcomes.map((outcome) =>
    outcome.kind === 'refused' && !childRefusals.has(outcome.refusal.code) ? outcome.refusal.code : undefined,
  );

/** The steps of a run with those of a plan in place of their earlier states. */
export const mergedSteps = (rows: readonly StepChange[], changed: readonly StepChange[]): StepChange[] => {
  const byName = new Map(changed.map((step) => [step.name, step]));
  return rows.map((row) => byName.get(row.name) ?? row);
};

/** What became of the drafts that were not refused. A task keeps the very payload object of its draft. @throws RunMoved */
export const startedTasks = (
  drafts: readonly Draft[],
  tasks: readonly { readonly payload: object }[],
  accepted: readonly Accepted[],
): TaskChange[] => {
  const byPayload = new Map<object, Draft>(drafts.map((draft) => [draft.payload, draft]));
  const own = new Set(accepted.flatMap((one) => (one.kind === 'created' ? [one.taskId] : [])));
  return tasks.flatMap(({ payload }, n): TaskChange[] => {
    const [draft, answer] = [byPayload.get(payload), accepted[n]];
    if (draft === undefined || answer === undefined || answer.kind === 'conflict') throw new RunMoved();
    const { step, index } = draft;
    if (answer.kind === 'unborn') return [{ step, index, taskId: null, status: 'failed', code: unbornCode(answer) }];
    const isOther = answer.kind === 'existing' && draft.unique !== undefined && !own.has(answer.taskId);
    if (isOther) return standIn(draft, answer);
    return [{ step, index, taskId: answer.taskId, status: 'open', code: null }];
  });
};

/** @throws RunMoved when the run ends just now: nothing of it is wanted any more */
const unbornCode = ({ reason }: Extract<Accepted, { readonly kind: 'unborn' }>): string => {
  if (reason === 'parent_ended') throw new RunMoved();
  return reason;
};

/** An earlier task has the unique key: the item ends as that one did, or is submitted again while that one has not ended. */
const standIn = (
  { step, index }: Draft,
  { taskId, status }: { readonly taskId: string; readonly status: TaskStatus },
): TaskChange[] => {
  if (!hasEnded(status)) return [];
  if (status === 'completed') return [{ step, index, taskId, status, code: null }];
  return [{ step, index, taskId, status: 'failed', code: 'earlier_failed' }];
};

/** What ended as it began is noticed at once, what is to be submitted again after a while. */
export const dueAfter = (
  { dueAt }: Plan,
  started: readonly TaskChange[],
  postponed: number,
  now: Date,
): Date | undefined => {
  if (started.some(({ status }) => status !== 'open')) return now;
  const again = postponed === 0 ? undefined : new Date(now.getTime() + againMs);
  return again !== undefined && (dueAt === undefined || again < dueAt) ? again : dueAt;
};

/** The decision with what became of its items. */
export const decisionOf = (
  plan: Plan,
  steps: readonly StepChange[],
  started: readonly TaskChange[],
  revision: number,
): Decision => {
  const items = [...plan.refused, ...started];
  const touched = new Set([...plan.steps.map(({ name }) => name), ...items.map(({ step }) => step)]);
  const counted = steps.filter(({ name }) => touched.has(name)).map((step) => withStarted(step, items));
  const { noticed, ended, taken, dueAt, outcome } = plan;
  return { revision, noticed, dueAt, outcome, steps: counted, ended, taken, started: items };
};

/** Milliseconds after which what was refused for a while is submitted again. */
const againMs = 5_000;

const withRefused = (
  plan: Plan,
  steps: readonly StepChange[],
  outcomes: readonly Outcome[],
  revision: number,
  now: Date,
): Decision => {
  const codes = codesOf(outcomes);
  const failed = plan.drafts.flatMap(({ step, index }, n): TaskChange[] => {
    const code = codes[n];
    return code === undefined || passing.has(code) ? [] : [{ step, index, taskId: null, status: 'failed', code }];
  });
  const waits = codes.some((code) => code !== undefined && passing.has(code));
  const dueAt = failed.length > 0 ? now : waits ? new Date(now.getTime() + againMs) : plan.dueAt;
  return { ...decisionOf(plan, steps, failed, revision), dueAt };
};
