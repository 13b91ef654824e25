import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import type { TaskStatus } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { sharedFailure } from '../connection/shared-failure.policy.js';
import type { Accepted, NewTask } from './new-task.js';

interface Created {
  readonly ord: number;
  readonly task_id: string;
  readonly status: TaskStatus;
}

interface Reserved {
  readonly key: string;
  readonly body_hash: string;
  readonly task_id: string;
  readonly status: TaskStatus;
}

/** A task that a statement created, with what it was asked for. */
export interface CreatedTask {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly task: NewTask;
}

/** Must not throw: the tasks are there, whatever it does. */
export type CreationListener = (tenantId: string, created: readonly CreatedTask[]) => void;

/** To be committed together with the tasks, or not at all: what it throws undoes them. */
export type Alongside = (transaction: TenantTransaction, accepted: readonly Accepted[]) => Promise<void>;

/** Until then the first dispatch is trusted; after it the dispatcher looks. Seconds. */
const dispatchGraceS = 4;

const insert = statement(
  'tasks.insert',
  `with input as materialized (
     select i.*, pulser.new_id() as task_id
     from json_to_recordset($1::json) as i(ord int, task_type text, priority task_priority, agent text, payload jsonb,
       metadata jsonb, run_at timestamptz, deadline_s int, max_attempts int, traceparent text, parent_id uuid, replay_of uuid,
       submitted_by text, key text, hash text)
   ), reserved as (
     insert into idempotency_key (tenant_id, key, body_hash, task_id, expires_at)
     select (select pulser.tenant_id()), key, decode(hash, 'hex'), task_id, now() + interval '24 hours'
     from input where key is not null
     on conflict do nothing
     returning task_id
   ), created as (
     insert into task_queue (task_id, tenant_id, task_type, priority, assigned_agent, status, payload, metadata, run_at,
       due_at, deadline_at, max_attempts, traceparent, parent_id, replay_of, submitted_by)
     select task_id, (select pulser.tenant_id()), task_type, priority, agent,
       case when run_at > now() then 'scheduled' else 'queued' end::task_status, payload, metadata, run_at,
       case when run_at > now() then run_at else now() + interval '${dispatchGraceS} seconds' end,
       greatest(run_at, now()) + deadline_s * interval '1 second', max_attempts, traceparent, parent_id, replay_of,
       submitted_by
     from input where key is null or task_id in (select task_id from reserved)
     returning task_id, status
   )
   select ord, task_id, status from input join created using (task_id)`,
  { genericPlan: true },
);

const dropExpired = statement(
  'tasks.drop-expired-keys',
  `delete from idempotency_key where tenant_id = (select pulser.tenant_id()) and key = any ($1) and expires_at <= now()`,
);

const findReserved = statement(
  'tasks.find-reserved',
  `select k.key, encode(k.body_hash, 'hex') as body_hash, k.task_id, coalesce(t.status, 'completed') as status
   from idempotency_key k left join task_queue t using (tenant_id, task_id)
   where k.tenant_id = (select pulser.tenant_id()) and k.key = any ($1)`,
);

const keysOf = (tasks: readonly NewTask[]): string[] =>
  tasks.flatMap(({ idempotency }) => (idempotency === undefined ? [] : [idempotency.key]));

const asInput = ({ idempotency, ...task }: NewTask, ord: number): object => ({
  ord,
  ...task,
  key: idempotency?.key,
  hash: idempotency?.bodyHash,
});

const asInputs = (tasks: readonly NewTask[]): string => JSON.stringify(tasks.map(asInput));

/** Accepts tasks. A returned task is durably committed. */
@Injectable()
export class TaskIntake {
  private readonly inserts = new KeyedCoalescer<string, NewTask, Accepted>((tenantId) => ({
    flush: (tasks) => this.insertAll(tenantId, tasks),
    sharedFailure,
  }));

  private readonly listeners: CreationListener[] = [];

  constructor(private readonly database: Database) {}

  /** Called once a statement that created tasks, after its commit: the place to send one message for all of them. */
  onCreated(listener: CreationListener): void {
    this.listeners.push(listener);
  }

  /** Concurrent calls of a tenant share one statement and one commit. @throws DatabaseUnavailable */
  accept(tenantId: string, task: NewTask): Promise<Accepted> {
    return this.inserts.add(tenantId, task);
  }

  /** One statement, one commit, answers in the order of the tasks. @throws DatabaseUnavailable */
  async insertAll(tenantId: string, tasks: readonly NewTask[], alongside?: Alongside): Promise<Accepted[]> {
    const keys = keysOf(tasks);
    const accepted =
      keys.length === 0 && alongside === undefined
        ? answers(tasks, await this.database.queryAs<Created>(tenantId, insert, [asInputs(tasks)]), new Map())
        : await this.database.withTenant(tenantId, (transaction) => this.insertIn(transaction, tasks, keys, alongside));
    this.announce(tenantId, tasks, accepted);
    return accepted;
  }

  private async insertIn(
    transaction: TenantTransaction,
    tasks: readonly NewTask[],
    keys: readonly string[],
    alongside?: Alongside,
  ): Promise<Accepted[]> {
    if (keys.length > 0) await transaction.query(dropExpired, [keys]);
    const created = await transaction.query<Created>(insert, [asInputs(tasks)]);
    const reserved = created.length < tasks.length ? await this.reserved(transaction, keys) : new Map();
    const accepted = answers(tasks, created, reserved);
    await alongside?.(transaction, accepted);
    return accepted;
  }

  private announce(tenantId: string, tasks: readonly NewTask[], accepted: readonly Accepted[]): void {
    if (this.listeners.length === 0) return;
    const created = tasks.flatMap((task, ord) => {
      const answer = accepted[ord];
      return answer?.kind === 'created' ? [{ taskId: answer.taskId, status: answer.status, task }] : [];
    });
    if (created.length === 0) return;
    for (const listener of this.listeners) listener(tenantId, created);
  }

  private async reserved(transaction: TenantTransaction, keys: readonly string[]): Promise<Map<string, Reserved>> {
    const rows = await transaction.query<Reserved>(findReserved, [keys]);
    return new Map(rows.map((row) => [row.key, row]));
  }
}

const answers = (
  tasks: readonly NewTask[],
  created: readonly Created[],
  reserved: ReadonlyMap<string, Reserved>,
): Accepted[] => {
  const byOrd = new Map(created.map((row) => [row.ord, row]));
  return tasks.map((task, ord) => {
    const row = byOrd.get(ord);
    if (row !== undefined) return { kind: 'created', taskId: row.task_id, status: row.status };
    return earlier(task, reserved);
  });
};

const earlier = ({ idempotency }: NewTask, reserved: ReadonlyMap<string, Reserved>): Accepted => {
  const row = idempotency && reserved.get(idempotency.key);
  if (row === undefined) throw new Error('A task was neither created nor found by its idempotency key');
  return row.body_hash === idempotency?.bodyHash
    ? { kind: 'existing', taskId: row.task_id, status: row.status }
    : { kind: 'conflict', taskId: row.task_id };
};
