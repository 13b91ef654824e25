// The audit trail of a tenant: its pages, refusals, and the check that no entry was altered.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type Actor, asActor } from './actor.js';

const columns = `seq::int, at, actor, action, targets, outcome, encode(before_digest, 'hex') as "beforeDigest",
  encode(after_digest, 'hex') as "afterDigest", encode(hash, 'hex') as hash`;

// In the order of the column: the name alone is that of the answer's, another type, which no index has in order.
const page = statement(
  'audit.page',
  `select ${columns} from audit_entry
   where tenant_id = (select pulser.tenant_id()) and seq < coalesce($1::bigint, 9223372036854775807)
     and ($2::text is null or action = $2) and ($3::text is null or actor ->> 'id' = $3)
     and ($4::text is null or targets @> array[$4])
   order by audit_entry.seq desc limit $5`,
);

const refuse = statement('audit.refuse', 'select pulser.audit_refusal($1, $2)');

// An entry is broken when its number or previous hash does not follow from the entry before it, or its content does not
// match its hash. The head holds the hash of the newest entry, so that a trail cut off at its end is found too.
const firstBroken = statement(
  'audit.first-broken',
  `with trail as (
     select e, seq, hash, previous_hash, lag(seq, 1, 0::bigint) over w as before_seq, lag(hash) over w as before_hash
     from audit_entry e where tenant_id = (select pulser.tenant_id()) window w as (order by seq)
   ), wrong as (
     select seq from trail
     where seq <> before_seq + 1 or previous_hash is distinct from before_hash or hash <> pulser.audit_hash(e)
     union all
     select h.seq from audit_head h left join audit_entry e using (tenant_id, seq)
     where h.tenant_id = (select pulser.tenant_id()) and h.hash is distinct from e.hash
     union all
     select seq from trail where not exists (select from audit_head where tenant_id = (select pulser.tenant_id()))
   )
   select min(seq)::int as "firstBroken", (select count(*)::int from trail) as entries from wrong`,
);

export interface AuditEntry {
  /** Counts from 1 in each tenant, without gaps. */
  readonly seq: number;
  readonly at: Date;
  readonly actor: Partial<Actor>;
  /** Noun and verb, such as `key.created`. */
  readonly action: string;
  readonly targets: readonly string[];
  readonly outcome: 'done' | 'refused';
  /** SHA-256 of the rows before the change, hexadecimal; null when there were none. */
  readonly beforeDigest: string | null;
  readonly afterDigest: string | null;
  readonly hash: string;
}

export interface AuditFilter {
  /** Only entries with a lower `seq`. */
  readonly before?: number | undefined;
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly target?: string | undefined;
}

/** Who changed what in a tenant: append-only, each entry chained to the one before by its hash. */
@Injectable()
export class AuditTrail {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  page(tenantId: string, filter: AuditFilter, limit: number): Promise<AuditEntry[]> {
    const { before, action, actorId, target } = filter;
    return this.database.queryAs<AuditEntry>(tenantId, page, [before, action, actorId, target, limit]);
  }

  /** Records that the actor was refused an action. */
  async refused(tenantId: string, actor: Actor, action: string, targets: readonly string[]): Promise<void> {
    await asActor(this.database, tenantId, actor, async (transaction) => {
      await transaction.query(refuse, [action, targets]);
    });
  }

  /** Recomputes the chain. @returns the number of entries, and the first one that was altered, moved or follows a removed one */
  async verify(tenantId: string): Promise<{ entries: number; firstBroken: number | null }> {
    const [found] = await this.database.withTenant(tenantId, (transaction) =>
      transaction.query<{ entries: number; firstBroken: number | null }>(firstBroken),
    );
    if (found === undefined) throw new Error('An aggregate returned no row');
    return found;
  }
}
