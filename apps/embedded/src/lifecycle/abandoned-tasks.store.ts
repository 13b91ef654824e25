import { type Database, statement } from '@pulser/database';

const release = statement('abandoned.release', `update task_queue set due_at = now() where status = 'running'`);

/** Tasks that were running when an earlier process on the same data ended without a word. Needs the service role. */
export class AbandonedTasks {
  constructor(private readonly database: Database) {}

  /** Ends their leases. Only for who holds the lock on the data and has no worker yet: then no worker lives. */
  async release(): Promise<void> {
    await this.database.query(release);
  }
}
