import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type DeadLetterRow, letterColumns, type MessageColumns, messageColumns } from './dead-letter.js';

const list = statement(
  'unowned-letters.list',
  `select ${letterColumns}, ${messageColumns} from dead_letter
   where tenant_id is null and state = 'open' order by dead_letter_id limit $1`,
);

const discard = statement(
  'unowned-letters.discard',
  `update dead_letter set state = 'discarded', settled_at = now(), settled_by = $3, discard_reason = $2
   where tenant_id is null and state = 'open' and ($1::uuid[] is null or dead_letter_id = any ($1))
   returning dead_letter_id`,
);

export type UnownedLetter = DeadLetterRow & MessageColumns;

/** Dead letters without a tenant, which no tenant may see: for the administrator. */
@Injectable()
export class UnownedLetters {
  constructor(private readonly database: Database) {}

  /** Open ones, oldest first. */
  list(limit: number): Promise<UnownedLetter[]> {
    return this.database.query<UnownedLetter & Record<string, unknown>>(list, [limit]);
  }

  /** @param ids undefined for all. @returns how many were open */
  async discard(ids: readonly string[] | undefined, reason: string, by: string): Promise<number> {
    return (await this.database.query(discard, [ids, reason, by])).length;
  }
}
