import { type Database, statement } from '@pulser/database';
import { administer } from '@pulser/harness';

import { taskBody } from '../load/task-body.policy.js';

// Of the same agent, behind what is measured: low tasks wait until no other does.
const fill = statement(
  'bench.fill-backlog',
  `insert into task_queue (tenant_id, task_type, priority, assigned_agent, status, payload, due_at)
   select $1, 'testing', 'low', 'echo', 'queued', $2::json -> 'payload', now() from generate_series(1, $3)`,
);

const waiting = statement(
  'bench.waiting',
  `select count(*)::int as count from task_queue
   where status = 'queued' and assigned_agent = 'echo' and priority = 'low'`,
);

/** Tasks that wait behind all others. */
export class Backlog {
  constructor(
    private readonly database: Database,
    private readonly url: string,
  ) {}

  /** As one statement; what a server would do afterwards by itself is done at once, and not while it is measured. */
  async fill(tenantId: string, tasks: number): Promise<void> {
    if (tasks === 0) return;
    await this.database.query(fill, [tenantId, taskBody, tasks]);
    await administer(this.url, ['vacuum analyze task_queue', 'checkpoint']);
  }

  async size(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(waiting);
    return row?.count ?? 0;
  }
}
