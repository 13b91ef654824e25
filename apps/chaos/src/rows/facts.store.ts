import { type Database, statement } from '@pulser/database';

import type { CallFact, EffectFact, LedgerFact, TaskFact } from '../check/facts.js';

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const tasks = statement(
  'facts.tasks',
  `select task_id as "taskId", payload ->> 'ref' as ref, status, attempts, max_attempts as "maxAttempts",
     ${ms('created_at')} as "createdAt", ${ms('updated_at')} as "updatedAt", ${ms('completed_at')} as "completedAt",
     ${ms('due_at')} as "dueAt", error ->> 'code' as "errorCode" from task_queue order by task_id`,
);

const effects = statement(
  'facts.effects',
  `select key, ref, task_id as "taskId", ${ms('at')} as at from chaos.effects`,
);

const calls = statement(
  'facts.calls',
  `select phase, ref, task_id as "taskId", attempt, pid, ${ms('at')} as at from chaos.effect_calls order by call_id`,
);

const ledger = statement(
  'facts.ledger',
  `select task_id as "taskId", ${ms('finished_at')} as "finishedAt" from task_effect where finished_at is not null`,
);

const deadTasks = statement(
  'facts.dead-tasks',
  'select task_id as "taskId" from dead_letter where task_id is not null',
);

const lostWorkers = statement(
  'facts.lost-workers',
  `select task_id as "taskId", ${ms('at')} as at from task_event where body -> 'error' ->> 'code' = 'worker_lost'`,
);

const describe = statement(
  'facts.describe',
  `select to_jsonb(t) - 'payload' || jsonb_build_object('payload', t.payload) as row,
     (select jsonb_agg(to_jsonb(e) order by seq) from task_event e where e.tenant_id = t.tenant_id and e.task_id = t.task_id) as events,
     (select jsonb_agg(to_jsonb(c) order by call_id) from chaos.effect_calls c where c.task_id = t.task_id) as calls
   from task_queue t where task_id = any ($1) or payload ->> 'ref' = any ($2)`,
);

/** Reads what came of everything, as the administrator whom no policy binds. */
export class FactsStore {
  constructor(private readonly database: Database) {}

  tasks(): Promise<TaskFact[]> {
    return this.database.query<TaskFact>(tasks);
  }

  effects(): Promise<EffectFact[]> {
    return this.database.query<EffectFact>(effects);
  }

  calls(): Promise<CallFact[]> {
    return this.database.query<CallFact>(calls);
  }

  ledger(): Promise<LedgerFact[]> {
    return this.database.query<LedgerFact>(ledger);
  }

  async deadTasks(): Promise<string[]> {
    const rows = await this.database.query<{ taskId: string }>(deadTasks);
    return rows.map(({ taskId }) => taskId);
  }

  /** When Pulser noticed that the worker of a task was gone. */
  lostWorkers(): Promise<{ taskId: string; at: number }[]> {
    return this.database.query<{ taskId: string; at: number }>(lostWorkers);
  }

  /** Rows, events and calls of tasks, to be read by people. */
  describe(taskIds: readonly string[], refs: readonly string[]): Promise<Record<string, unknown>[]> {
    return this.database.query(describe, [taskIds, refs]);
  }
}
