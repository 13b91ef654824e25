// The one way in: every task (from REST, a batch, an AMQP order, a replay, a parent, a schedule, a hook) is submitted as
// an order here and gets an outcome. Rights, type, payload and quotas are checked, the row is committed, and its message
// is published. It knows neither HTTP nor AMQP.
import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import type { FieldProblem, MessageInput, RoleName, SubmitTask, SubmittedTask, TaskType } from '@pulser/contracts';

import { type Principal, principalId, submissionRefusal } from '../access/principal.js';
import { PayloadChecks } from '../agents/payload-checks.js';
import { type ServedType, type TaskTypeTable, TaskTypes } from '../agents/task-types.js';
import { sharedFailure } from '../connection/pools.js';
import { noRoom, type QuotaRoom, Quotas, type QuotasInUse } from '../limits/quotas.js';
import { Destinations } from '../notifications/destinations.js';
import { inlinePayloadBytes } from './dequeue.js';
import { bodyHash } from './body-hash.js';
import { childIdOf } from './child-id.policy.js';
import type { Cancelled } from './endings.js';
import { type Accepted, type ChildRefusal, type InsertedAlongside, type NewTask, TaskInserts } from './inserts.js';

/** A task that is wanted, as the edge has parsed it. */
export interface Order {
  readonly submit: SubmitTask;
  /** Chosen by the submitter: the same key and body make one task for 24 hours. */
  readonly idempotencyKey?: string | undefined;
  /** The failed task that this one repeats. */
  readonly replayOf?: string | undefined;
  /** The task that this one is a step of; it must be open. */
  readonly parentId?: string | undefined;
  /** Of the parent's attempt that asks for it: once another one has begun, the order is refused as if the parent had ended. */
  readonly parentEpoch?: number | undefined;
  /** Names it among the children of its parent: the same key is the same task, for ever. */
  readonly childKey?: string | undefined;
  /** The schedule that submits it. */
  readonly scheduleId?: string | undefined;
  /** The hooks that led to it, one after the other, the one that submits it the last. */
  readonly hooks?: readonly string[] | undefined;
  /** Fewer attempts than its type has. */
  readonly maxAttempts?: number | undefined;
}

/** Why an order becomes no task. */
export type Refusal =
  | { readonly code: 'forbidden'; readonly role: RoleName }
  | { readonly code: 'forbidden_task_type'; readonly taskType: TaskType; readonly allowed: readonly TaskType[] }
  | { readonly code: 'task_type_not_served'; readonly served: readonly TaskType[] }
  | { readonly code: 'invalid_payload' | 'unknown_destination'; readonly problems: readonly FieldProblem[] }
  | { readonly code: 'queue_full' | 'daily_quota_spent'; readonly retryAfterS: number }
  | { readonly code: ChildRefusal };

/** What became of an order. `existing`: the same key and body were accepted before. */
export type Outcome = Exclude<Accepted, Unborn> | { readonly kind: 'refused'; readonly refusal: Refusal };

type Unborn = Extract<Accepted, { readonly kind: 'unborn' }>;

/** What would become of an order at this moment. */
export type Trial =
  | { readonly kind: 'accepted'; readonly task: NewTask; readonly quotas: QuotasInUse }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface Origin {
  /** W3C trace context of the submission. */
  readonly traceparent?: string | undefined;
  /** Committed together with the rows, or not at all. Gets the rows of the orders that were not refused, in their order. */
  readonly alongside?: InsertedAlongside | undefined;
}

/** A task whose concurrency key is to be looked at. */
export type GatedTask = SubmittedTask & { readonly gate: string };

/**
 * Where committed rows go: the gateway publishes them to the router, the router hands them to its dispatcher. Must not
 * throw: the rows exist whatever happens to the message, and the router finds them when they are due.
 */
export abstract class DispatchPort {
  abstract submitted(tasks: readonly SubmittedTask[]): void;

  /** Tasks wait for a place under concurrency keys, or a place has become free: a router is to give it, or its sweep does. */
  gated?(tasks: readonly GatedTask[]): void;

  /** Tasks that gave way to others of their unique key. */
  replaced?(tenantId: string, cancelled: readonly Cancelled[]): void;

  /** For who watches the tenant: rows that were asked for, also those that may not start yet; `enteredTasks` picks the new ones. */
  entered?(tenantId: string, tasks: readonly NewTask[], accepted: readonly Accepted[]): void;
}

const maxOperationLength = 200;

/** The rows that an insert made, as the event that they exist. */
export const enteredTasks = (
  tenantId: string,
  tasks: readonly NewTask[],
  accepted: readonly Accepted[],
): MessageInput<'task.queued'> =>
  tasks.flatMap(({ task_type, priority, agent, payload: { operation } }, n) => {
    const answer = accepted[n];
    if (answer?.kind !== 'created' || (answer.status !== 'queued' && answer.status !== 'scheduled')) return [];
    const named = typeof operation === 'string' && operation.length <= maxOperationLength;
    const { taskId: task_id, status } = answer;
    const event = { task_id, tenant_id: tenantId, task_type, agent, attempt: 0, status, priority };
    return [named ? { ...event, operation } : event];
  });

/** Payloads of one message together, in bytes: a broker refuses messages that are too large. */
const maxMessageBytes = 4_194_304;

@Injectable()
export class Intake {
  private readonly singles = new KeyedCoalescer<string, NewTask, Accepted>((tenantId) => ({
    flush: (tasks) => this.write(tenantId, tasks),
    sharedFailure,
  }));

  constructor(
    private readonly types: TaskTypes,
    private readonly payloads: PayloadChecks,
    private readonly quotas: Quotas,
    private readonly inserts: TaskInserts,
    private readonly destinations: Destinations,
    private readonly dispatch: DispatchPort,
  ) {}

  /**
   * Outcomes in the order of the orders; a refused order does not refuse the others. What was created is durably
   * committed. Single orders of a tenant that come at the same time share one statement.
   * @throws DatabaseUnavailable, and whatever `alongside` throws
   */
  async submit(principal: Principal, orders: readonly Order[], origin: Origin = {}): Promise<Outcome[]> {
    const table = await this.types.current();
    const drafts = await Promise.all(orders.map((order) => this.draft(principal, order, table, origin)));
    const tasks = drafts.filter((draft): draft is NewTask => !isRefusal(draft));
    const placed = tasks.length === 0 ? [] : await this.place(principal.tenantId, tasks, origin.alongside);
    let next = 0;
    return drafts.map((draft) => (isRefusal(draft) ? refused(draft) : outcomeOf(placed[next++] ?? missing())));
  }

  /**
   * Checks an order as `submit` does, and leaves nothing behind: no row, no key, no part of a quota.
   * @throws DatabaseUnavailable
   */
  async check(principal: Principal, order: Order): Promise<Trial> {
    const task = await this.draft(principal, order, await this.types.current(), {});
    if (isRefusal(task)) return { kind: 'refused', refusal: task };
    const quotas = await this.quotas.use(principal.tenantId);
    const refusal = noRoom(quotas);
    return refusal === undefined ? { kind: 'accepted', task, quotas } : { kind: 'refused', refusal };
  }

  private async draft(
    principal: Principal,
    order: Order,
    table: TaskTypeTable,
    { traceparent }: Origin,
  ): Promise<NewTask | Refusal> {
    const { task_type } = order.submit;
    const forbidden = rightsRefusal(principal, task_type);
    if (forbidden !== undefined) return forbidden;
    const type = table.get(task_type);
    if (type === undefined) return { code: 'task_type_not_served', served: [...table.keys()].sort() };
    const problems = await this.problems(order.submit, type);
    if (problems.length > 0) return { code: 'invalid_payload', problems };
    const unknown = await this.unknownDestinations(principal.tenantId, order.submit);
    if (unknown.length > 0) return { code: 'unknown_destination', problems: unknown };
    return newTask(principal, order, type, traceparent);
  }

  private problems(
    { payload }: SubmitTask,
    { operations }: ServedType,
  ): readonly FieldProblem[] | Promise<FieldProblem[]> {
    if (operations.size === 0) return [];
    const name = payload['operation'];
    const versions = typeof name === 'string' ? operations.get(name) : undefined;
    if (versions !== undefined) return this.payloads.problems(payload, versions);
    return [{ pointer: '/payload/operation', detail: `Must be one of ${[...operations.keys()].sort().join(', ')}` }];
  }

  private async unknownDestinations(tenantId: string, { notify = [] }: SubmitTask): Promise<FieldProblem[]> {
    if (notify.length === 0) return [];
    const usable = await this.destinations.confirmed(tenantId, notify);
    const detail = 'There is no confirmed destination of this name';
    return notify.flatMap((name, n) => (usable.has(name) ? [] : [{ pointer: `/notify/${n}`, detail }]));
  }

  private async place(tenantId: string, tasks: readonly NewTask[], alongside?: InsertedAlongside): Promise<Placed[]> {
    const room = await this.quotas.take(tenantId, tasks.length);
    if (room.tasks === tasks.length) return this.insert(tenantId, tasks, room, alongside);
    return this.placeSome(tenantId, tasks, room, alongside);
  }

  // A repeat takes no room: only when there is too little is it worth a statement to find out which orders are repeats.
  private async placeSome(
    tenantId: string,
    tasks: readonly NewTask[],
    room: QuotaRoom,
    alongside?: InsertedAlongside,
  ): Promise<Placed[]> {
    const known = await this.inserts.known(tenantId, tasks);
    let left = room.tasks;
    const admitted = tasks.filter((_, n) => known[n] !== undefined || left-- > 0);
    const placed = admitted.length === 0 ? [] : await this.insert(tenantId, admitted, room, alongside);
    const outcomes = new Map(admitted.map((task, n) => [task, placed[n] ?? missing()]));
    return tasks.map((task) => outcomes.get(task) ?? refused({ code: room.code, retryAfterS: room.retryAfterS }));
  }

  private async insert(
    tenantId: string,
    tasks: readonly NewTask[],
    room: QuotaRoom,
    alongside?: InsertedAlongside,
  ): Promise<Accepted[]> {
    try {
      const [only] = tasks;
      const alone = only !== undefined && tasks.length === 1 && alongside === undefined;
      const accepted = alone ? [await this.singles.add(tenantId, only)] : await this.write(tenantId, tasks, alongside);
      room.giveBack(room.tasks - accepted.filter(({ kind }) => kind === 'created').length);
      return accepted;
    } catch (error) {
      // An outage leaves open whether the commit took place.
      if (!sharedFailure(error)) room.giveBack(room.tasks);
      throw error;
    }
  }

  /** One statement, one commit, then one message. */
  private async write(tenantId: string, tasks: readonly NewTask[], alongside?: InsertedAlongside): Promise<Accepted[]> {
    const accepted = await this.inserts.insertAll(tenantId, tasks, alongside);
    const queued = dispatchable(tenantId, tasks, accepted);
    if (queued.length > 0) this.dispatch.submitted(queued);
    this.dispatch.entered?.(tenantId, tasks, accepted);
    const gated = gatedIn(tenantId, tasks, accepted);
    if (gated.length > 0) this.dispatch.gated?.(gated);
    const replaced = accepted.flatMap((one) => (one.kind === 'created' ? (one.replaced ?? []) : []));
    if (replaced.length > 0) this.dispatch.replaced?.(tenantId, replaced);
    return accepted;
  }
}

const isRefusal = (draft: NewTask | Refusal): draft is Refusal => 'code' in draft;

type Refused = Extract<Outcome, { readonly kind: 'refused' }>;

/** What the tables say of an order, or why it did not get that far. */
type Placed = Accepted | Refused;

const refused = (refusal: Refusal): Refused => ({ kind: 'refused', refusal });

const outcomeOf = (placed: Placed): Outcome => (placed.kind === 'unborn' ? refused({ code: placed.reason }) : placed);

const missing = (): never => {
  throw new Error('An order has no outcome');
};

const rightsRefusal = (principal: Principal, taskType: TaskType): Refusal | undefined => {
  const code = submissionRefusal(principal, taskType);
  if (code === 'forbidden') return { code, role: principal.role };
  return code && { code, taskType, allowed: principal.allowedTaskTypes ?? [] };
};

const newTask = (
  principal: Principal,
  {
    submit,
    idempotencyKey,
    replayOf,
    parentId,
    parentEpoch,
    childKey,
    scheduleId,
    hooks,
    maxAttempts: wanted = Infinity,
  }: Order,
  { agent, maxAttempts }: ServedType,
  traceparent: string | undefined,
): NewTask => ({
  ...submit,
  agent,
  max_attempts: Math.min(wanted, maxAttempts),
  traceparent,
  submitted_by: principalId(principal),
  submitter: principal.keyId === undefined ? { role: principal.role } : undefined,
  replay_of: replayOf,
  parent_id: parentId,
  parent_epoch: parentEpoch,
  task_id: parentId === undefined || childKey === undefined ? undefined : childIdOf(parentId, childKey),
  schedule_id: scheduleId,
  hooks,
  idempotency: idempotencyKey === undefined ? undefined : { key: idempotencyKey, bodyHash: bodyHash(submit) },
});

/** The first row of each key that waits for its place. */
const gatedIn = (tenantId: string, tasks: readonly NewTask[], accepted: readonly Accepted[]): GatedTask[] => {
  const gated = new Map<string, GatedTask>();
  tasks.forEach(({ task_type, priority, concurrency }, n) => {
    const answer = accepted[n];
    if (concurrency === undefined || answer?.kind !== 'created' || answer.status !== 'waiting') return;
    const task = { task_id: answer.taskId, tenant_id: tenantId, task_type, priority, gate: concurrency.key };
    if (!gated.has(concurrency.key)) gated.set(concurrency.key, task);
  });
  return [...gated.values()];
};

/** The rows that may start now. What the message does not carry of a payload the worker reads. */
const dispatchable = (tenantId: string, tasks: readonly NewTask[], accepted: readonly Accepted[]): SubmittedTask[] => {
  let room = maxMessageBytes;
  return tasks.flatMap(({ task_type, priority, payload, traceparent, deadline_s, max_attempts, parent_id }, n) => {
    const answer = accepted[n];
    if (answer?.kind !== 'created' || answer.status !== 'queued') return [];
    // The end of a child may have a parent to wake, which a completion without a claim does not do.
    const fresh = deadline_s === undefined && max_attempts > 1 && parent_id === undefined;
    const reference = { task_id: answer.taskId, tenant_id: tenantId, task_type, priority, ...(fresh && { fresh }) };
    const traced = traceparent === undefined ? reference : { ...reference, traceparent };
    const bytes = Buffer.byteLength(JSON.stringify(payload));
    if (bytes > Math.min(inlinePayloadBytes, room)) return [traced];
    room -= bytes;
    return [{ ...traced, payload }];
  });
};
