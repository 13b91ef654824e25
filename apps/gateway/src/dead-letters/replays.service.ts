import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  BulkReplays,
  DeadLetterReplays,
  DeadLetterSettled,
  type Replay,
  ServedTaskTypes,
  submissionRefusal,
  type TaskKind,
} from '@pulser/context-bus';
import {
  agentByTaskType,
  type Replayed,
  type ReplayEdit,
  type ReplayMany,
  retryLimits,
  type TaskType,
} from '@pulser/contracts';
import { Tracer } from '@pulser/service-kit';

import type { RequestCaller } from '../access/caller.js';
import { isRefusal, type Outcome, Submissions } from '../tasks/submissions.service.js';
import { TaskMetrics } from '../tasks/task.metrics.js';
import { DeadLetters } from './dead-letters.service.js';
import { replayOrder } from './replay-order.policy.js';

/** Submits one dead letter again, as it was or edited. */
@Injectable()
export class Replays {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly replays: DeadLetterReplays,
    private readonly submissions: Submissions,
  ) {}

  /**
   * An accepted task is committed together with the state of the dead letter.
   * @throws HttpError `not_found`; `conflict` when the dead letter is not open; `invalid_request` for a wrong edit
   */
  async replay(caller: RequestCaller, deadLetterId: string, edit: ReplayEdit): Promise<Outcome> {
    const { tenantId, actor } = caller;
    const deadLetter = await this.deadLetters.findOpen(tenantId, deadLetterId);
    const { task, edits, idempotencyKey } = replayOrder(deadLetter, edit);
    const row = await this.submissions.prepare(caller, { task, idempotencyKey });
    if (isRefusal(row)) return row;
    const repeated = { ...row, ...(deadLetter.taskId !== null && { replay_of: deadLetter.taskId }) };
    const accepted = await this.commit(tenantId, { letterId: deadLetterId, task: repeated, edits, actor });
    return this.submissions.outcome(row, accepted);
  }

  private async commit(tenantId: string, replay: Replay): Promise<Accepted> {
    try {
      return await this.replays.replay(tenantId, replay);
    } catch (error) {
      // Another request was faster: this throws the conflict that says what became of the dead letter.
      if (error instanceof DeadLetterSettled) await this.deadLetters.findOpen(tenantId, replay.letterId);
      throw error;
    }
  }
}

const kindOf = (task_type: TaskType): TaskKind => ({
  task_type,
  agent: agentByTaskType[task_type],
  max_attempts: retryLimits[task_type].maxRetries + 1,
});

/** Submits many failed tasks again, as they were, with one statement. */
@Injectable()
export class ManyReplays {
  constructor(
    private readonly replays: BulkReplays,
    private readonly served: ServedTaskTypes,
    private readonly tracer: Tracer,
    private readonly metrics: TaskMetrics,
  ) {}

  /** Only tasks of types that are served and that the caller may submit; the others are counted as skipped. */
  async replay(caller: RequestCaller, { filter, rate_per_s, limit }: ReplayMany): Promise<Replayed> {
    const { tenantId, actor } = caller;
    const types = [...(await this.served.current())].filter((type) => submissionRefusal(caller, type) === undefined);
    const kinds = types.map(kindOf);
    const order = { filter, limit, ratePerS: rate_per_s, kinds, actor, traceparent: this.tracer.current() };
    const { replayed, ...left } = await this.replays.replay(tenantId, order);
    for (const { taskType, tasks } of replayed) this.metrics.submitted[taskType].created.inc(tasks);
    return { replayed: replayed.reduce((sum, { tasks }) => sum + tasks, 0), ...left };
  }
}
