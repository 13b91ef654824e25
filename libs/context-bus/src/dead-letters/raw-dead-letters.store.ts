import { Injectable } from '@nestjs/common';
import type { TaskFailure } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

/** A message that could not be tied to a task, ready to be kept. */
export interface RawDeadLetter {
  /** Undefined when its key was not valid. */
  readonly tenantId: string | undefined;
  /** When its body names one. */
  readonly taskType: string | undefined;
  readonly reason: string;
  readonly error: TaskFailure;
  readonly sourceQueue: string;
  readonly routingKey: string | undefined;
  readonly messageId: string | undefined;
  /** Without secrets. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  /** The same whenever this burial is delivered again. */
  readonly burialKey: string;
  /** The same whenever this message is buried again; undefined when it has no id of its own. */
  readonly messageKey: string | undefined;
}

const keep = statement(
  'dead-letters.keep',
  `insert into dead_letter (tenant_id, task_type, reason, error, source_queue, routing_key, message_id, headers, body,
     burial_key, message_key)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
   on conflict do nothing returning dead_letter_id`,
);

/** Keeps messages that became no task. Needs the service role. */
@Injectable()
export class RawDeadLetters {
  constructor(private readonly database: Database) {}

  /** Durable when it returns. @returns false when it is kept already. @throws DatabaseUnavailable */
  async keep(letter: RawDeadLetter): Promise<boolean> {
    const rows = await this.database.query(keep, [
      letter.tenantId,
      letter.taskType,
      letter.reason,
      JSON.stringify(letter.error),
      letter.sourceQueue,
      letter.routingKey,
      letter.messageId,
      JSON.stringify(letter.headers),
      letter.body,
      letter.burialKey,
      letter.messageKey,
    ]);
    return rows.length > 0;
  }
}
