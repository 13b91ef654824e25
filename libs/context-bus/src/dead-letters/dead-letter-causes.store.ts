import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@pulser/database';

import { ofTenant } from './dead-letter.js';
import { criteriaCondition, type DeadLetterCriteria } from './dead-letter-criteria.policy.js';

/** Letters whose errors have the same fingerprint. */
export interface DeadLetterCause {
  readonly fingerprint: string;
  readonly reason: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly agents: readonly string[];
  readonly taskTypes: readonly string[];
  readonly sample: string | null;
}

// UUIDs have no max() before PostgreSQL 18; as text they sort the same.
const causes = (name: string, condition: string): Statement =>
  statement(
    `dead-letters.causes/${name}`,
    `with grouped as (
       select fingerprint, count(*)::int as count, min(created_at) as "firstAt", max(created_at) as "lastAt",
         coalesce(array_agg(distinct agent_name) filter (where agent_name is not null), '{}') as agents,
         coalesce(array_agg(distinct task_type) filter (where task_type is not null), '{}') as "taskTypes",
         max(dead_letter_id::text)::uuid as newest
       from dead_letter d where ${ofTenant}${condition}
       group by fingerprint order by count(*) desc, max(dead_letter_id::text) desc limit $1
     )
     select g.fingerprint, g.count, g."firstAt", g."lastAt", g.agents, g."taskTypes", n.reason,
       n.error ->> 'message' as sample
     from grouped g join dead_letter n on n.${ofTenant} and n.dead_letter_id = g.newest
     order by g.count desc, g.newest desc`,
  );

/** One tenant's dead letters by cause. */
@Injectable()
export class DeadLetterCauses {
  constructor(private readonly database: Database) {}

  /** Those with most letters first. */
  list(tenantId: string, filter: DeadLetterCriteria, limit: number): Promise<DeadLetterCause[]> {
    const { name, text, values } = criteriaCondition(filter, 2);
    return this.database.queryAs<DeadLetterCause>(tenantId, causes(name, text), [limit, ...values]);
  }
}
