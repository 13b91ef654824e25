// How the task of a run ends: its handler is not woken for that. A run that has its outcome ends its task right after; should
// the worker die in between, the next look at the run does it.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { cancelled, deadLetters, families, isNoOrphan, sweptColumns, wokenParents } from '../tasks/ending-parts.js';
import type { Swept } from '../tasks/sweep.js';
import type { RunOutcome } from './decisions.js';

/** SQL: nothing of a run that has its outcome is to be looked at any more. */
const settled = `settled as (
     update workflow_run set due_at = null where tenant_id = $1 and task_id = $2 and ended_at is not null
   ), forgotten as (
     delete from workflow_inbox where tenant_id = $1 and run_id = $2
   )`;

// The attempt that was given back when the task was suspended counts: it is the one that has made the result.
const complete = statement(
  'runs.complete',
  `with ended as (
     update task_queue t set status = 'completed', result = $3, error = null, due_at = null, attempts = t.attempts + 1,
       completed_at = now(), updated_at = now()
     where t.tenant_id = $1 and t.task_id = $2 and t.status = 'waiting' returning t.*
   ), ${settled}, ${wokenParents('ended')}
   select ${sweptColumns} from ended`,
);

const fail = statement(
  'runs.fail',
  `with recursive roots as (
     select tenant_id, task_id, true as last from task_queue
     where tenant_id = $1 and task_id = $2 and status = 'waiting' for update
   ), ${families('wait')}, swept as (
     update task_queue t set status = 'failed', epoch = t.epoch + 1, attempts = t.attempts + 1, due_at = null,
       error = $3, closing = t.has_children, completed_at = now(), updated_at = now()
     from doomed d where t.tenant_id = d.tenant_id and t.task_id = d.task_id and ${isNoOrphan}
     returning t.*
   ), ${cancelled('orphans')}, ${deadLetters('swept', 'dead')}, ${settled},
   ${wokenParents('(select * from swept) e')}
   select ${sweptColumns} from swept union all select ${sweptColumns} from cancelled`,
);

const children = `(
     select tenant_id, task_id, task_id as root from roots union all select tenant_id, task_id, root from orphans
   )`;

// Tasks that were submitted while their run was ended by others.
const cancelLeft = statement(
  'runs.cancel-left',
  `with recursive roots as (
     select tenant_id, task_id, true as last from task_queue
     where tenant_id = $1 and parent_id = $2 and completed_at is null order by task_id limit 1000 for update
   ), ${families('wait')}, ${cancelled(children)}
   select ${sweptColumns} from cancelled`,
);

const settle = statement('runs.settle', `with ${settled} select`);

const deleteOld = statement(
  'runs.delete-old',
  `delete from workflow_run r using (
     select tenant_id, task_id from workflow_run where ended_at < now() - interval '1 day' order by ended_at limit $1
   ) o where r.tenant_id = o.tenant_id and r.task_id = o.task_id
     and not exists (select from task_queue t where t.tenant_id = r.tenant_id and t.task_id = r.task_id)
   returning r.task_id`,
);

/** Ends the tasks of runs. Needs the service role. */
@Injectable()
export class RunEnds {
  constructor(private readonly database: Database) {}

  /** Ends the task of a run that has this outcome, with what is open under it. @returns the rows that ended by it */
  async end(tenantId: string, runId: string, outcome: RunOutcome): Promise<Swept[]> {
    switch (outcome.status) {
      case 'completed':
        return this.database.query<Swept>(complete, [tenantId, runId, JSON.stringify(outcome.result)]);
      case 'failed': {
        const error = JSON.stringify({ ...outcome.error, permanent: true });
        return this.database.query<Swept>(fail, [tenantId, runId, error]);
      }
      case 'closed':
        return this.close(tenantId, runId);
    }
  }

  /** Deletes runs whose tasks are kept no more. @returns how many */
  async deleteOld(limit: number): Promise<number> {
    return (await this.database.query(deleteOld, [limit])).length;
  }

  /** Its task was ended by others. */
  private async close(tenantId: string, runId: string): Promise<Swept[]> {
    const ended: Swept[] = [];
    for (;;) {
      const some = await this.database.query<Swept>(cancelLeft, [tenantId, runId]);
      ended.push(...some);
      if (some.length === 0) break;
    }
    await this.database.query(settle, [tenantId, runId]);
    return ended;
  }
}
