// The operation `deploy`: render, validate, plan, approval, apply, watch, and back where it fails. Its handler runs again from
// the start after each wait and each crash, so each step that asks the cluster is an effect with a result of its own.
import { type CallsApproval, operation, type TaskContext } from '@pulser/agent-runtime/skill';

import { applyCall, ClusterTools, isRefusal } from './cluster-tools.js';
import {
  deployErrors,
  DeployInput,
  type DeployResult,
  type DeployStep,
  example,
  type Rollout,
  stepDone,
  stepFailed,
  stepSkipped,
} from './deploy-contract.js';
import { type DeployManifest, manifestOf } from './deploy-manifest.js';
import { changesOf, type DeployPlan, isSamePlan, notWatched, planOf, shownChanges, summaryOf } from './deploy-plan.js';
import { rollBack } from './roll-back.js';
import { watch } from './rollout-watch.js';

/** One deployment on its way. */
class Deploying {
  private readonly steps: DeployStep[] = [];
  private readonly tools: ClusterTools;
  /** Tools whose calls persons have to approve, as the tenant had it when the deployment began. */
  private asking: readonly string[] = [];

  constructor(
    private readonly input: DeployInput,
    private readonly context: TaskContext,
  ) {
    this.tools = new ClusterTools(context.tools);
  }

  async run(): Promise<DeployResult> {
    const manifest = await this.context.once('manifest', () => manifestOf(this.input, this.context));
    this.steps.push(...manifest.steps);
    const plan = await this.plan(manifest);
    if (plan.objects.every(({ change }) => change === 'unchanged')) return this.unchanged(plan, manifest);
    const approval = await this.approval(plan);
    await this.requireSame(plan);
    const failure = (await this.apply(plan, approval)) ?? (await this.watched(plan));
    if (!isFailure(failure)) return this.result('deployed', plan, manifest, failure);
    return this.failed(plan, approval, failure);
  }

  private async plan({ text }: DeployManifest): Promise<DeployPlan> {
    // First: a task that lacks something fails before persons are asked to approve it.
    this.asking = await this.context.once('asking', () => this.tools.needingApproval());
    const plan = await this.context.once('plan', async () => {
      this.context.progress(40, 'The cluster is asked what would change');
      return planOf(this.tools, 'trial', applyCall(text, this.input));
    });
    this.steps.push(stepDone('plan', summaryOf(plan)));
    return plan;
  }

  private unchanged(plan: DeployPlan, manifest: DeployManifest): Promise<DeployResult> {
    for (const step of ['approval', 'apply', 'watch'] as const) this.steps.push(stepSkipped(step, 'Nothing changes'));
    return this.result('unchanged', plan, manifest, []);
  }

  /** Of the apply and of every call that undoes it, at once: what has failed at night must not wait for persons. */
  private async approval(plan: DeployPlan): Promise<CallsApproval | undefined> {
    const { approval: rules, on_failure: onFailure } = this.input;
    const back = onFailure === 'keep' ? [] : plan.deployments.flatMap((one) => one.back ?? []);
    const calls = [plan.apply, ...back].filter(({ tool }) => this.asking.includes(tool));
    if (calls.length === 0) {
      this.steps.push(stepSkipped('approval', 'The rules of the tenant ask for no approval of these calls'));
      return undefined;
    }
    const { needed, role, persons, expires_in_s: expiresInS, notify } = rules;
    const approval = await this.context.tools.approve('approval', {
      title: `Deploy: ${summaryOf(plan)}`,
      ...{ calls, about: { changes: shownChanges(plan) } },
      ...{ needed, role, expiresInS, notify, ...(persons !== undefined && { persons }) },
    });
    this.steps.push(stepDone('approval', `Approved as ${approval.approvalId}`));
    return approval;
  }

  /** Days may have passed. @throws TaskError `cluster_changed` */
  private async requireSame(plan: DeployPlan): Promise<void> {
    const isSame = await this.context.once('same', async () =>
      isSamePlan(plan, await planOf(this.tools, 'second trial', plan.apply)),
    );
    if (isSame) return;
    throw deployErrors.error(
      'cluster_changed',
      'The cluster has changed since the plan was made: nothing was applied, deploy again',
    );
  }

  /** @returns why it failed; undefined: it has not */
  private async apply({ apply }: DeployPlan, approval: CallsApproval | undefined): Promise<Failure | undefined> {
    const failure = await this.context.once('apply', () => this.applied(apply, approval));
    this.steps.push(failure === null ? stepDone('apply', 'Applied') : stepFailed('apply', failure));
    return failure === null ? undefined : { step: 'apply', message: failure, rollouts: [] };
  }

  private async applied(apply: DeployPlan['apply'], approval: CallsApproval | undefined): Promise<string | null> {
    try {
      this.context.progress(60, 'It is applied');
      await this.tools.make('apply', apply, approval);
      return null;
    } catch (error) {
      // A part of it may have been applied.
      if (isRefusal(error)) return error.message;
      throw error;
    }
  }

  private async watched({ deployments }: DeployPlan): Promise<Failure | readonly Rollout[]> {
    const places = deployments.map(({ place }) => place);
    const { verdict, rollouts } = await watch(this.context, this.tools, {
      key: 'watch',
      places,
      limitS: this.input.watch_s,
    });
    if (verdict === 'complete') {
      this.steps.push(stepDone('watch', `${rollouts.length} rollouts are complete`));
      return rollouts;
    }
    const open = rollouts.filter(({ state }) => state !== 'complete');
    const why = verdict === 'progressing' ? `Not complete within ${this.input.watch_s} s` : 'Failed';
    const message = `${why}: ${open.map((one) => `${one.deployment}: ${one.message}`).join('; ')}`;
    this.steps.push(stepFailed('watch', message));
    return { step: 'watch', message, rollouts };
  }

  /** @throws TaskError `deployment_failed`, with what became of the deployments */
  private async failed(
    plan: DeployPlan,
    approval: CallsApproval | undefined,
    { step, message, rollouts }: Failure,
  ): Promise<never> {
    if (step === 'apply') await this.settled();
    const outcome = await this.back(plan, approval);
    const { steps } = this;
    await this.keepReport({ outcome, steps, rollouts, changes: changesOf(plan) });
    throw deployErrors.error('deployment_failed', `${message}. ${endings[outcome]}`, {
      details: { outcome, steps, rollouts },
    });
  }

  /** A part may have been applied just now: the cluster numbers a revision before there is a way back from it. */
  private async settled(): Promise<void> {
    const { until } = await this.context.once('settling', () =>
      Promise.resolve({ until: new Date(Date.now() + settleMs).toISOString() }),
    );
    await this.context.waitFor('settled', { until });
  }

  private async back(plan: DeployPlan, approval: CallsApproval | undefined): Promise<keyof typeof endings> {
    const { on_failure: onFailure, watch_s: limitS } = this.input;
    if (onFailure === 'keep') {
      this.steps.push(stepSkipped('roll_back', 'The task says that deployments are kept'));
      return 'kept';
    }
    if (plan.deployments.length === 0) {
      this.steps.push(stepSkipped('roll_back', 'No deployment was to change'));
      return 'nothing_to_roll_back';
    }
    const { isBack, message } = await rollBack(this.context, this.tools, plan.deployments, { approval, limitS });
    this.steps.push(isBack ? stepDone('roll_back', message) : stepFailed('roll_back', message));
    return isBack ? 'rolled_back' : 'roll_back_failed';
  }

  private async result(
    outcome: DeployResult['outcome'],
    plan: DeployPlan,
    { warnings }: DeployManifest,
    rollouts: readonly Rollout[],
  ): Promise<DeployResult> {
    this.steps.push(stepSkipped('roll_back', 'Nothing has failed'));
    const said = plan.objects.flatMap((object) => object.warnings);
    const result: DeployResult = {
      ...{ outcome, steps: this.steps, changes: changesOf(plan), rollouts: [...rollouts] },
      ...{ not_watched: notWatched(plan), warnings: [...warnings, ...said] },
    };
    await this.keepReport(result);
    return result;
  }

  private keepReport(report: object): Promise<void> {
    return this.context.artifact('deployment.json', 'application/json', Buffer.from(JSON.stringify(report, null, 2)));
  }
}

const settleMs = 5_000;

interface Failure {
  readonly step: 'apply' | 'watch';
  readonly message: string;
  readonly rollouts: readonly Rollout[];
}

const isFailure = (end: Failure | readonly Rollout[]): end is Failure => 'step' in end;

const endings = {
  rolled_back: 'The deployments are as they were',
  roll_back_failed: 'Not every deployment is as it was: look at them',
  kept: 'The deployments were kept as they are',
  nothing_to_roll_back: 'No deployment was to change',
} as const;

/** Brings services to a cluster. */
export const deploy = operation({
  name: 'deploy',
  summary:
    'Deploys to Kubernetes: renders, checks, shows persons what changes, applies what they approved, watches it and goes back on failure',
  input: DeployInput,
  example,
  errors: deployErrors,
  mustBeNamed: true,
  handle: (input, context) => new Deploying(input, context).run(),
});
