import { Ctx, Payload } from '@nestjs/microservices';
import { dispatchIdOf, type TaskDispatch, type TaskDispatches } from '@pulser/contracts';
import { type Claim, type ClaimRequest, TaskClaims } from '@pulser/context-bus';
import { type DeliveryContext, MessageConsumer, OnMessage } from '@pulser/messaging';
import { Tracer } from '@pulser/service-kit';

import { AttemptRunner } from './attempt-runner.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Slots } from './slots.js';

const requestOf = (dispatch: TaskDispatch): ClaimRequest => ({
  tenantId: dispatch.tenant_id,
  taskId: dispatch.task_id,
  dispatchId: dispatchIdOf(dispatch),
  wantsPayload: dispatch.payload === undefined,
});

/**
 * Where the way of a task on its worker begins: a message is delivered, and each task in it is claimed as soon as there is
 * a slot. Returning acknowledges: each task has ended, waits for its next attempt, or another worker has it.
 */
@MessageConsumer()
export class TaskConsumer {
  constructor(
    private readonly slots: Slots,
    private readonly claims: TaskClaims,
    private readonly leases: LeaseKeeper,
    private readonly attempts: AttemptRunner,
    private readonly tracer: Tracer,
  ) {}

  /** @throws DatabaseUnavailable while no claim can be made: then the message waits */
  @OnMessage('task.dispatch')
  async run(@Payload() dispatches: TaskDispatches, @Ctx() { redelivered }: DeliveryContext): Promise<void> {
    const runs = await Promise.allSettled(
      dispatches.map((dispatch) => this.slots.use(() => this.runOne(dispatch, redelivered))),
    );
    // Only now: the worker that gets the message again must not meet what this one left running.
    const failed = runs.find((run) => run.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private async runOne(dispatch: TaskDispatch, redelivered: boolean): Promise<void> {
    const request = requestOf(dispatch);
    if (redelivered && (await this.claims.takeOver(request))) this.leases.lose(request.taskId);
    const claim = await this.claims.claim(request);
    if (claim !== undefined) await this.traced(claim, dispatch);
  }

  private traced(claim: Claim, dispatch: TaskDispatch): Promise<void> {
    return this.tracer.inSpan(
      `run ${dispatch.task_type}`,
      'consumer',
      () => {
        this.tracer.workFor(claim.tenantId);
        return this.attempts.run(claim, dispatch);
      },
      dispatch.traceparent,
    );
  }
}
