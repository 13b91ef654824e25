import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

// Bodies may be large, and come from who had no key.
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

/** A message whose key was missing or wrong. */
export interface UnattributedDeadLetter {
  readonly id: string;
  readonly createdAt: Date;
  readonly reason: string;
  readonly detail: string | null;
  readonly sourceQueue: string | null;
  readonly routingKey: string | null;
  readonly messageId: string | null;
  readonly bytes: number;
  /** Of the body. */
  readonly beginning: Buffer;
}

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
