// The rows of new tasks: one statement for many, with their idempotency keys. The same key and body make one task, for 24
// hours.
import { Injectable } from '@nestjs/common';
import type { AgentName, ConcurrencyKey, Priority, RoleName, TaskStatus, TaskType, UniqueKey } from '@pulser/contracts';
import { Database, statement, type Statement, type TenantTransaction } from '@pulser/database';

import type { Cancelled } from './endings.js';
import { noLimit } from './key-gate.js';
import { type Placement, placeUnique } from './unique-tasks.js';

export interface Idempotency {
  readonly key: string;
  /** SHA-256 of the canonical body, hex: the same key with another one is a conflict. */
  readonly bodyHash: string;
}

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

type KnownId = Pick<KnownKey, 'task_id' | 'status'>;

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

const findKnownIds = statement(
  'tasks.find-known-ids',
  `select task_id, status from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = any ($1)`,
);

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
  readonly concurrency?: ConcurrencyKey | undefined;
  readonly unique?: UniqueKey | undefined;
  readonly max_attempts: number;
  readonly traceparent?: string | undefined;
  /** Chosen where the same one must not come twice: a task that has it already is the answer. Needs a parent. */
  readonly task_id?: string | undefined;
  /** The task that this one is a step of: its cancellation or failure ends this one too. It must be open. */
  readonly parent_id?: string | undefined;
  /** Of the parent's attempt that asks for it: nothing is inserted once another one has begun. */
  readonly parent_epoch?: number | undefined;
  /** The failed task that this one repeats. */
  readonly replay_of?: string | undefined;
  /** The schedule that submits it. */
  readonly schedule_id?: string | undefined;
  /** The hooks that led to it, one after the other, its own the last. */
  readonly hooks?: readonly string[] | undefined;
  /** Id of an API key, or subject of a token. */
  readonly submitted_by?: string | undefined;
  /** What the submitter might, where no key says so later. */
  readonly submitter?: { readonly role: RoleName } | undefined;
  readonly idempotency?: Idempotency | undefined;
}

/** Why a task cannot be the child of another. */
export type ChildRefusal = 'parent_ended' | 'too_many_children' | 'nested_too_deep';

/** What became of an insert. `unborn`: its parent may have no such child, and no task has the id. `existing`: the same key and body, or the same id, were accepted before. */
export type Accepted =
  | {
      readonly kind: 'created' | 'existing';
      readonly taskId: string;
      readonly status: TaskStatus;
      /** What was cancelled for it, where it has a unique key. */
      readonly replaced?: readonly Cancelled[];
    }
  | { readonly kind: 'conflict'; readonly taskId: string }
  | { readonly kind: 'unborn'; readonly taskId: string; readonly reason: ChildRefusal };

/** To be committed together with the rows, or not at all: what it throws undoes them. */
export type InsertedAlongside = (
  transaction: TenantTransaction,
  accepted: readonly Accepted[],
  tasks: readonly NewTask[],
) => Promise<void>;

interface Inserted {
  readonly ord: number;
  readonly task_id: string;
  /** Null: the row was not inserted. */
  readonly status: TaskStatus | null;
  /** The following are said where tasks have parents. */
  readonly refusal?: ChildRefusal | null;
  readonly isOld?: boolean;
  readonly oldStatus?: TaskStatus;
}

/** Undefined: another task has its idempotency key. */
const answerOf = ({ task_id: taskId, status, refusal, isOld, oldStatus }: Inserted): Accepted | undefined => {
  if (status !== null) return { kind: 'created', taskId, status };
  if (isOld === true && oldStatus !== undefined) return { kind: 'existing', taskId, status: oldStatus };
  return refusal === undefined || refusal === null ? undefined : { kind: 'unborn', taskId, reason: refusal };
};

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

const inputColumns = `ord int, task_type text, priority task_priority, agent text, payload jsonb,
       metadata jsonb, run_at timestamptz, deadline_s int, max_attempts int, traceparent text, parent_id uuid, replay_of uuid,
       submitted_by text, submitter jsonb, schedule_id uuid, hooks uuid[], notify text[], key text, hash text, concurrency_key text, concurrency_limit int, unique_key text`;

/** Common table expression `reserved`: the idempotency keys of the rows of `from` that were free. */
const reserved = (from: string): string => `reserved as (
     insert into idempotency_key (tenant_id, key, body_hash, task_id, expires_at)
     select (select pulser.tenant_id()), key, decode(hash, 'hex'), task_id, now() + interval '24 hours'
     from ${from} where key is not null
     on conflict do nothing
     returning task_id
   )`;

const columns = `task_id, tenant_id, task_type, priority, assigned_agent, status, payload, metadata, run_at,
       due_at, deadline_at, max_attempts, traceparent, parent_id, replay_of, submitted_by, submitter, schedule_id, hooks, notify,
       operation, labels, concurrency_key, concurrency_limit, unique_key`;

// One with a concurrency key waits for its place under it.
const values = `task_id, (select pulser.tenant_id()), task_type, priority, agent,
       case when run_at > now() then 'scheduled' when concurrency_key is not null then 'waiting' else 'queued' end::task_status,
       payload, metadata, run_at,
       case when run_at > now() then run_at when concurrency_key is not null then ${noLimit}
         else now() + interval '${dispatchGraceS} seconds' end,
       greatest(run_at, now()) + deadline_s * interval '1 second', max_attempts, traceparent, parent_id, replay_of,
       submitted_by, submitter, schedule_id, hooks, notify, ${operationOf('payload')}, ${labelsOf('metadata')}, concurrency_key,
       concurrency_limit, unique_key`;

const hasFreeKey = `(key is null or task_id in (select task_id from reserved))`;

const insert = statement(
  'tasks.insert',
  `with input as materialized (
     select i.*, pulser.new_id() as task_id from json_to_recordset($1::json) as i(${inputColumns})
   ), ${reserved('input')}, created as (
     insert into task_queue (${columns}) select ${values} from input where ${hasFreeKey} returning task_id, status
   )
   select ord, task_id, status from input join created using (task_id)`,
  { genericPlan: true },
);

/** Children of one task. */
export const maxChildren = 50_000;
/** Generations below a task. */
const maxDepth = 16;

// A child is born only while its parent is open: the parent stays locked until the child is committed, and whoever ends the
// parent looks for children when it finds `has_children`. Lock order: parents by id, then their joins by id.
const insertChildren = statement(
  'tasks.insert-children',
  `with given as materialized (
     select i.*, coalesce(i.id, pulser.new_id()) as task_id
     from json_to_recordset($1::json) as i(${inputColumns}, id uuid, parent_epoch int)
   ), parents as materialized (
     select p.* from (select distinct parent_id from given where parent_id is not null order by parent_id) k cross join lateral (
       select tenant_id, task_id, coalesce(root_id, task_id) as root_id, parent_id, epoch, status, has_children from task_queue
       where tenant_id = (select pulser.tenant_id()) and task_id = k.parent_id and completed_at is null for no key update
     ) p
   ), placed as materialized (
     select p.task_id, p.root_id, p.has_children, p.epoch, p.status, coalesce(j.children, 0) as children,
       coalesce(j.depth, a.depth + 1, 0) as depth
     from parents p left join task_join j on j.tenant_id = p.tenant_id and j.task_id = p.task_id
     left join task_join a on a.tenant_id = p.tenant_id and a.task_id = p.parent_id
   ), input as materialized (
     select g.*, p.root_id, case
         when g.parent_id is null then null
         when p.task_id is null or (g.parent_epoch is not null and (p.epoch <> g.parent_epoch or p.status <> 'running'))
           then 'parent_ended'
         when p.depth >= ${maxDepth} then 'nested_too_deep'
         when p.children + row_number() over (partition by g.parent_id order by g.ord) > ${maxChildren} then 'too_many_children'
       end as refusal
     from given g left join placed p on p.task_id = g.parent_id
   ), admitted as (select * from input where refusal is null
   ), ${reserved('admitted')}, created as (
     insert into task_queue (${columns}, root_id)
     select ${values}, root_id from admitted where ${hasFreeKey}
     order by task_id on conflict do nothing returning task_id, tenant_id, status, parent_id
   ), born as (
     select tenant_id, parent_id, count(*)::int as children from created where parent_id is not null group by 1, 2
   ), joins as (
     insert into task_join (tenant_id, task_id, depth, children)
     select b.tenant_id, b.parent_id, p.depth, b.children from born b join placed p on p.task_id = b.parent_id
     order by b.parent_id
     on conflict (tenant_id, task_id) do update set children = task_join.children + excluded.children
   ), marked as (
     update task_queue t set has_children = true from born b join placed p on p.task_id = b.parent_id and not p.has_children
     where t.tenant_id = b.tenant_id and t.task_id = b.parent_id
   )
   select i.ord, i.task_id, i.refusal, c.status,
     c.task_id is null and i.id is not null and (e.task_id is not null or i.refusal is null) as "isOld",
     coalesce(e.status, 'queued') as "oldStatus"
   from input i left join created c on c.task_id = i.task_id
   left join task_queue e on e.tenant_id = (select pulser.tenant_id()) and e.task_id = i.task_id and i.id is not null`,
  { genericPlan: true },
);

const keysOf = (tasks: readonly NewTask[]): string[] =>
  tasks.flatMap(({ idempotency }) => (idempotency === undefined ? [] : [idempotency.key]));

const asInput = ({ idempotency, task_id, concurrency, unique, ...task }: NewTask, ord: number): object => ({
  ord,
  ...task,
  concurrency_key: concurrency?.key,
  concurrency_limit: concurrency?.limit,
  unique_key: unique?.key,
  id: task_id,
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
    const simple = keys.length === 0 && alongside === undefined && !tasks.some(isUnique);
    if (simple)
      return answers(
        tasks,
        await this.database.queryAs<Inserted>(tenantId, insertOf(tasks), [asInputs(tasks)]),
        new Map(),
      );
    return this.database.withTenant(tenantId, (transaction) => insertIn(transaction, tasks, keys, alongside));
  }

  /** The answers of those tasks whose idempotency keys or ids are in use already; undefined for others. @throws DatabaseUnavailable */
  async known(tenantId: string, tasks: readonly NewTask[]): Promise<(Accepted | undefined)[]> {
    const keys = keysOf(tasks);
    const ids = tasks.flatMap(({ task_id }) => task_id ?? []);
    const [byKeys, byIds] = await Promise.all([
      keys.length === 0 ? [] : this.database.queryAs<KnownKey>(tenantId, findKnownKeys, [keys]),
      ids.length === 0 ? [] : this.database.queryAs<KnownId>(tenantId, findKnownIds, [ids]),
    ]);
    const known = byKey(byKeys);
    const statuses = new Map(byIds.map(({ task_id, status }) => [task_id, status]));
    return tasks.map((task) => {
      const status = task.task_id === undefined ? undefined : statuses.get(task.task_id);
      if (task.task_id === undefined || status === undefined) return earlier(task, known);
      return { kind: 'existing', taskId: task.task_id, status };
    });
  }
}

/** Tasks without parents pay nothing for those that have one. */
const insertOf = (tasks: readonly NewTask[]): Statement =>
  tasks.some(({ parent_id }) => parent_id !== undefined) ? insertChildren : insert;

const insertIn = async (
  transaction: TenantTransaction,
  tasks: readonly NewTask[],
  keys: readonly string[],
  alongside?: InsertedAlongside,
): Promise<Accepted[]> => {
  const accepted = tasks.some(isUnique)
    ? await insertUnique(transaction, tasks)
    : await insertRows(transaction, tasks, keys);
  await alongside?.(transaction, accepted, tasks);
  return accepted;
};

const isUnique = ({ unique }: NewTask): boolean => unique !== undefined;

/** Those that another task of their key does not stand for. */
const insertUnique = async (transaction: TenantTransaction, tasks: readonly NewTask[]): Promise<Accepted[]> => {
  const { placements, cancelled } = await placeUnique(transaction, tasks);
  const wanted = tasks.filter((_, n) => placements[n]?.kind === 'create');
  const inserted = await insertRows(transaction, wanted, keysOf(wanted));
  let next = 0;
  const accepted: Accepted[] = [];
  for (const placement of placements) accepted.push(placedAs(placement, accepted, () => inserted[next++]));
  return cancelled.length === 0 ? accepted : withReplaced(accepted, cancelled);
};

const placedAs = (placement: Placement, before: readonly Accepted[], insert: () => Accepted | undefined): Accepted => {
  const answer = placement.kind === 'create' ? insert() : placement.kind === 'same' ? before[placement.as] : placement;
  if (answer === undefined) throw new Error('A task has no answer');
  return placement.kind === 'same' && answer.kind === 'created' ? { ...answer, kind: 'existing' } : answer;
};

/** With the first of them, whichever they gave way to. */
const withReplaced = (accepted: readonly Accepted[], replaced: readonly Cancelled[]): Accepted[] => {
  const first = accepted.findIndex(({ kind }) => kind === 'created');
  return accepted.map((one, n) => (n === first && one.kind === 'created' ? { ...one, replaced } : one));
};

const insertRows = async (
  transaction: TenantTransaction,
  tasks: readonly NewTask[],
  keys: readonly string[],
): Promise<Accepted[]> => {
  if (keys.length > 0) await transaction.query(dropExpiredKeys, [keys]);
  const inserted = tasks.length === 0 ? [] : await transaction.query<Inserted>(insertOf(tasks), [asInputs(tasks)]);
  const answered = inserted.filter((row) => answerOf(row) !== undefined).length;
  const known =
    answered < tasks.length ? byKey(await transaction.query<KnownKey>(findReservedKeys, [keys])) : new Map();
  return answers(tasks, inserted, known);
};

const byKey = (rows: readonly KnownKey[]): Map<string, KnownKey> => new Map(rows.map((row) => [row.key, row]));

const answers = (
  tasks: readonly NewTask[],
  inserted: readonly Inserted[],
  known: ReadonlyMap<string, KnownKey>,
): Accepted[] => {
  const byOrd = new Map(inserted.map((row) => [row.ord, answerOf(row)]));
  return tasks.map((task, ord) => {
    const answer = byOrd.get(ord) ?? earlier(task, known);
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
