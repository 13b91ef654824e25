// What the database says of a drill: how the health of an agent went, and where its tasks ended. Read as the administrator.
import { setTimeout as wait } from 'node:timers/promises';

import { type Database, statement } from '@pulser/database';

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const changes = statement(
  'drill.changes',
  `select ${ms('at')} as at, status, share::int, stand_in as "standIn", reasons from agent_status_change
   where agent_name = $1 order by agent_status_change.at`,
);

const status = statement('drill.status', 'select status, share::int from agent_status where agent_name = $1');

const ended = statement(
  'drill.ended',
  `select metadata ->> 'ref' as ref, assigned_agent as agent, status, ${ms('created_at')} as "createdAt",
     ${ms('started_at')} as "startedAt", ${ms('completed_at')} as "completedAt" from task_queue where metadata ? 'ref' order by task_id`,
);

const endedOf = statement(
  'drill.ended-of',
  `select metadata ->> 'ref' as ref, assigned_agent as agent, status, ${ms('created_at')} as "createdAt",
     ${ms('started_at')} as "startedAt", ${ms('completed_at')} as "completedAt" from task_queue where metadata ->> 'ref' = $1`,
);

const endedOn = statement(
  'drill.ended-on',
  `select true as ended from task_queue where task_id >= pulser.id_floor(to_timestamp($2 / 1000.0))
     and metadata ? 'ref' and assigned_agent = $1 and status = 'completed' limit 1`,
);

const completed = statement(
  'drill.completed',
  `select count(*)::int as tasks from task_queue where status = 'completed' and metadata ? 'ref'`,
);

const leader = statement('drill.leader', 'select holder from health_leader where until > now()');

const countTransitions = statement(
  'drill.transitions',
  `select count(*)::int as transitions from notification where kind = 'incident'`,
);

/** A change of an agent's health. Times are milliseconds since the epoch. */
export interface HealthChange {
  readonly at: number;
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** Percent of its new tasks that go to it. */
  readonly share: number;
  readonly standIn: string | null;
  readonly reasons: readonly string[];
}

/** A task of the load. */
export interface EndedTask {
  readonly ref: string;
  readonly agent: string;
  readonly status: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
}

const pollMs = 100;

/** Asks again and again. @returns whether it was so in time */
export const until = async (isSo: () => Promise<boolean>, patienceMs: number): Promise<boolean> => {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (await isSo()) return true;
    await wait(pollMs);
  }
  return false;
};

/** Questions of a drill. */
export class Observations {
  constructor(
    private readonly database: Database,
    private readonly agent: string,
  ) {}

  /** Oldest first. */
  changes(): Promise<HealthChange[]> {
    return this.database.query<HealthChange>(changes, [this.agent]);
  }

  /** As a health service sees the agent; undefined before one has looked. */
  async now(): Promise<Pick<HealthChange, 'status' | 'share'> | undefined> {
    return (await this.database.query<Pick<HealthChange, 'status' | 'share'>>(status, [this.agent]))[0];
  }

  /** All tasks of the load. */
  tasks(): Promise<EndedTask[]> {
    return this.database.query<EndedTask>(ended);
  }

  async task(ref: string): Promise<EndedTask | undefined> {
    return (await this.database.query<EndedTask>(endedOf, [ref]))[0];
  }

  /** Whether the agent itself has completed a task that was submitted after this moment. */
  async worksSince(at: number): Promise<boolean> {
    return (await this.database.query(endedOn, [this.agent, at])).length > 0;
  }

  /** Tasks of the load that have completed. */
  async completed(): Promise<number> {
    return (await this.database.query<{ tasks: number }>(completed))[0]?.tasks ?? 0;
  }

  /** The instance that leads the health services; undefined while none does. */
  async leader(): Promise<string | undefined> {
    return (await this.database.query<{ holder: string }>(leader))[0]?.holder;
  }

  /** Transitions of incidents that notifications were written of. */
  async transitions(): Promise<number> {
    return (await this.database.query<{ transitions: number }>(countTransitions))[0]?.transitions ?? 0;
  }
}
