// Dead letters of messages that could not be tied to a task: how they are kept, and those whose tenant is unknown.
import { Injectable } from '@nestjs/common';
import { keptFailure, type TaskFailure } from '@pulser/contracts';
import { Database, isRefusal, statement } from '@pulser/database';

import { refusedFailure } from '../tasks/endings.js';

/** A rejected message, ready to be kept. */
export interface RawDeadLetter {
  /** Undefined when the API key of the message was not valid. */
  readonly tenantId: string | undefined;
  /** When the body names one. */
  readonly taskType: string | undefined;
  readonly reason: string;
  readonly error: TaskFailure;
  readonly sourceQueue: string;
  readonly routingKey: string | undefined;
  readonly messageId: string | undefined;
  /** Without secrets. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  /** Identifies one rejection: the same at every redelivery of it. */
  readonly rejectionKey: string;
  /** Identifies the message: the same when it is rejected again; undefined when it has no id of its own. */
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

  /**
   * Durable when it returns. Of a message whose headers or error the database refuses the body is kept.
   * @returns false when it was kept before. @throws DatabaseUnavailable
   */
  async keep(message: RawDeadLetter): Promise<boolean> {
    const kept = { ...message, error: keptFailure(message.error) };
    try {
      return await this.insert(kept);
    } catch (refusal) {
      if (!isRefusal(refusal)) throw refusal;
      return this.insert({ ...kept, headers: {}, messageId: undefined, error: refusedFailure(kept.error, refusal) });
    }
  }

  private async insert(message: RawDeadLetter): Promise<boolean> {
    const rows = await this.database.query(keep, [
      message.tenantId,
      message.taskType,
      message.reason,
      JSON.stringify(message.error),
      message.sourceQueue,
      message.routingKey,
      message.messageId,
      JSON.stringify(message.headers),
      message.body,
      message.rejectionKey,
      message.messageKey,
    ]);
    return rows.length > 0;
  }
}

/** A message whose API key was missing or wrong. */
export interface UnattributedDeadLetter {
  readonly id: string;
  readonly createdAt: Date;
  readonly reason: string;
  readonly detail: string | null;
  readonly sourceQueue: string | null;
  readonly routingKey: string | null;
  readonly messageId: string | null;
  readonly bytes: number;
  /** First 200 bytes of the body. */
  readonly beginning: Buffer;
}

// Only the beginning of a body: it may be large, and its sender is unknown.
const list = statement(
  'unattributed-dead-letters.list',
  `select dead_letter_id as id, created_at as "createdAt", reason, error ->> 'message' as detail,
     source_queue as "sourceQueue", routing_key as "routingKey", message_id as "messageId",
     octet_length(body) as bytes, substring(body from 1 for 200) as beginning
   from dead_letter where tenant_id is null and state = 'open' order by dead_letter_id limit $1`,
);

const discard = statement(
  'unattributed-dead-letters.discard',
  `with discarded as (
     update dead_letter set state = 'discarded', settled_at = now(), discard_reason = $2, settled_by = $3
     where tenant_id is null and state = 'open' and ($1::uuid[] is null or dead_letter_id = any ($1))
     returning 1
   )
   select count(*)::int as letters from discarded`,
);

/** Dead letters without a tenant, which no tenant may see: for the administrator. */
@Injectable()
export class UnattributedDeadLetters {
  constructor(private readonly database: Database) {}

  /** Open ones, oldest first. */
  list(limit: number): Promise<UnattributedDeadLetter[]> {
    return this.database.query<UnattributedDeadLetter>(list, [limit]);
  }

  /** @param ids undefined for all. @returns how many were open */
  async discard(ids: readonly string[] | undefined, reason: string, by: string): Promise<number> {
    const [row] = await this.database.query<{ letters: number }>(discard, [ids, reason, by]);
    return row?.letters ?? 0;
  }
}
