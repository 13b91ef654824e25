import { Injectable } from '@nestjs/common';
import { type Accepted, DeadLetterReplays, DeadLetterSettled, type Replay } from '@pulser/context-bus';
import { HttpError, type ReplayEdit } from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { type Submission, Submissions } from '../tasks/submission.service.js';
import { DeadLetters } from './dead-letters.service.js';
import { replayOrder } from './replay-order.policy.js';

/** Submits what failed once more. */
@Injectable()
export class Replays {
  constructor(
    private readonly letters: DeadLetters,
    private readonly replays: DeadLetterReplays,
    private readonly submissions: Submissions,
  ) {}

  /**
   * The new task, durably committed together with the letter's state.
   * @throws HttpError as for any submission; `not_found`; `conflict` when the letter is not open
   */
  async replay(caller: RequestCaller, letterId: string, edit: ReplayEdit): Promise<Submission> {
    const { tenantId, actor } = caller;
    const letter = await this.letters.findOpen(tenantId, letterId);
    const { task, edits, idempotencyKey } = replayOrder(letter, edit);
    const row = await this.submissions.prepare(caller, task, idempotencyKey);
    if (row instanceof HttpError) throw row;
    const repeated = { ...row, ...(letter.taskId !== null && { replay_of: letter.taskId }) };
    const outcome = this.submissions.outcome(
      row,
      await this.accepted(tenantId, { letterId, task: repeated, edits, actor }),
    );
    if (outcome instanceof HttpError) throw outcome;
    return outcome;
  }

  private async accepted(tenantId: string, replay: Replay): Promise<Accepted> {
    try {
      return await this.replays.replay(tenantId, replay);
    } catch (error) {
      // Somebody was faster: says what became of it.
      if (error instanceof DeadLetterSettled) await this.letters.findOpen(tenantId, replay.letterId);
      throw error;
    }
  }
}
