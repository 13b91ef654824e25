// Completions of tasks that no worker has claimed. What may run twice need not be reserved: it is enough that one of those
// who ran it ends it.
import { Coalescer } from '@pulser/concurrency';
import type { Priority } from '@pulser/contracts';
import { type Database, statement } from '@pulser/database';

import { sharedFailure } from '../connection/pools.js';
import { byKeys, eachOnce, type Holder, inLockOrder, isNotPaused, keyValues, waitedMs } from './claims.js';

/** The first attempt of a task, at its end. */
export interface UnclaimedCompletion {
  readonly tenantId: string;
  readonly taskId: string;
  readonly dispatchId: number | undefined;
  /** When the attempt began, by `performance.now()`. */
  readonly since: number;
  readonly result: unknown;
}

interface Completed {
  readonly taskId: string;
  readonly waitedMs: number;
  readonly priority: Priority;
}

// Claim and completion in one: compare-and-set on a row of which nothing has been claimed, on the conditions of a claim.
const complete = statement(
  'tasks.complete-unclaimed',
  `update task_queue t set status = 'completed', epoch = t.epoch + 1, attempts = t.attempts + 1, assigned_agent = $1,
     worker = $2, dispatch_id = c.dispatch_id, claim_nudge = null, started_at = now() - c.ran_ms * interval '1 ms',
     result = c.result, error = null, due_at = null, completed_at = now(), updated_at = now()
   from json_to_recordset($3::json) as c(tenant_id uuid, task_id uuid, dispatch_id bigint, ran_ms float8, result jsonb)
   where ${byKeys('t', 4)}
     and t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.epoch = 0 and t.status::text = 'queued'
     and t.deadline_at is null and ${isNotPaused('$1')}
   returning t.task_id as "taskId", ${waitedMs} as "waitedMs", t.priority`,
  { genericPlan: true },
);

/** Ends tasks straight from the queue. Each write is durable when it returns. */
export class UnclaimedTasks {
  private readonly completions = new Coalescer<UnclaimedCompletion, Completed | undefined>({
    flush: (items) => this.write(items),
    sharedFailure,
  });

  constructor(
    private readonly database: Database,
    private readonly holder: Pick<Holder, 'agent' | 'worker'>,
  ) {}

  /**
   * @returns how long the task waited before its attempt; undefined when another worker has or had it, it has ended, or
   * it is paused: the result is not kept
   */
  complete(completion: UnclaimedCompletion): Promise<Completed | undefined> {
    return this.completions.add(completion);
  }

  private async write(items: readonly UnclaimedCompletion[]): Promise<(Completed | undefined)[]> {
    const sorted = inLockOrder(items);
    const now = performance.now();
    const columns = sorted.map(({ tenantId, taskId, dispatchId, since, result }) => ({
      tenant_id: tenantId,
      task_id: taskId,
      dispatch_id: dispatchId,
      ran_ms: now - since,
      result,
    }));
    const { agent, worker } = this.holder;
    const rows = await this.database.query<Completed>(complete, [
      agent,
      worker,
      JSON.stringify(columns),
      ...keyValues(sorted),
    ]);
    return eachOnce(items, rows);
  }
}
