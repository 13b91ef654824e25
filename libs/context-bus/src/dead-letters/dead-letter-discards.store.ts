import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import { type DeadLetterRow, letterColumns, ofTenant } from './dead-letter.js';
import { type Condition, criteriaCondition, type DeadLetterCriteria } from './dead-letter-criteria.policy.js';

const discard = statement(
  'dead-letters.discard',
  `update dead_letter set state = 'discarded', settled_at = now(), discard_reason = $2, settled_by = $3::text
   where ${ofTenant} and dead_letter_id = $1 and state = 'open' returning ${letterColumns}`,
);

const discardMany = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.discard-many/${name}`,
    `with taken as (
       select d.dead_letter_id from dead_letter d where d.${ofTenant}${text}
       order by d.dead_letter_id limit $1 for update skip locked
     ), discarded as (
       update dead_letter d set state = 'discarded', settled_at = now(), discard_reason = $2,
         settled_by = $3::text
       from taken where d.${ofTenant} and d.dead_letter_id = taken.dead_letter_id returning 1
     )
     select count(*)::int as discarded from discarded`,
  );

const left = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.open/${name}`,
    `select count(*)::int as remaining from dead_letter d where d.${ofTenant}${text}`,
  );

/** Why letters are given up, and who wants it. */
export interface Discard {
  readonly reason: string;
  readonly actor: Actor;
}

/** Closes dead letters without a new task. */
@Injectable()
export class DeadLetterDiscards {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the letter is not open, or not there */
  async discard(tenantId: string, letterId: string, { reason, actor }: Discard): Promise<DeadLetterRow | undefined> {
    const [row] = await this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      return transaction.query<DeadLetterRow>(discard, [letterId, reason, actor.name]);
    });
    return row;
  }

  /** Takes the oldest open ones of the filter, up to `limit`. */
  discardMany(
    tenantId: string,
    filter: DeadLetterCriteria,
    { reason, actor, limit }: Discard & { readonly limit: number },
  ): Promise<{ discarded: number; remaining: number }> {
    const open = { ...filter, state: 'open' } as const;
    const taken = criteriaCondition(open, 4);
    const rest = criteriaCondition(open, 1);
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      const values = [limit, reason, actor.name, ...taken.values];
      const [done] = await transaction.query<{ discarded: number }>(discardMany(taken), values);
      const [counts] = await transaction.query<{ remaining: number }>(left(rest), rest.values);
      return { discarded: done?.discarded ?? 0, remaining: counts?.remaining ?? 0 };
    });
  }
}
