// Takes a run as far as it goes now: decides, writes, looks again, until nothing is left to notice. Any number of workers may
// do it at the same time: of two that decide on the same state one writes, and the other looks again.
import { Injectable } from '@nestjs/common';
import {
  type OpenRun,
  RunEnds,
  RunMoved,
  type RunOutcome,
  type RunRef,
  type Swept,
  WorkflowRuns,
} from '@pulser/context-bus';
import { hasEnded, type MessageInput } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { type Plan, RunDecisions } from './run-decisions.js';
import { RunSubmissions } from './run-submissions.js';

/** Decisions in a row about one run, before others get their turn. */
const maxRounds = 1_000;

@Injectable()
export class RunAdvance {
  /** Runs that are being advanced here; true: something came meanwhile. */
  private readonly busy = new Map<string, boolean>();

  constructor(
    private readonly runs: WorkflowRuns,
    private readonly decisions: RunDecisions,
    private readonly submissions: RunSubmissions,
    private readonly ends: RunEnds,
    private readonly publisher: Publisher,
    private readonly logger: Logger,
  ) {}

  /** @throws DatabaseUnavailable */
  async advance(ref: RunRef): Promise<void> {
    if (this.busy.has(ref.runId)) {
      this.busy.set(ref.runId, true);
      return;
    }
    try {
      do {
        this.busy.set(ref.runId, false);
        await this.rounds(ref);
      } while (this.busy.get(ref.runId) === true);
    } finally {
      this.busy.delete(ref.runId);
    }
  }

  private async rounds(ref: RunRef): Promise<void> {
    for (let round = 0; round < maxRounds; round += 1) {
      try {
        if (!(await this.round(ref))) return;
      } catch (error) {
        if (!(error instanceof RunMoved)) throw error;
      }
    }
  }

  /** @returns whether to look again */
  private async round(ref: RunRef): Promise<boolean> {
    const run = await this.runs.read(ref.tenantId, ref.runId);
    if (run === undefined) return false;
    if (run.outcome !== null) return isHeld(run) ? false : this.end(ref, run.outcome);
    const { rootStatus, revision, now } = run;
    if (rootStatus === null || hasEnded(rootStatus)) {
      const outcome = { status: 'closed' } as const;
      await this.runs.decide(ref.tenantId, ref.runId, { ...nothing, revision, outcome, dueAt: now });
      return this.end(ref, outcome);
    }
    if (!mayGoOn(run)) return false;
    const plan = await this.decisions.plan(ref, run);
    if (isNothing(plan, run)) return false;
    return this.carryOut(ref, plan, run);
  }

  private async carryOut(ref: RunRef, plan: Plan, run: OpenRun): Promise<boolean> {
    // Its handler has not let go of the task yet: the end of that is noticed too.
    if (plan.outcome !== undefined && run.rootStatus !== 'waiting') return false;
    const again = await this.submissions.carryOut(ref, plan, run);
    return plan.outcome === undefined || plan.drafts.length > 0 ? again : this.end(ref, plan.outcome);
  }

  private async end({ tenantId, runId }: RunRef, outcome: RunOutcome): Promise<false> {
    this.publish(await this.ends.end(tenantId, runId, outcome));
    return false;
  }

  private publish(rows: readonly Swept[]): void {
    const events = rows.map(({ task_id, tenant_id, task_type, agent, attempt, status, code }) => ({
      status,
      event: { task_id, tenant_id, task_type, agent, attempt },
      code: code ?? 'unexplained',
    }));
    const of = (wanted: Swept['status']) => events.filter(({ status }) => status === wanted);
    this.send(
      'task.completed',
      of('completed').map(({ event }) => event),
    );
    this.send(
      'task.failed',
      of('failed').map(({ event, code }) => ({ ...event, code })),
    );
    this.send(
      'task.cancelled',
      of('cancelled').map(({ event }) => event),
    );
  }

  // Nothing depends on its arrival: the rows are the truth.
  private send<K extends 'task.completed' | 'task.failed' | 'task.cancelled'>(key: K, events: MessageInput<K>): void {
    if (events.length === 0) return;
    this.publisher.publish(key, events).catch((error: unknown) => {
      this.logger.debug({ err: error, key }, 'the end of a run was not published');
    });
  }
}

const nothing = { noticed: [], steps: [], started: [], ended: [], taken: [] } as const;

/** Whether a handler has the task of a run that has its outcome, or will have it: the sweep looks again. */
const isHeld = ({ rootStatus }: OpenRun): boolean =>
  rootStatus !== null && rootStatus !== 'waiting' && !hasEnded(rootStatus);

/** A run that began with its first decision goes on while its handler lets go of the task. */
const mayGoOn = ({ rootStatus, revision }: OpenRun): boolean =>
  rootStatus === 'waiting' || (rootStatus === 'running' && revision > 0);

const isNothing = ({ noticed, steps, drafts, refused, outcome }: Plan, { dueAt, now }: OpenRun): boolean =>
  noticed.length + steps.length + drafts.length + refused.length === 0 &&
  outcome === undefined &&
  (dueAt === null || dueAt > now);
