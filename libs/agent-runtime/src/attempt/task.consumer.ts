// Every message that a worker handles: dispatches of tasks, each of which waits for a slot, and cancellations.
import { Injectable } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { type ClaimRequest, TaskClaims } from '@pulser/context-bus';
import { systemTenantId, type TaskDispatch, type TaskDispatches, type TaskEvents } from '@pulser/contracts';
import { type DeliveryContext, MessageConsumer, OnMessage } from '@pulser/messaging';
import { Tracer } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AttemptSpans } from '../reporting/attempt-spans.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { AttemptRunner, requestOf } from './attempt-runner.js';
import { LeaseKeeper } from './lease-keeper.js';
import { UnclaimedRuns } from './unclaimed-runs.js';

/**
 * The slots for attempts on this worker. The broker's prefetch alone does not keep their number: after a broken
 * connection it delivers again what still runs here.
 */
@Injectable()
export class Slots {
  private inUse = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly env: AgentEnv) {}

  get total(): number {
    return this.env.CONCURRENCY;
  }

  get taken(): number {
    return this.inUse;
  }

  /** Does the work as soon as there is room for it, first come, first served. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.inUse >= this.total) await this.turn();
    else this.inUse += 1;
    try {
      return await work();
    } finally {
      this.free();
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  // A freed slot is handed directly to the first that waits for it.
  private free(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.inUse -= 1;
    else next();
  }
}

/**
 * Where the way of a task on its worker begins: a message is delivered, and each task in it is claimed as soon as there is
 * a slot, or runs without a claim (`unclaimed-runs.ts`). Returning acknowledges: each task has ended, waits for its next attempt, or another worker has it.
 */
@MessageConsumer()
export class TaskConsumer {
  constructor(
    private readonly slots: Slots,
    private readonly claims: TaskClaims,
    private readonly leases: LeaseKeeper,
    private readonly attempts: AttemptRunner,
    private readonly unclaimed: UnclaimedRuns,
    private readonly events: TaskEventPublisher,
    private readonly tracer: Tracer,
    private readonly spans: AttemptSpans,
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
    if (!redelivered && this.unclaimed.accepts(dispatch)) {
      await this.traced(dispatch, () => this.unclaimed.run(dispatch));
      return;
    }
    const request = { ...requestOf(dispatch), afterUnclaimed: redelivered && this.unclaimed.mayHaveRun(dispatch) };
    if (redelivered) await this.takeOver(request, dispatch);
    const claim = await this.claims.claim(request);
    if (claim !== undefined) await this.traced(dispatch, () => this.attempts.run(claim, dispatch));
  }

  private async takeOver(request: ClaimRequest, { task_type: taskType }: TaskDispatch): Promise<void> {
    const taken = await this.claims.takeOver(request);
    if (taken === undefined) return;
    this.leases.lose(request.taskId);
    // When it is queued its next start is published; steps that ended with it are not, because a worker may cancel nothing.
    if (taken.status === 'failed')
      this.events.publish('task.failed', { ...request, taskType, attempt: taken.attempt }, { code: 'worker_lost' });
  }

  private traced(dispatch: TaskDispatch, run: () => Promise<void>): Promise<void> {
    // Tasks of Pulser itself leave no trace.
    if (dispatch.tenant_id === systemTenantId) return run();
    return this.tracer.inSpan(
      `run ${dispatch.task_type}`,
      'consumer',
      () => {
        this.tracer.workFor(dispatch.tenant_id);
        this.spans.gather();
        return run();
      },
      dispatch.traceparent,
    );
  }
}

/** Aborts cancelled attempts at once; without the message the next renewal would find out. */
@MessageConsumer()
export class CancellationsConsumer {
  constructor(private readonly leases: LeaseKeeper) {}

  @OnMessage('task.cancelled')
  cancelled(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.leases.lose(task_id);
  }
}
