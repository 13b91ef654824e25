// Discards: dead letters closed without a new task, one or many by a filter, and one opened again.
import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { type Condition, criteriaCondition, type DeadLetterCriteria } from './criteria.policy.js';
import { deadLetterColumns, type DeadLetterRow, ofTenant } from './dead-letters.js';

const discard = statement(
  'dead-letters.discard',
  `update dead_letter set state = 'discarded', settled_at = now(), discard_reason = $2, settled_by = $3::text
   where ${ofTenant} and dead_letter_id = $1 and state = 'open' returning ${deadLetterColumns}`,
);

const reopen = statement(
  'dead-letters.reopen',
  `update dead_letter set state = 'open', settled_at = null, discard_reason = null, settled_by = null
   where ${ofTenant} and dead_letter_id = $1 and state = 'discarded' returning ${deadLetterColumns}`,
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

const countOpen = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.open/${name}`,
    `select count(*)::int as remaining from dead_letter d where d.${ofTenant}${text}`,
  );

/** Why dead letters are discarded, and by which actor. */
export interface Discard {
  readonly reason: string;
  readonly actor: Actor;
}

/** Closes dead letters without a new task. */
@Injectable()
export class DeadLetterDiscards {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the dead letter is not open, or does not exist */
  async discard(
    tenantId: string,
    deadLetterId: string,
    { reason, actor }: Discard,
  ): Promise<DeadLetterRow | undefined> {
    const [row] = await asActor(this.database, tenantId, actor, (transaction) =>
      transaction.query<DeadLetterRow>(discard, [deadLetterId, reason, actor.name]),
    );
    return row;
  }

  /** Takes a discard back. @returns undefined when the dead letter is not discarded, or does not exist */
  async reopen(tenantId: string, deadLetterId: string, actor: Actor): Promise<DeadLetterRow | undefined> {
    const [row] = await asActor(this.database, tenantId, actor, (transaction) =>
      transaction.query<DeadLetterRow>(reopen, [deadLetterId]),
    );
    return row;
  }

  /** Discards the oldest open ones of the filter, up to `limit`. @returns how many, and how many remain open */
  discardMany(
    tenantId: string,
    filter: DeadLetterCriteria,
    { reason, actor, limit }: Discard & { readonly limit: number },
  ): Promise<{ discarded: number; remaining: number }> {
    const open = { ...filter, state: 'open' } as const;
    const taken = criteriaCondition(open, 4);
    const rest = criteriaCondition(open, 1);
    return asActor(this.database, tenantId, actor, async (transaction) => {
      const values = [limit, reason, actor.name, ...taken.values];
      const [done] = await transaction.query<{ discarded: number }>(discardMany(taken), values);
      const [counts] = await transaction.query<{ remaining: number }>(countOpen(rest), rest.values);
      return { discarded: done?.discarded ?? 0, remaining: counts?.remaining ?? 0 };
    });
  }
}
