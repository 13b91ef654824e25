import { Injectable } from '@nestjs/common';
import type { ReplayEdits } from '@pulser/contracts';
import { statement, type TenantTransaction } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import { TaskIntake } from '../tasks/deprecated.js';
import type { Accepted, NewTask } from '../tasks/inserts.js';
import { ofTenant } from './dead-letter.js';
import { DeadLetterSettled } from './dead-letter-settled.js';

// The letter's row is the lock: whoever comes second finds it settled, and its own task is undone.
const settle = statement(
  'dead-letters.replay',
  `with taken as (
     update dead_letter set state = 'replayed', settled_at = now(), settled_by = $4::text
     where ${ofTenant} and dead_letter_id = $1 and state = 'open'
     returning tenant_id, dead_letter_id, settled_by
   )
   insert into dead_letter_replay (tenant_id, dead_letter_id, task_id, edits, replayed_by)
   select tenant_id, dead_letter_id, $2, $3, settled_by from taken
   returning task_id as "taskId"`,
);

/** A task to be made from a letter. */
export interface Replay {
  readonly letterId: string;
  readonly task: NewTask;
  readonly edits: ReplayEdits;
  /** Whoever wants it. */
  readonly actor: Actor;
}

/** Makes new tasks from dead letters, one by one. */
@Injectable()
export class DeadLetterReplays {
  constructor(private readonly intake: TaskIntake) {}

  /**
   * The task and the letter's state are one commit: the task is accepted, and announced, like any submission.
   * With an idempotency key that was used before, the letter is tied to the task of that time; a conflict changes nothing.
   * @throws DeadLetterSettled when the letter is not open, or not there
   */
  async replay(tenantId: string, replay: Replay): Promise<Accepted> {
    const [accepted] = await this.intake.insertAll(tenantId, [replay.task], async (transaction, [answer]) => {
      if (answer !== undefined && answer.kind !== 'conflict') await tie(transaction, replay, answer.taskId);
    });
    if (accepted === undefined) throw new Error('A replay has no answer');
    return accepted;
  }
}

const tie = async (transaction: TenantTransaction, replay: Replay, taskId: string): Promise<void> => {
  const { letterId, edits, actor } = replay;
  await actingAs(transaction, actor);
  const tied = await transaction.query(settle, [letterId, taskId, JSON.stringify(edits), actor.name]);
  if (tied.length === 0) throw new DeadLetterSettled('The dead letter is not open');
};
