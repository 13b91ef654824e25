import { Injectable } from '@nestjs/common';
import type { AttemptView, TaskEventView } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { derivedEvents } from '../events/history.js';
import { TaskEntity } from '../tasks/task.entity.js';
import { attemptsOf } from './attempts.policy.js';
import {
  type DeadLetterRow,
  letterColumns,
  type MessageColumns,
  messageColumns,
  ofTenant,
  type ReplayRow,
} from './dead-letter.js';
import { criteriaCondition, type DeadLetterCriteria } from './dead-letter-criteria.policy.js';

const find = statement(
  'dead-letters.find',
  `select ${letterColumns}, ${messageColumns} from dead_letter where ${ofTenant} and dead_letter_id = $1`,
);

// Lines and progress, of which there may be thousands, tell nothing of attempts.
const statusEvents = statement(
  'dead-letters.attempts',
  `select at, body from task_event where ${ofTenant} and task_id = $1 and body ->> 'type' = 'status' order by seq`,
);

const replays = statement(
  'dead-letters.replays',
  `select r.task_id as "taskId", t.status, r.replayed_at as "replayedAt", r.replayed_by as "replayedBy", r.edits
   from dead_letter_replay r left join task_queue t using (tenant_id, task_id)
   where r.${ofTenant} and r.dead_letter_id = $1`,
);

/** A letter with all that belongs to it. */
export interface DeadLetterStory extends DeadLetterRow, MessageColumns {
  /** With payload and metadata; null for a message, and when the task is no longer kept. */
  readonly task: TaskEntity | null;
  readonly attempts: readonly AttemptView[];
  readonly replays: readonly ReplayRow[];
}

type Columns = DeadLetterRow & MessageColumns & Record<string, unknown>;

/** Reads of one tenant's dead letters. */
@Injectable()
export class DeadLetterReads {
  constructor(private readonly database: Database) {}

  /** Newest first, from the cursor (an id) on. */
  list(tenantId: string, filter: DeadLetterCriteria, limit: number): Promise<DeadLetterRow[]> {
    const { name, text, values } = criteriaCondition(filter, 2);
    const list = statement(
      `dead-letters.list/${name}`,
      `select ${letterColumns} from dead_letter d where ${ofTenant}${text} order by dead_letter_id desc limit $1`,
    );
    return this.database.queryAs<DeadLetterRow>(tenantId, list, [limit, ...values]);
  }

  find(tenantId: string, letterId: string): Promise<DeadLetterStory | undefined> {
    return this.database.withTenant(tenantId, async (transaction) => {
      const [row] = await transaction.query<Columns>(find, [letterId]);
      if (row === undefined) return undefined;
      const task = row.taskId === null ? null : await taskOf(transaction, tenantId, row.taskId);
      return {
        ...row,
        task,
        attempts: task === null ? [] : await attempts(transaction, task),
        replays: await transaction.query<ReplayRow>(replays, [letterId]),
      };
    });
  }
}

const taskOf = ({ manager }: TenantTransaction, tenantId: string, taskId: string): Promise<TaskEntity | null> =>
  manager
    .createQueryBuilder(TaskEntity, 'task')
    .addSelect(['task.payload', 'task.metadata'])
    .where({ tenantId, taskId })
    .getOne();

const attempts = async (transaction: TenantTransaction, task: TaskEntity): Promise<AttemptView[]> => {
  const rows = await transaction.query<{ at: Date; body: object }>(statusEvents, [task.taskId]);
  const earlier = rows.map(({ at, body }) => ({ at: at.toISOString(), ...body }) as TaskEventView);
  return attemptsOf([...earlier, ...derivedEvents(task).map(({ event }) => event)]);
};
