// How each agent is: one row an agent, written by the leader of the health services alone, and what it was before.
import { Injectable } from '@nestjs/common';
import type { AgentMetrics, AgentName, AgentStatus } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { leaderOf } from './lease.js';

/** What holds for an agent. */
export interface StatusOrder {
  readonly agent: AgentName;
  readonly status: AgentStatus;
  /** In words; none while it is healthy. */
  readonly reasons: readonly string[];
  /** Percent of its new tasks that go to it. */
  readonly share: number;
  /** Takes the rest; null: nobody does. */
  readonly standIn: AgentName | null;
}

/** The same with what was measured. */
export interface MeasuredOrder extends StatusOrder {
  readonly figures: AgentMetrics | null;
}

export interface StatusRow extends StatusOrder {
  readonly since: Date;
  readonly epoch: number;
  /** As the leader wrote them: `AgentMetrics`. */
  readonly figures: unknown;
  /** When the leader last looked at it. */
  readonly updatedAt: Date;
  /** Seconds since then, by the clock of the database. */
  readonly ageS: number;
}

export interface StatusChange extends StatusOrder {
  readonly at: Date;
}

const write = statement(
  'agent-statuses.write',
  `with ${leaderOf('$1')}, given as (
     select * from json_to_recordset($2::json)
       as g(agent text, status text, reasons text[], share smallint, "standIn" text, figures jsonb) where exists (select from leader)
   ), changed as (
     select g.* from given g left join agent_status s on s.agent_name = g.agent
     where (s.status, s.share, s.stand_in) is distinct from (g.status, g.share, g."standIn")
   ), written as (
     insert into agent_status as s (agent_name, status, reasons, share, stand_in, epoch, figures)
     select agent, status, reasons, share, "standIn", $1, figures from given
     on conflict (agent_name) do update set status = excluded.status, reasons = excluded.reasons, share = excluded.share,
       stand_in = excluded.stand_in, epoch = excluded.epoch, figures = excluded.figures, updated_at = now(),
       since = case when s.status = excluded.status then s.since else now() end
   )
   insert into agent_status_change (agent_name, at, status, reasons, share, stand_in, epoch)
   select agent, clock_timestamp(), status, reasons, share, "standIn", $1 from changed
   on conflict do nothing returning agent_name as agent`,
);

const columns = `agent_name as agent, status, reasons, share, stand_in as "standIn"`;

const all = statement(
  'agent-statuses.all',
  `select ${columns}, since, epoch::float8, figures, updated_at as "updatedAt",
     extract(epoch from now() - updated_at)::float8 as "ageS" from agent_status order by agent_name`,
);

const changes = statement(
  'agent-statuses.changes',
  `select ${columns}, at from agent_status_change where agent_name = $1 and at >= $2 and at < $3
   order by at desc limit $4`,
);

const dropChanges = statement(
  'agent-statuses.drop-changes',
  `delete from agent_status_change where at < now() - $1 * interval '1 day'`,
);

/** Writing needs the service role. */
@Injectable()
export class AgentStatuses {
  constructor(private readonly database: Database) {}

  /**
   * Writes how agents are, with a line of their history where the status or what is done about it has changed.
   * @returns the agents with such a change; none when the epoch is not the leader's
   */
  async write(orders: readonly MeasuredOrder[], epoch: number): Promise<AgentName[]> {
    if (orders.length === 0) return [];
    const rows = await this.database.query<{ agent: AgentName }>(write, [epoch, JSON.stringify(orders)]);
    return rows.map(({ agent }) => agent);
  }

  all(): Promise<StatusRow[]> {
    return this.database.query<StatusRow>(all);
  }

  /** The changes of an agent in a range of time, the newest first. */
  changes(agent: AgentName, from: Date, to: Date, limit: number): Promise<StatusChange[]> {
    return this.database.query<StatusChange>(changes, [agent, from, to, limit]);
  }

  /** Forgets changes that are older. */
  async dropChanges(days: number): Promise<void> {
    await this.database.query(dropChanges, [days]);
  }
}
