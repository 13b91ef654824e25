import { Injectable } from '@nestjs/common';
import { BulkReplays, DeadLetterSettled, settlingReplays } from '@pulser/context-bus';
import type { Replayed, ReplayEdit, ReplayMany } from '@pulser/contracts';
import { Tracer } from '@pulser/service-kit';

import type { RequestCaller } from '../access/caller.js';
import { type Submission, Submissions, TaskMetrics } from '../tasks/submissions.service.js';
import { DeadLetters } from './dead-letters.service.js';
import { replayOrder } from './replay-order.policy.js';

/** Submits one dead letter again, as it was or edited. */
@Injectable()
export class Replays {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly submissions: Submissions,
  ) {}

  /**
   * An accepted task is committed together with the state of the dead letter.
   * @throws HttpError `not_found`; `conflict` when the dead letter is not open; `invalid_request` for a wrong edit; what
   * any submission may be refused for
   */
  async replay(caller: RequestCaller, deadLetterId: string, edit: ReplayEdit): Promise<Submission> {
    const { tenantId, actor } = caller;
    const deadLetter = await this.deadLetters.findOpen(tenantId, deadLetterId);
    const { task, edits, idempotencyKey } = replayOrder(deadLetter, edit);
    const order = { submit: task, idempotencyKey, replayOf: deadLetter.taskId ?? undefined };
    try {
      return await this.submissions.submit(caller, order, settlingReplays([{ deadLetterId, edits }], actor));
    } catch (error) {
      // Another request was faster: this throws the conflict, with the state of the dead letter.
      if (error instanceof DeadLetterSettled) await this.deadLetters.findOpen(tenantId, deadLetterId);
      throw error;
    }
  }
}

/** Submits many failed tasks again, as they were. */
@Injectable()
export class ManyReplays {
  constructor(
    private readonly bulk: BulkReplays,
    private readonly tracer: Tracer,
    private readonly metrics: TaskMetrics,
  ) {}

  /** Only tasks of types that are served and that the caller may submit; the others are counted as skipped. */
  async replay(caller: RequestCaller, { filter, rate_per_s, limit }: ReplayMany): Promise<Replayed> {
    const order = { filter, limit, ratePerS: rate_per_s, actor: caller.actor, traceparent: this.tracer.current() };
    const { replayed, ...left } = await this.bulk.replay(caller, order);
    for (const [type, tasks] of replayed) this.metrics.submitted(type, 'created', tasks);
    return { replayed: [...replayed.values()].reduce((sum, tasks) => sum + tasks, 0), ...left };
  }
}
