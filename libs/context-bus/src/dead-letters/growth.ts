// Whether a tenant's dead letters become more: those that are open, and those that came lately beside the time before.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { ofTenant } from './dead-letters.js';

/** Dead letters of one agent for one reason. */
export interface ReasonGrowth {
  readonly reason: string;
  /** Null where a message became no task. */
  readonly agent: string | null;
  /** Open now. */
  readonly open: number;
  /** That came within the time asked for. */
  readonly recent: number;
  /** That came within a time of the same length before it. */
  readonly earlier: number;
}

export interface DeadLetterGrowth {
  /** Those with the most new ones first, then those with the most open ones. */
  readonly reasons: readonly ReasonGrowth[];
  /** False: more came than are read, so `recent` and `earlier` may be too small. `open` is exact. */
  readonly isComplete: boolean;
}

/** Rows of each of the two times that are read at most, the newest first. */
const maxRead = 5_000;

// By id, whose order is that of time: a limit keeps the read within bounds, however many dead letters there are.
const growth = statement(
  'dead-letters.growth',
  `with recent as (
     select reason, agent_name from dead_letter
     where ${ofTenant} and dead_letter_id >= pulser.id_floor($1) and dead_letter_id < pulser.id_floor($2)
     order by dead_letter_id desc limit $3
   ), earlier as (
     select reason, agent_name from dead_letter
     where ${ofTenant} and dead_letter_id >= pulser.id_floor($1::timestamptz - ($2::timestamptz - $1::timestamptz))
       and dead_letter_id < pulser.id_floor($1)
     order by dead_letter_id desc limit $3
   ), part as (
     select reason, agent_name, sum(letters) as open, 0 as recent, 0 as earlier
     from dead_letter_count_live where ${ofTenant} and state = 'open' group by 1, 2
     union all select reason, agent_name, 0, count(*), 0 from recent group by 1, 2
     union all select reason, agent_name, 0, 0, count(*) from earlier group by 1, 2
   )
   select reason, agent_name as agent, sum(open)::float8 as open, sum(recent)::int as recent, sum(earlier)::int as earlier
   from part group by 1, 2 order by recent desc, open desc, reason, agent`,
);

/** Reads of one tenant's dead letters. */
@Injectable()
export class DeadLetterGrowths {
  constructor(private readonly database: Database) {}

  /** @param from, to RFC 3339; `to` is exclusive. @throws DatabaseUnavailable */
  async between(tenantId: string, from: string, to: string): Promise<DeadLetterGrowth> {
    const reasons = await this.database.queryAs<ReasonGrowth>(tenantId, growth, [from, to, maxRead]);
    const read = (which: 'recent' | 'earlier'): number => reasons.reduce((sum, row) => sum + row[which], 0);
    return { reasons, isComplete: read('recent') < maxRead && read('earlier') < maxRead };
  }
}
