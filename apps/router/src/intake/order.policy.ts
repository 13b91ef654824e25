import type { Refusal } from '@pulser/context-bus';
import { bodyRefusals, header, idempotencyKeyShape, isIdempotencyKey, SubmitHeaders } from '@pulser/contracts';
import { RejectMessage } from '@pulser/messaging';
import { formatTraceparent, parseTraceparent } from '@pulser/service-kit';

// The envelope of an order, and the reason and detail of a refused one's dead letter.

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
  | { readonly code: 'idempotency_conflict'; readonly taskId: string };

/** The same refusal as a dead letter: its reason and its detail. */
export const rejectionOf = (refusal: OrderRefusal): RejectMessage => {
  switch (refusal.code) {
    case 'unauthenticated':
      return new RejectMessage(refusal.code, refusal.detail);
    case 'forbidden':
      return new RejectMessage(refusal.code, `Its role is ${refusal.role}`);
    case 'forbidden_task_type':
      return new RejectMessage(refusal.code, `Its types: ${refusal.allowed.join(', ')}`);
    case 'task_type_not_served':
      return new RejectMessage(refusal.code, `Served: ${refusal.served.join(', ')}`);
    case 'invalid_payload':
      return new RejectMessage(refusal.code, refusal.problems.map((one) => `${one.pointer}: ${one.detail}`).join('; '));
    case 'idempotency_conflict':
      return new RejectMessage(refusal.code, `The message id was used for the task ${refusal.taskId}`);
    case 'queue_full':
    case 'daily_quota_spent':
      return new RejectMessage(refusal.code);
  }
};
