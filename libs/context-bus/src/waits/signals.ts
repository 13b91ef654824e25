// Signals: what anybody outside sends to a task that waits for it, or will.
import { Injectable } from '@nestjs/common';
import type { SubmittedTask, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { dispatchColumns, resumedEvents, wokenNow, type WokenRow, wokenTask } from '../tasks/ending-parts.js';
import { bodyHash } from '../tasks/body-hash.js';

/** Signals of a task that no wait has got. */
export const maxSignals = 1_000;

export interface Signal {
  readonly name: string;
  /** The same name and key are one signal. */
  readonly key: string;
  readonly body: unknown;
  /** Id of an API key, or subject of a token. */
  readonly sentBy: string;
}

/** What became of a signal. `repeated`: it came before. */
export type SignalOutcome =
  | { readonly kind: 'kept' | 'repeated'; readonly woken: readonly SubmittedTask[]; readonly receivedAt: Date }
  | { readonly kind: 'conflict' | 'no_task' | 'too_many' }
  | { readonly kind: 'ended'; readonly status: TaskStatus };

/** Before `send`, which then sees what the task waits for. */
const lock = statement(
  'signals.lock',
  `select count(*) from (
     select from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = $1 for update
   ) t`,
);

const ofTask = `tenant_id = (select pulser.tenant_id()) and task_id = $1`;

// A run has no wait of its own for a signal: it is told, and looks whether one of its steps has.
const send = statement(
  'signals.send',
  `with task as materialized (select * from task_queue where ${ofTask}
   ), known as materialized (select * from task_signal where ${ofTask} and name = $2 and key = $3
   ), room as materialized (
     select count(*) < ${maxSignals} as is_left from (
       select from task_signal where ${ofTask} and taken_by is null limit ${maxSignals}
     ) s
   ), kept as (
     insert into task_signal (tenant_id, task_id, name, key, body, body_hash, sent_by)
     select tenant_id, task_id, $2, $3, $4::jsonb, decode($5, 'hex'), $6 from task
     where completed_at is null and not exists (select from known) and (select is_left from room)
     returning *
   ), woken as (
     update task_queue t set ${wokenNow} from kept k
     where t.tenant_id = k.tenant_id and t.task_id = k.task_id and t.status = 'waiting' and exists (
       select from task_wait w where w.tenant_id = k.tenant_id and w.task_id = k.task_id and w.is_current
         and w.kind = 'signal' and w.ref = k.name
     ) returning t.*
   ), noticed as (
     insert into workflow_inbox (tenant_id, run_id, task_id) select k.tenant_id, k.task_id, k.task_id from kept k
     where exists (select from workflow_run r where r.tenant_id = k.tenant_id and r.task_id = k.task_id)
   ), ${resumedEvents('woken', 'resumed')}
   select task.status, (select received_at from kept) as "keptAt", (select received_at from known) as "knownAt",
     (select body_hash = decode($5, 'hex') from known) as "isSame",
     (select jsonb_agg(to_jsonb(w)) from (select ${dispatchColumns} from woken) w) as woken
   from task`,
);

interface SentRow {
  readonly status: TaskStatus;
  readonly keptAt: Date | null;
  readonly knownAt: Date | null;
  readonly isSame: boolean | null;
  readonly woken: readonly WokenRow[] | null;
}

const ended: readonly TaskStatus[] = ['completed', 'failed', 'cancelled'];

const outcomeOf = ({ status, keptAt, knownAt, isSame, woken }: SentRow): SignalOutcome => {
  if (knownAt !== null)
    return isSame === true ? { kind: 'repeated', woken: [], receivedAt: knownAt } : { kind: 'conflict' };
  if (keptAt !== null) return { kind: 'kept', woken: (woken ?? []).map(wokenTask), receivedAt: keptAt };
  return ended.includes(status) ? { kind: 'ended', status } : { kind: 'too_many' };
};

const taskOf = statement('signals.task', `select task_type as "taskType" from task_queue where ${ofTask}`);

/** Keeps signals for tasks, and wakes those that wait for them in the same statement. */
@Injectable()
export class TaskSignals {
  constructor(private readonly database: Database) {}

  /** The type of a task, by which it is decided who may send it signals; undefined: there is no such task. */
  async typeOf(tenantId: string, taskId: string): Promise<TaskType | undefined> {
    return (await this.database.queryAs<{ taskType: TaskType }>(tenantId, taskOf, [taskId]))[0]?.taskType;
  }

  /** @throws DatabaseUnavailable */
  async send(tenantId: string, taskId: string, { name, key, body, sentBy }: Signal): Promise<SignalOutcome> {
    const values = [taskId, name, key, JSON.stringify(body), bodyHash(body), sentBy];
    const [row] = await this.database.queryAs<SentRow>(tenantId, send, values, [{ wanted: lock, values: [taskId] }]);
    return row === undefined ? { kind: 'no_task' } : outcomeOf(row);
  }
}
