// Orders of AMQP producers: what their envelope says, the intake, and what the dead letter of a refused one says.
import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  Authenticator,
  type Cancelled,
  cancelledEvent,
  DispatchPort,
  enteredTasks,
  type GatedTask,
  Intake,
  type NewTask,
  type Principal,
  type Refusal,
} from '@pulser/context-bus';
import {
  bodyRefusals,
  header,
  idempotencyKeyShape,
  isIdempotencyKey,
  SubmitHeaders,
  type SubmitTask,
  type SubmittedTask,
} from '@pulser/contracts';
import { type DeliveryContext, Publisher, RejectMessage, StreamedTenants } from '@pulser/messaging';
import { formatTraceparent, parseTraceparent } from '@pulser/service-kit';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { KeyPlaces } from '../dispatch/key-places.js';

type Headers = Readonly<Record<string, unknown>>;

/** @throws RejectMessage `unauthenticated`, with the names of the headers that are missing or wrong */
export const orderHeaders = (headers: Headers): SubmitHeaders => {
  const parsed = SubmitHeaders.safeParse(headers);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map(({ path }) => path.join('.'));
  throw new RejectMessage('unauthenticated', `Headers missing or wrong: ${names.join(', ')}`);
};

const namesTenant = /^(x-|pulser-)?tenant([-_]id)?$/i;

/** The tenants that headers claim to speak for, under any of the names in use for that: a claim is never ignored. */
export const tenantClaims = (headers: Headers): unknown[] =>
  Object.entries(headers).flatMap(([name, value]) => (namesTenant.test(name) ? [value] : []));

/** The trace of the producer. As over HTTP, a header that is no trace context is ignored. */
export const traceparentOf = ({ [header.traceparent]: given }: SubmitHeaders): string | undefined => {
  const context = parseTraceparent(given);
  return context && formatTraceparent(context);
};

/** A message id is the order's idempotency key. @throws RejectMessage `invalid_message` when it cannot be one */
export const idempotencyKeyOf = (messageId: string | undefined): string | undefined => {
  if (messageId === undefined || isIdempotencyKey(messageId)) return messageId;
  throw new RejectMessage(bodyRefusals.mismatch.deadLetter, `The message id must have ${idempotencyKeyShape}`);
};

/** Why an order becomes no task. */
export type OrderRefusal =
  | Refusal
  | { readonly code: 'unauthenticated'; readonly detail: string }
  | { readonly code: 'tenant_required' }
  | { readonly code: 'idempotency_conflict'; readonly taskId: string };

/** The same refusal as a dead letter: its reason and its detail. */
export const rejectionOf = (refusal: OrderRefusal): RejectMessage => {
  switch (refusal.code) {
    case 'unauthenticated':
      return new RejectMessage(refusal.code, refusal.detail);
    case 'tenant_required':
      return new RejectMessage('forbidden', 'It is a key of the installation, which submits no tasks');
    case 'forbidden':
      return new RejectMessage(refusal.code, `Its role is ${refusal.role}`);
    case 'forbidden_task_type':
      return new RejectMessage(refusal.code, `Its types: ${refusal.allowed.join(', ')}`);
    case 'task_type_not_served':
      return new RejectMessage(refusal.code, `Served: ${refusal.served.join(', ')}`);
    case 'invalid_payload':
    case 'unknown_destination':
      return new RejectMessage(refusal.code, refusal.problems.map((one) => `${one.pointer}: ${one.detail}`).join('; '));
    case 'idempotency_conflict':
      return new RejectMessage(refusal.code, `The message id was used for the task ${refusal.taskId}`);
    case 'queue_full':
    case 'daily_quota_spent':
      return new RejectMessage(refusal.code);
    case 'parent_ended':
    case 'too_many_children':
    case 'nested_too_deep':
      return new RejectMessage('forbidden', refusal.code);
  }
};

/** Turns the order of an AMQP producer into a committed task, or refuses it. */
@Injectable()
export class OrderIntake {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly intake: Intake,
  ) {}

  /** @throws RejectMessage when the order is refused; DatabaseUnavailable while it must wait */
  async accept(submit: SubmitTask, { headers, messageId }: DeliveryContext): Promise<void> {
    const claims = orderHeaders(headers);
    const principal = await this.authenticate(claims);
    const order = { submit, idempotencyKey: idempotencyKeyOf(messageId) };
    const [outcome] = await this.intake.submit(principal, [order], { traceparent: traceparentOf(claims) });
    if (outcome?.kind === 'refused') throw rejectionOf(outcome.refusal);
    if (outcome?.kind === 'conflict') throw rejectionOf({ code: 'idempotency_conflict', taskId: outcome.taskId });
  }

  private async authenticate(headers: SubmitHeaders): Promise<Principal> {
    const principal = await this.authenticator.authenticate(headers[header.apiKey]);
    if (principal === undefined) throw rejectionOf({ code: 'unauthenticated', detail: 'The API key is not valid' });
    if (principal.tenantId === undefined) throw rejectionOf({ code: 'tenant_required' });
    if (tenantClaims(headers).some((claimed) => claimed !== principal.tenantId)) {
      throw rejectionOf({ code: 'unauthenticated', detail: 'The API key belongs to another tenant' });
    }
    return principal;
  }
}

/** Rows of orders go straight to the dispatcher of this router. */
@Injectable()
export class OrderDispatch extends DispatchPort {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly places: KeyPlaces,
    private readonly streamed: StreamedTenants,
    private readonly publisher: Publisher,
  ) {
    super();
  }

  // A dispatch that was not sent waits as a row.
  override submitted(tasks: readonly SubmittedTask[]): void {
    void this.dispatcher.offer(tasks);
  }

  override gated(tasks: readonly GatedTask[]): void {
    // A place that is not given now is given by the sweep.
    this.places.give(tasks).catch(() => undefined);
  }

  // The worker of one that runs stops sooner with the message.
  override replaced(tenantId: string, cancelled: readonly Cancelled[]): void {
    const events = cancelled.map((one) => cancelledEvent(tenantId, one));
    this.publisher.publish('task.cancelled', events).catch(() => undefined);
  }

  override entered(tenantId: string, tasks: readonly NewTask[], accepted: readonly Accepted[]): void {
    if (this.streamed.has(tenantId)) this.streamed.publishQueued(enteredTasks(tenantId, tasks, accepted));
  }
}
