// What the router watches: counts of all tenants' dead letters, how many arrive, and when an alert was last sent.
import { Injectable } from '@nestjs/common';
import type { AgentName, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

export interface DeadLetterCount {
  readonly agent: string | null;
  readonly reason: string;
  readonly count: number;
}

/** New dead letters of failed tasks with one fingerprint. */
export interface Arrivals {
  readonly taskType: TaskType;
  readonly agent: AgentName;
  readonly fingerprint: string;
  readonly count: number;
}

const open = statement(
  'dead-letter-counts.open',
  `select agent_name as agent, reason, sum(letters)::int as count from dead_letter_count_live
   where state = 'open' group by 1, 2`,
);

// A row may be committed a moment after its id was made: rows younger than that are counted the next time.
const mark = statement('dead-letter-counts.mark', `select pulser.id_floor(now() - interval '2 seconds') as mark`);

const between = statement(
  'dead-letter-counts.between',
  `select agent_name as agent, reason, count(*)::int as count from dead_letter
   where dead_letter_id >= $1 and dead_letter_id < $2 group by 1, 2`,
);

const arrivals = statement(
  'dead-letter-counts.arrivals',
  `select task_type as "taskType", agent_name as agent, fingerprint, count(*)::int as count from dead_letter
   where dead_letter_id >= pulser.id_floor(now() - $1 * interval '1 second') and task_id is not null group by 1, 2, 3`,
);

/** Counts over all tenants. Needs the service role. */
@Injectable()
export class DeadLetterCounts {
  constructor(private readonly database: Database) {}

  open(): Promise<DeadLetterCount[]> {
    return this.database.query<DeadLetterCount>(open);
  }

  /** An id below which no dead letter will be added any more. */
  async mark(): Promise<string> {
    const [row] = await this.database.query<{ mark: string }>(mark);
    if (row === undefined) throw new Error('A select without a table returned no row');
    return row.mark;
  }

  /** Dead letters added from one mark up to another. */
  between(from: string, to: string): Promise<DeadLetterCount[]> {
    return this.database.query<DeadLetterCount>(between, [from, to]);
  }

  /** Failed tasks of the last `windowS` seconds. */
  arrivals(windowS: number): Promise<Arrivals[]> {
    return this.database.query<Arrivals>(arrivals, [windowS]);
  }
}

// `told_at` is the name of `notified_at` for routers of 0.1, which may run beside this one: both are written and compared.
const take = statement(
  'dead-letter-alerts.take',
  `insert into dead_letter_alert as a (task_type, notified_at, told_at) values ($1, now(), now())
   on conflict (task_type) do update set notified_at = now(), told_at = now()
     where greatest(a.notified_at, a.told_at) <= now() - $2 * interval '1 second'
   returning task_type`,
);

const giveBack = statement('dead-letter-alerts.give-back', `delete from dead_letter_alert where task_type = $1`);

/** Lets one of all routers send an alert per task type and window. Needs the service role. */
@Injectable()
export class DeadLetterAlerts {
  constructor(private readonly database: Database) {}

  /** Takes the right to send one. @returns false when a router took it within the last `windowS` seconds */
  async take(taskType: TaskType, windowS: number): Promise<boolean> {
    return (await this.database.query(take, [taskType, windowS])).length > 0;
  }

  /** The alert could not be sent: the next round may try again. */
  async giveBack(taskType: TaskType): Promise<void> {
    await this.database.query(giveBack, [taskType]);
  }
}
