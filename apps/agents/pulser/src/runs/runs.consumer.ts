import { Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type RunRef, WorkflowRuns } from '@pulser/context-bus';
import type { StepsEnded } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { RunAdvance } from './run-advance.js';

/** Advances the runs of tasks that have ended, or that wait now. */
@Injectable()
@MessageConsumer()
export class RunsConsumer {
  constructor(
    private readonly runs: WorkflowRuns,
    private readonly advance: RunAdvance,
  ) {}

  /** @throws DatabaseUnavailable: then the message waits */
  @OnMessage('steps.ended')
  async ended(@Payload() steps: StepsEnded): Promise<void> {
    const runs = new Map<string, RunRef>();
    for (const { tenant_id: tenantId, run_id: runId } of steps)
      if (runId !== undefined) runs.set(runId, { tenantId, runId });
    const unnamed = steps.filter(({ run_id }) => run_id === undefined);
    const refs = [...runs.values(), ...(await this.runsOf(unnamed))];
    await Promise.all(refs.map((ref) => this.advance.advance(ref)));
  }

  /** A worker of an older version does not say which run it is. */
  private async runsOf(steps: StepsEnded): Promise<RunRef[]> {
    const byTenant = Map.groupBy(steps, ({ tenant_id }) => tenant_id);
    const refs = [...byTenant].map(([tenantId, own]) =>
      this.runs.ofTasks(
        tenantId,
        own.map(({ task_id }) => task_id),
      ),
    );
    return (await Promise.all(refs)).flat();
  }
}
