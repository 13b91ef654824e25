// Runs of workflows that handlers begin: the definition is found, checked and pinned, and the task waits for its steps.
import { Injectable } from '@nestjs/common';
import {
  type ClaimRef,
  type FormerStep,
  type NewRun,
  type ReusedStep,
  type RunBegun,
  RunReads,
  WorkflowDefinitions,
} from '@pulser/context-bus';
import { workflowReference, WorkflowDefinition } from '@pulser/contracts';
import { genAiAttribute, inGenAiSpan, Tracer } from '@pulser/service-kit';
import { descendantsOf, inputProblems, inputsOf, plan } from '@pulser/workflows';

import type { RunOrder, RunRefusal, TaskContext } from '../skills/task-context.js';
import { type PendingWait, Suspended } from '../skills/waiting.js';
import type { Attempt } from './attempt.js';

const aYearMs = 365 * 24 * 3_600_000;

/** The task waits for its run, which ends it: its handler is not called again. */
const untilRunEnds: PendingWait = { wait: { key: 'run', kind: 'run', onLimit: 'fail' }, timeLimitMs: aYearMs };

interface Refused {
  readonly code: RunRefusal;
  readonly message: string;
  readonly details?: object;
}

const refused = (code: RunRefusal, message: string, details?: object): Refused => ({
  code,
  message,
  ...(details !== undefined && { details }),
});

const isRefused = (run: NewRun | Refused): run is Refused => 'code' in run;

type Rerun = NonNullable<RunOrder['rerun']>;

/** The steps of an earlier run that need not be done again. */
export const reusedSteps = (
  definition: WorkflowDefinition,
  former: readonly FormerStep[],
  rerun: { readonly from: string } | { readonly failedOf: string },
): ReusedStep[] => {
  const first = 'from' in rerun ? rerun.from : rerun.failedOf;
  const again = descendantsOf(definition.steps, first);
  return former.flatMap(({ step, status, total, items, missing, result }): ReusedStep[] => {
    if (step === first && 'failedOf' in rerun) return [{ step, status: 'running', total, items, missing, result }];
    if (again.has(step) || (status !== 'completed' && status !== 'failed' && status !== 'skipped')) return [];
    return [{ step, status, total, items, missing: [], result }];
  });
};

/** Begins runs. A worker that advances them makes the first decision together with that. */
export abstract class RunBegins {
  /** @throws DatabaseUnavailable */
  abstract begin(claim: ClaimRef, run: NewRun): Promise<RunBegun>;
}

/** What a worker does for handlers that begin runs. */
@Injectable()
export class WorkflowHost {
  constructor(
    private readonly definitions: WorkflowDefinitions,
    private readonly begins: RunBegins,
    private readonly reads: RunReads,
    private readonly tracer: Tracer,
  ) {}

  calls(attempt: Attempt): Pick<TaskContext, 'beginRun'> {
    return { beginRun: (order) => this.begin(attempt, order) };
  }

  private async begin(attempt: Attempt, order: RunOrder): Promise<Refused> {
    const run = await this.newRun(attempt.tenantId, order);
    if (isRefused(run)) return run;
    const claim = await attempt.claimed();
    const name = run.workflow ?? 'inline';
    const attributes = { [genAiAttribute.workflow]: name };
    const begun = await inGenAiSpan(this.tracer, 'invoke_workflow', name, () => this.begins.begin(claim, run), {
      attributes,
    });
    if (begun === 'too_deep') return refused('nesting_too_deep', 'Workflows inside workflows are nested too deep');
    if (begun !== 'begun') throw attempt.lose();
    attempt.suspendFor(untilRunEnds);
    throw new Suspended(untilRunEnds.wait.key);
  }

  private async newRun(tenantId: string, { workflow, definition, inputs, rerun }: RunOrder): Promise<NewRun | Refused> {
    if (rerun !== undefined) return this.again(tenantId, rerun);
    const inline = { workflow: null, version: null };
    if (workflow === undefined)
      return checkedRun({ ...inline, definition: WorkflowDefinition.parse(definition) }, inputs);
    const { name, version } = workflowReference(workflow);
    const stored = await this.definitions.find(tenantId, name, version);
    if (stored === undefined) return refused('workflow_not_found', `There is no workflow ${workflow}`);
    return checkedRun({ workflow: name, version: stored.version, definition: stored.definition }, inputs);
  }

  private async again(tenantId: string, rerun: Rerun): Promise<NewRun | Refused> {
    const run = await this.reads.find(tenantId, rerun.run);
    const first = 'from' in rerun ? rerun.from : rerun.failedOf;
    if (run === undefined || !run.definition.steps.some(({ name }) => name === first))
      return refused('run_not_found', `There is no run ${rerun.run} with a step ${first}`);
    const { workflow, version, definition, inputs } = run;
    const reused = reusedSteps(definition, await this.reads.former(tenantId, rerun.run), rerun);
    return { workflow, version, definition, inputs, rerunOf: rerun.run, reused };
  }
}

type Pinned = Pick<NewRun, 'workflow' | 'version' | 'definition'>;

const checkedRun = (pinned: Pinned, given: RunOrder['inputs']): NewRun | Refused => {
  const { ok, problems } = plan(pinned.definition);
  if (!ok) return refused('invalid_workflow', 'The definition has problems', { problems });
  const errors = inputProblems(pinned.definition, given);
  if (errors.length > 0) return refused('invalid_inputs', 'The inputs do not fit the workflow', { errors });
  return { ...pinned, inputs: inputsOf(pinned.definition, given), rerunOf: null, reused: [] };
};
