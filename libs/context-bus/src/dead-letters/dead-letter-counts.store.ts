import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

export interface DeadLetterCount {
  readonly agent: string | null;
  readonly reason: string;
  readonly letters: number;
}

/** New letters of failed tasks with one fingerprint. */
export interface Arrivals {
  readonly taskType: TaskType;
  readonly fingerprint: string;
  readonly letters: number;
}

const open = statement(
  'dead-letter-counts.open',
  `select agent_name as agent, reason, count(*)::int as letters from dead_letter where state = 'open' group by 1, 2`,
);

// A commit may come a moment after its id was made: what is that young is counted the next time.
const mark = statement('dead-letter-counts.mark', `select pulser.id_floor(now() - interval '2 seconds') as mark`);

const between = statement(
  'dead-letter-counts.between',
  `select agent_name as agent, reason, count(*)::int as letters from dead_letter
   where dead_letter_id >= $1 and dead_letter_id < $2 group by 1, 2`,
);

const arrivals = statement(
  'dead-letter-counts.arrivals',
  `select task_type as "taskType", fingerprint, count(*)::int as letters from dead_letter
   where dead_letter_id >= pulser.id_floor(now() - $1 * interval '1 second') and task_id is not null group by 1, 2`,
);

/** Counts of all tenants' letters. Needs the service role. */
@Injectable()
export class DeadLetterCounts {
  constructor(private readonly database: Database) {}

  open(): Promise<DeadLetterCount[]> {
    return this.database.query<DeadLetterCount>(open);
  }

  /** An id before which no letter will be added. */
  async mark(): Promise<string> {
    const [row] = await this.database.query<{ mark: string }>(mark);
    if (row === undefined) throw new Error('A select without a table returned no row');
    return row.mark;
  }

  /** Letters that were added from one mark to another. */
  between(from: string, to: string): Promise<DeadLetterCount[]> {
    return this.database.query<DeadLetterCount>(between, [from, to]);
  }

  /** Failed tasks of the last so many seconds. */
  arrivals(windowS: number): Promise<Arrivals[]> {
    return this.database.query<Arrivals>(arrivals, [windowS]);
  }
}
