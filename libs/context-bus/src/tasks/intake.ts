import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import {
  agentByTaskType,
  type FieldProblem,
  retryLimits,
  type RoleName,
  type SubmitTask,
  type SubmittedTask,
  type TaskStatus,
  type TaskType,
} from '@pulser/contracts';
import type { TenantTransaction } from '@pulser/database';

import { type Principal, principalId } from '../access/principal.js';
import { submissionRefusal } from '../access/submission-right.policy.js';
import { ServedTaskTypes } from '../agents/served-task-types.js';
import { sharedFailure } from '../connection/pools.js';
import { type QuotaRoom, Quotas } from '../limits/quotas.js';
import { bodyHash } from './idempotency.js';
import { type Accepted, type NewTask, TaskInserts } from './inserts.js';
import { submittedTasks } from './submitted-tasks.policy.js';

// The one way in: whatever submits (REST, batches, AMQP, replays, children) submits through `Intake`, which knows neither
// HTTP nor AMQP. An order is checked, given room, inserted, published.

/** A task to be made. `submit` has been parsed by the edge. */
export interface Order {
  readonly submit: SubmitTask;
  /** Chosen by the submitter: the same key and body make one task. */
  readonly idempotencyKey?: string | undefined;
  /** The failed task that this one repeats. */
  readonly replayOf?: string | undefined;
  /** The task that this one is a step of: it ends when that one is cancelled or fails. */
  readonly parentId?: string | undefined;
}

/** Why an order makes no task. */
export type Refusal =
  | { readonly code: 'forbidden'; readonly role: RoleName }
  | { readonly code: 'forbidden_task_type'; readonly allowedTaskTypes: readonly TaskType[] }
  | { readonly code: 'task_type_not_served'; readonly served: readonly TaskType[] }
  | { readonly code: 'invalid_payload'; readonly problems: readonly FieldProblem[] }
  /** `retryAfterS`: seconds until another try is worth it. */
  | { readonly code: QuotaRoom['code']; readonly retryAfterS: number };

/** What became of an order. `existing`: the same key and body were accepted before; `conflict`: the key with another body. */
export type Outcome =
  | { readonly kind: 'created' | 'existing'; readonly taskId: string; readonly status: TaskStatus }
  | { readonly kind: 'conflict'; readonly taskId: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * To be committed together with the tasks, or not at all: what it throws undoes them. Not called when every order is
 * refused. @param outcomes in the order of the orders
 */
export type Alongside = (transaction: TenantTransaction, outcomes: readonly Outcome[]) => Promise<void>;

export interface SubmissionOrigin {
  /** W3C trace context of the submission. */
  readonly traceparent?: string | undefined;
  readonly alongside?: Alongside | undefined;
}

/** What the intake publishes new rows through, once per statement, after its commit. Must not throw: the tasks are there. */
export abstract class DispatchPort {
  abstract submitted(tenantId: string, tasks: readonly SubmittedTask[]): void;
}

/** An order on its way; without an outcome it is still to be inserted. */
interface Draft {
  readonly task: NewTask;
  outcome: Outcome | undefined;
}

/** Accepts tasks: a created one is durably committed. Needs a `DispatchPort`, so it is a provider of the app's own module. */
@Injectable()
export class Intake {
  private readonly singles = new KeyedCoalescer<string, NewTask, Accepted>((tenantId) => ({
    flush: (tasks) => this.insert(tenantId, tasks),
    sharedFailure,
  }));

  constructor(
    private readonly inserts: TaskInserts,
    private readonly served: ServedTaskTypes,
    private readonly quotas: Quotas,
    private readonly port: DispatchPort,
  ) {}

  /**
   * Orders of one call are one statement and one commit; concurrent calls of a tenant with one order each share theirs.
   * A refused order does not refuse the others.
   * @returns outcomes in the order of the orders
   * @throws DatabaseUnavailable, and whatever `alongside` throws
   */
  async submit(principal: Principal, orders: readonly Order[], origin: SubmissionOrigin = {}): Promise<Outcome[]> {
    const served = await this.served.current();
    const drafts = orders.map((order): Draft => ({
      task: newTask(principal, order, origin.traceparent),
      outcome: refused(refusalOf(principal, order, served)),
    }));
    if (drafts.some(isOpen)) await this.acceptWithinQuotas(principal.tenantId, drafts, origin.alongside);
    return drafts.map(outcomeOf);
  }

  /** Quota is taken first; what was not created costs none in the end. */
  private async acceptWithinQuotas(tenantId: string, drafts: readonly Draft[], alongside?: Alongside): Promise<void> {
    const open = drafts.filter(isOpen);
    const room = await this.quotas.take(tenantId, open.length);
    try {
      if (room.tasks < open.length) await this.keepWithin(tenantId, open, room);
      await this.accept(tenantId, drafts, alongside);
    } catch (error) {
      // An outage leaves open whether the commit took place.
      if (!sharedFailure(error)) room.giveBack(room.tasks);
      throw error;
    }
    room.giveBack(room.tasks - drafts.filter(isCreated).length);
  }

  /** Where there is not room for all: orders whose keys are known need none, and the last of the others are refused. */
  private async keepWithin(tenantId: string, drafts: readonly Draft[], room: QuotaRoom): Promise<void> {
    const known = await this.inserts.known(tenantId, drafts.map(taskOf));
    drafts.forEach((draft, n) => (draft.outcome = known[n]));
    const { code, retryAfterS } = room;
    for (const draft of drafts.filter(isOpen).slice(room.tasks)) draft.outcome = refused({ code, retryAfterS });
  }

  private async accept(tenantId: string, drafts: readonly Draft[], alongside?: Alongside): Promise<void> {
    const open = drafts.filter(isOpen);
    const settle = (accepted: readonly Accepted[]): void => {
      open.forEach((draft, n) => (draft.outcome = accepted[n]));
    };
    const [only] = open;
    if (alongside !== undefined) {
      if (drafts.every(isRefused)) return;
      await this.insert(tenantId, open.map(taskOf), (transaction, accepted) => {
        settle(accepted);
        return alongside(transaction, drafts.map(outcomeOf));
      });
    } else if (only !== undefined) {
      settle(
        drafts.length === 1
          ? [await this.singles.add(tenantId, only.task)]
          : await this.insert(tenantId, open.map(taskOf)),
      );
    }
  }

  private async insert(
    tenantId: string,
    tasks: readonly NewTask[],
    alongside?: Parameters<TaskInserts['insertAll']>[2],
  ): Promise<Accepted[]> {
    const accepted = await this.inserts.insertAll(tenantId, tasks, alongside);
    const submitted = submittedTasks(tenantId, tasks, accepted);
    if (submitted.length > 0) this.port.submitted(tenantId, submitted);
    return accepted;
  }
}

const isOpen = ({ outcome }: Draft): boolean => outcome === undefined;

const isCreated = ({ outcome }: Draft): boolean => outcome?.kind === 'created';

const isRefused = ({ outcome }: Draft): boolean => outcome?.kind === 'refused';

const taskOf = ({ task }: Draft): NewTask => task;

const outcomeOf = ({ outcome }: Draft): Outcome => {
  if (outcome === undefined) throw new Error('An order has no outcome');
  return outcome;
};

const refused = <R extends Refusal | undefined>(refusal: R) =>
  refusal === undefined ? undefined : ({ kind: 'refused', refusal } as const);

const refusalOf = (principal: Principal, { submit }: Order, served: ReadonlySet<TaskType>): Refusal | undefined =>
  // The check of the payload against the schema that its operation was registered with goes here, as `invalid_payload`.
  rightRefusal(principal, submit) ?? servedRefusal(submit, served);

const rightRefusal = (principal: Principal, { task_type }: SubmitTask): Refusal | undefined => {
  const { role, allowedTaskTypes } = principal;
  const code = submissionRefusal(principal, task_type);
  if (code === 'forbidden_task_type') return { code, allowedTaskTypes: allowedTaskTypes ?? [] };
  return code && { code, role };
};

const servedRefusal = ({ task_type }: SubmitTask, served: ReadonlySet<TaskType>): Refusal | undefined =>
  served.has(task_type) ? undefined : { code: 'task_type_not_served', served: [...served].sort() };

const newTask = (
  principal: Principal,
  { submit, idempotencyKey, replayOf, parentId }: Order,
  traceparent: string | undefined,
): NewTask => ({
  ...submit,
  agent: agentByTaskType[submit.task_type],
  max_attempts: retryLimits[submit.task_type].maxRetries + 1,
  traceparent,
  submitted_by: principalId(principal),
  parent_id: parentId,
  replay_of: replayOf,
  idempotency: idempotencyKey === undefined ? undefined : { key: idempotencyKey, bodyHash: bodyHash(submit) },
});
