// The rows of new tasks: one statement for many, with their idempotency keys. The same key and body make one task, for 24
// hours.
import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { AgentName, Priority, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

export interface Idempotency {
  readonly key: string;
  /** SHA-256 of the canonical body, hex: the same key with another one is a conflict. */
  readonly bodyHash: string;
}

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** SHA-256 of a JSON value, hex; the order of keys does not matter. */
export const bodyHash = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body, sorted)).digest('hex');

/**
 * The key of one item of a batch, so that a batch that is sent again makes no task twice. A client's own key is visible
 * ASCII, so the space keeps the two apart.
 */
export const batchItemKey = (key: string, index: number): string => `${key} ${index}`;

/** A key in use, with the task that it made. */
interface KnownKey {
  readonly key: string;
  readonly body_hash: string;
  readonly task_id: string;
  readonly status: TaskStatus;
}

const dropExpiredKeys = statement(
  'tasks.drop-expired-keys',
  `delete from idempotency_key where tenant_id = (select pulser.tenant_id()) and key = any ($1) and expires_at <= now()`,
);

/** A task that is not kept any more has ended. */
const keysInUse = `select k.key, encode(k.body_hash, 'hex') as body_hash, k.task_id, coalesce(t.status, 'completed') as status
   from idempotency_key k left join task_queue t using (tenant_id, task_id)
   where k.tenant_id = (select pulser.tenant_id()) and k.key = any ($1)`;

/** Must follow `dropExpiredKeys` in its transaction. */
const findReservedKeys = statement('tasks.find-reserved', keysInUse);

/** As `findReservedKeys`, outside a transaction. */
const findKnownKeys = statement('tasks.find-known-keys', `${keysInUse} and k.expires_at > now()`);

/** A task about to be accepted: checked, with everything decided that the row needs. */
export interface NewTask {
  readonly task_type: TaskType;
  readonly priority: Priority;
  readonly agent: AgentName;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Destinations that its end is sent to. */
  readonly notify?: readonly string[] | undefined;
  readonly run_at?: string | undefined;
  readonly deadline_s?: number | undefined;
  readonly max_attempts: number;
  readonly traceparent?: string | undefined;
  /** The task that this one is a step of: its cancellation or failure ends this one too. */
  readonly parent_id?: string | undefined;
  /** The failed task that this one repeats. */
  readonly replay_of?: string | undefined;
  /** The schedule that submits it. */
  readonly schedule_id?: string | undefined;
  /** Id of an API key, or subject of a token. */
  readonly submitted_by?: string | undefined;
  readonly idempotency?: Idempotency | undefined;
}

/** What became of an insert. `existing`: the same key and body were accepted before. */
export type Accepted =
  | { readonly kind: 'created' | 'existing'; readonly taskId: string; readonly status: TaskStatus }
  | { readonly kind: 'conflict'; readonly taskId: string };

/** To be committed together with the rows, or not at all: what it throws undoes them. */
export type InsertedAlongside = (
  transaction: TenantTransaction,
  accepted: readonly Accepted[],
  tasks: readonly NewTask[],
) => Promise<void>;

interface Created {
  readonly ord: number;
  readonly task_id: string;
  readonly status: TaskStatus;
}

/** Seconds until a queued row is due: until then its first dispatch is expected to arrive. */
const dispatchGraceS = 4;

/** SQL: what a payload names as its operation, '' when that is no string or a longer one than any operation has. */
const operationOf = (payload: string): string =>
  `case when jsonb_typeof(${payload} -> 'operation') = 'string' and length(${payload} ->> 'operation') <= 200
         then ${payload} ->> 'operation' else '' end`;

/**
 * SQL: the members of a task's metadata that the tenant's setting `task-labels` names, as texts of 1 to 200 characters; null
 * without any. The setting is read once a statement, and only when a task of it has metadata.
 */
const labelsOf = (metadata: string): string => `case when ${metadata} is not null then (
         select jsonb_object_agg(k.key, m.value) from jsonb_array_elements_text((
           select value from tenant_setting where tenant_id = (select pulser.tenant_id()) and name = 'task-labels'
         )) as k(key) cross join lateral (
           select ${metadata} ->> k.key as value where jsonb_typeof(${metadata} -> k.key) in ('string', 'number', 'boolean')
         ) m where length(m.value) between 1 and 200
       ) end`;

const insert = statement(
  'tasks.insert',
  `with input as materialized (
     select i.*, pulser.new_id() as task_id
     from json_to_recordset($1::json) as i(ord int, task_type text, priority task_priority, agent text, payload jsonb,
       metadata jsonb, run_at timestamptz, deadline_s int, max_attempts int, traceparent text, parent_id uuid, replay_of uuid,
       submitted_by text, schedule_id uuid, notify text[], key text, hash text)
   ), reserved as (
     insert into idempotency_key (tenant_id, key, body_hash, task_id, expires_at)
     select (select pulser.tenant_id()), key, decode(hash, 'hex'), task_id, now() + interval '24 hours'
     from input where key is not null
     on conflict do nothing
     returning task_id
   ), created as (
     insert into task_queue (task_id, tenant_id, task_type, priority, assigned_agent, status, payload, metadata, run_at,
       due_at, deadline_at, max_attempts, traceparent, parent_id, replay_of, submitted_by, schedule_id, notify, operation, labels)
     select task_id, (select pulser.tenant_id()), task_type, priority, agent,
       case when run_at > now() then 'scheduled' else 'queued' end::task_status, payload, metadata, run_at,
       case when run_at > now() then run_at else now() + interval '${dispatchGraceS} seconds' end,
       greatest(run_at, now()) + deadline_s * interval '1 second', max_attempts, traceparent, parent_id, replay_of,
       submitted_by, schedule_id, notify, ${operationOf('payload')}, ${labelsOf('metadata')}
     from input where key is null or task_id in (select task_id from reserved)
     returning task_id, status
   )
   select ord, task_id, status from input join created using (task_id)`,
  { genericPlan: true },
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

/** Inserts tasks. A returned task is durably committed. */
@Injectable()
export class TaskInserts {
  constructor(private readonly database: Database) {}

  /** One statement, one commit, answers in the order of the tasks. @throws DatabaseUnavailable */
  async insertAll(tenantId: string, tasks: readonly NewTask[], alongside?: InsertedAlongside): Promise<Accepted[]> {
    const keys = keysOf(tasks);
    if (keys.length === 0 && alongside === undefined)
      return answers(tasks, await this.database.queryAs<Created>(tenantId, insert, [asInputs(tasks)]), new Map());
    return this.database.withTenant(tenantId, (transaction) => insertIn(transaction, tasks, keys, alongside));
  }

  /** The answers of those tasks whose idempotency keys are in use already; undefined for others. @throws DatabaseUnavailable */
  async known(tenantId: string, tasks: readonly NewTask[]): Promise<(Accepted | undefined)[]> {
    const keys = keysOf(tasks);
    if (keys.length === 0) return tasks.map(() => undefined);
    const known = byKey(await this.database.queryAs<KnownKey>(tenantId, findKnownKeys, [keys]));
    return tasks.map((task) => earlier(task, known));
  }
}

const insertIn = async (
  transaction: TenantTransaction,
  tasks: readonly NewTask[],
  keys: readonly string[],
  alongside?: InsertedAlongside,
): Promise<Accepted[]> => {
  if (keys.length > 0) await transaction.query(dropExpiredKeys, [keys]);
  const created = tasks.length === 0 ? [] : await transaction.query<Created>(insert, [asInputs(tasks)]);
  const reserved =
    created.length < tasks.length ? byKey(await transaction.query<KnownKey>(findReservedKeys, [keys])) : new Map();
  const accepted = answers(tasks, created, reserved);
  await alongside?.(transaction, accepted, tasks);
  return accepted;
};

const byKey = (rows: readonly KnownKey[]): Map<string, KnownKey> => new Map(rows.map((row) => [row.key, row]));

const answers = (
  tasks: readonly NewTask[],
  created: readonly Created[],
  reserved: ReadonlyMap<string, KnownKey>,
): Accepted[] => {
  const byOrd = new Map(created.map((row) => [row.ord, row]));
  return tasks.map((task, ord) => {
    const row = byOrd.get(ord);
    if (row !== undefined) return { kind: 'created', taskId: row.task_id, status: row.status };
    const answer = earlier(task, reserved);
    if (answer === undefined) throw new Error('A task was neither created nor found by its idempotency key');
    return answer;
  });
};

const earlier = ({ idempotency }: NewTask, known: ReadonlyMap<string, KnownKey>): Accepted | undefined => {
  const row = idempotency && known.get(idempotency.key);
  if (row === undefined) return undefined;
  return row.body_hash === idempotency?.bodyHash
    ? { kind: 'existing', taskId: row.task_id, status: row.status }
    : { kind: 'conflict', taskId: row.task_id };
};
