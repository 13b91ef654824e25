// What was measured of agents: rows of minutes, written by the leader of the health services, added up to hours.
import { Injectable } from '@nestjs/common';
import type { AgentName } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { leaderOf } from './lease.js';

/** What was measured in a minute, or in a longer step. */
export interface HealthSample {
  /** Seconds of it in which a health service led. */
  readonly observedS: number;
  readonly degradedS: number;
  readonly unhealthyS: number;
  readonly canaries: number;
  readonly canariesLost: number;
  /** Sum over the canaries that came back; null: none did. */
  readonly canaryMs: number | null;
  readonly canaryMaxMs: number | null;
  /** Most of one instance; null: none said it. */
  readonly memoryMb: number | null;
  readonly lagMs: number | null;
  /** Fewest. */
  readonly instances: number;
  readonly slots: number;
  /** Most. */
  readonly running: number;
  readonly depth: number;
}

export interface AgentSample extends HealthSample {
  readonly agent: AgentName;
}

export interface SampleRow extends HealthSample {
  readonly at: Date;
}

const sums = ['observed_s', 'degraded_s', 'unhealthy_s', 'canaries', 'canaries_lost', 'canary_ms'];
const most = ['canary_max_ms', 'memory_mb', 'lag_ms', 'running', 'depth'];
const fewest = ['instances', 'slots'];
const columns = [...sums, ...most, ...fewest];

const total = [
  ...sums.map((name) => `sum(${name}) as ${name}`),
  ...most.map((name) => `max(${name}) as ${name}`),
  ...fewest.map((name) => `min(${name}) as ${name}`),
].join(', ');

const added = (row: string): string =>
  [
    // The sum of what is known: a minute without a canary has none.
    ...sums.map(
      (name) =>
        `${name} = case when excluded.${name} is null then ${row}.${name} else coalesce(${row}.${name}, 0) + excluded.${name} end`,
    ),
    ...most.map((name) => `${name} = greatest(${row}.${name}, excluded.${name})`),
    ...fewest.map((name) => `${name} = least(${row}.${name}, excluded.${name})`),
  ].join(', ');

const note = statement(
  'agent-history.note',
  `with ${leaderOf('$1')}
   insert into agent_health as h (agent_name, level, at, ${columns.join(', ')})
   select agent, 'minute', date_trunc('minute', now(), 'UTC'), "observedS", "degradedS", "unhealthyS", canaries,
     "canariesLost", "canaryMs", "canaryMaxMs", "memoryMb", "lagMs", running, depth, instances, slots
   from json_to_recordset($2::json) as g(agent text, "observedS" float8, "degradedS" float8, "unhealthyS" float8,
     canaries int, "canariesLost" int, "canaryMs" float8, "canaryMaxMs" float8, "memoryMb" int, "lagMs" int,
     running int, depth bigint, instances int, slots int)
   where exists (select from leader)
   on conflict (agent_name, level, at) do update set ${added('h')}`,
);

// Each hour is made again of all its minutes until the next one is over, so that what came late is in it.
const raise = statement(
  'agent-history.raise',
  `with ${leaderOf('$1')}
   insert into agent_health as h (agent_name, level, at, ${columns.join(', ')})
   select agent_name, 'hour', date_trunc('hour', at, 'UTC'), ${total.replaceAll(/ as \w+/g, '')} from agent_health
   where level = 'minute' and at >= date_trunc('hour', now(), 'UTC') - interval '1 hour' and exists (select from leader)
   group by 1, 3
   on conflict (agent_name, level, at) do update set
     ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
);

const drop = statement(
  'agent-history.drop',
  `delete from agent_health where level = 'minute' and at < now() - $1 * interval '1 hour'
     or level = 'hour' and at < now() - $2 * interval '1 day'`,
);

const read = statement(
  'agent-history.read',
  `select to_timestamp(floor(extract(epoch from at) / $5) * $5) as at, sum(observed_s) as "observedS",
     sum(degraded_s) as "degradedS", sum(unhealthy_s) as "unhealthyS", sum(canaries)::int as canaries,
     sum(canaries_lost)::int as "canariesLost", sum(canary_ms) as "canaryMs", max(canary_max_ms) as "canaryMaxMs",
     max(memory_mb) as "memoryMb", max(lag_ms) as "lagMs", min(instances) as instances, min(slots) as slots,
     max(running) as running, max(depth)::float8 as depth
   from agent_health where agent_name = $1 and level = $2 and at >= $3 and at < $4 group by 1 order by 1`,
);

/** Writing needs the service role. */
@Injectable()
export class AgentHistory {
  constructor(private readonly database: Database) {}

  /** Adds what was measured since the last call to the rows of this minute. Does nothing when the epoch is not the leader's. */
  async note(samples: readonly AgentSample[], epoch: number): Promise<void> {
    if (samples.length > 0) await this.database.query(note, [epoch, JSON.stringify(samples)]);
  }

  /** Adds minutes up to hours. Does nothing when the epoch is not the leader's. */
  async raise(epoch: number): Promise<void> {
    await this.database.query(raise, [epoch]);
  }

  /** Forgets rows that are older than so many hours (of minutes) and days (of hours). */
  async drop(minutesForHours: number, hoursForDays: number): Promise<void> {
    await this.database.query(drop, [minutesForHours, hoursForDays]);
  }

  /** @param stepS seconds of a step: whole minutes, or whole hours of the level `hour` */
  read(agent: AgentName, level: 'minute' | 'hour', from: Date, to: Date, stepS: number): Promise<SampleRow[]> {
    return this.database.query<SampleRow>(read, [agent, level, from, to, stepS]);
  }
}
