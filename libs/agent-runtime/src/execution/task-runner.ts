import { Injectable } from '@nestjs/common';
import type { TaskNudge } from '@pulser/contracts';
import { type ClaimRequest, TaskClaims } from '@pulser/context-bus';
import { Tracer } from '@pulser/service-kit';

import { LeaseKeeper } from '../leases/lease-keeper.js';
import { Attempt } from './attempt.js';
import { AttemptRunner } from './attempt-runner.js';

const requestOf = ({ tenant_id, task_id, nudge, payload }: TaskNudge): ClaimRequest => ({
  tenantId: tenant_id,
  taskId: task_id,
  nudge,
  wantsPayload: payload === undefined,
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
  async run(nudge: TaskNudge, redelivered: boolean): Promise<void> {
    const request = requestOf(nudge);
    if (redelivered && (await this.claims.surrender(request))) this.leases.lose(request.taskId);
    const claim = await this.claims.claim(request);
    if (claim === undefined) return;
    await this.tracer.inSpan(
      `run ${nudge.task_type}`,
      'consumer',
      () => {
        this.tracer.workFor(claim.tenantId);
        return this.attempts.run(new Attempt(claim, nudge));
      },
      nudge.traceparent,
    );
  }
}
