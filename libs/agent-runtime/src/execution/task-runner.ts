import { Injectable } from '@nestjs/common';
import { dispatchIdOf, type TaskDispatch } from '@pulser/contracts';
import { type ClaimRequest, TaskClaims } from '@pulser/context-bus';
import { Tracer } from '@pulser/service-kit';

import { LeaseKeeper } from '../leases/lease-keeper.js';
import { Attempt } from './attempt.js';
import { AttemptRunner } from './attempt-runner.js';

const requestOf = (dispatch: TaskDispatch): ClaimRequest => ({
  tenantId: dispatch.tenant_id,
  taskId: dispatch.task_id,
  dispatchId: dispatchIdOf(dispatch),
  wantsPayload: dispatch.payload === undefined,
});

/** Takes a message to a claim, and the claim to the end of an attempt. */
@Injectable()
export class TaskRunner {
  constructor(
    private readonly claims: TaskClaims,
    private readonly attempts: AttemptRunner,
    private readonly leases: LeaseKeeper,
    private readonly tracer: Tracer,
  ) {}

  /** @throws DatabaseUnavailable while the claim cannot be asked for: then the message waits */
  async run(dispatch: TaskDispatch, redelivered: boolean): Promise<void> {
    const request = requestOf(dispatch);
    if (redelivered && (await this.claims.takeOver(request))) this.leases.lose(request.taskId);
    const claim = await this.claims.claim(request);
    if (claim === undefined) return;
    await this.tracer.inSpan(
      `run ${dispatch.task_type}`,
      'consumer',
      () => {
        this.tracer.workFor(claim.tenantId);
        return this.attempts.run(new Attempt(claim, dispatch));
      },
      dispatch.traceparent,
    );
  }
}
