import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

const take = statement(
  'dead-letter-alerts.take',
  `insert into dead_letter_alert as a (task_type, notified_at, told_at) values ($1, now(), now())
   on conflict (task_type) do update set notified_at = now(), told_at = now()
     where greatest(a.notified_at, a.told_at) <= now() - $2 * interval '1 second'
   returning task_type`,
);

const giveBack = statement('dead-letter-alerts.give-back', `delete from dead_letter_alert where task_type = $1`);

/** Who may tell that letters of a type are growing: one of all routers, once a window. Needs the service role. */
@Injectable()
export class DeadLetterAlerts {
  constructor(private readonly database: Database) {}

  /** @returns false when it was told within the last `windowS` seconds */
  async take(taskType: TaskType, windowS: number): Promise<boolean> {
    return (await this.database.query(take, [taskType, windowS])).length > 0;
  }

  /** Nobody could be told: the next round may try again. */
  async giveBack(taskType: TaskType): Promise<void> {
    await this.database.query(giveBack, [taskType]);
  }
}
