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
    const byTenant = Map.groupBy(steps, ({ tenant_id }) => tenant_id);
    const refs = await Promise.all(
      [...byTenant].map(([tenantId, own]) =>
        this.runs.ofTasks(
          tenantId,
          own.map(({ task_id }) => task_id),
        ),
      ),
    );
    await Promise.all(refs.flat().map((ref: RunRef) => this.advance.advance(ref)));
  }
}
