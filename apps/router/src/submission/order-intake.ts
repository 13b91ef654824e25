import { Injectable } from '@nestjs/common';
import {
  bodyRefusals,
  header,
  idempotencyKeyShape,
  isIdempotencyKey,
  SubmitHeaders,
  type SubmitTask,
} from '@pulser/contracts';
import {
  type Accepted,
  Admission,
  Authenticator,
  type NewTask,
  newTaskOf,
  type Principal,
  principalId,
  submissionRefusal,
  type SubmissionRefusal,
  TaskIntake,
} from '@pulser/context-bus';
import { RejectMessage, type DeliveryContext } from '@pulser/messaging';
import { formatTraceparent, parseTraceparent } from '@pulser/service-kit';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { tenantClaims } from './tenant-claims.policy.js';

/** Turns an order into a committed task, or says why not. */
@Injectable()
export class OrderIntake {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly admission: Admission,
    private readonly intake: TaskIntake,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** @throws RejectMessage when the order is refused; DatabaseUnavailable while it must wait */
  async accept(order: SubmitTask, { headers, messageId }: DeliveryContext): Promise<void> {
    const claims = this.checkedHeaders(headers);
    const principal = await this.principal(claims);
    const submission = {
      traceparent: traceOf(claims),
      idempotencyKey: keyOf(messageId),
      submittedBy: principalId(principal),
    };
    await this.admit(principal, order);
    const task = newTaskOf(order, submission);
    await this.offer(principal, task, await this.intake.accept(principal.tenantId, task));
  }

  private async offer({ tenantId }: Principal, task: NewTask, accepted: Accepted): Promise<void> {
    if (accepted.kind === 'conflict')
      throw new RejectMessage('idempotency_conflict', `The message id was used for the task ${accepted.taskId}`);
    if (accepted.kind === 'existing' || accepted.status !== 'queued') return;
    const { task_type, priority, payload, traceparent } = task;
    await this.dispatcher.offer([
      { task_id: accepted.taskId, tenant_id: tenantId, task_type, priority, payload, traceparent },
    ]);
  }

  private async admit(principal: Principal, order: SubmitTask): Promise<void> {
    const refusal = submissionRefusal(principal, order.task_type);
    if (refusal !== undefined) throw new RejectMessage(refusal, refusalDetail(refusal, principal));
    await this.checkServed(order);
    await this.checkQuota(principal.tenantId);
  }

  private checkedHeaders(headers: Readonly<Record<string, unknown>>): SubmitHeaders {
    const parsed = SubmitHeaders.safeParse(headers);
    if (parsed.success) return parsed.data;
    const names = parsed.error.issues.map(({ path }) => path.join('.'));
    throw new RejectMessage('unauthenticated', `Headers missing or wrong: ${names.join(', ')}`);
  }

  private async principal(headers: SubmitHeaders): Promise<Principal> {
    const principal = await this.authenticator.authenticate(headers[header.apiKey]);
    if (principal === undefined) throw new RejectMessage('unauthenticated', 'The API key is not valid');
    if (tenantClaims(headers).some((claimed) => claimed !== principal.tenantId)) {
      throw new RejectMessage('unauthenticated', 'The API key belongs to another tenant');
    }
    return principal;
  }

  private async checkQuota(tenantId: string): Promise<void> {
    const room = await this.admission.room(tenantId, 1);
    if (room.tasks === 0) throw new RejectMessage(room.code);
  }

  private async checkServed({ task_type }: SubmitTask): Promise<void> {
    const served = await this.admission.servedTypes();
    if (served.has(task_type)) return;
    throw new RejectMessage('task_type_not_served', `Served: ${[...served].join(', ')}`);
  }
}

const refusalDetail = (refusal: SubmissionRefusal, { role, allowedTaskTypes }: Principal): string =>
  refusal === 'forbidden' ? `Its role is ${role}` : `Its types: ${allowedTaskTypes?.join(', ') ?? 'all'}`;

// As over HTTP: a trace context that is none is passed over.
const traceOf = ({ [header.traceparent]: given }: SubmitHeaders): string | undefined => {
  const context = parseTraceparent(given);
  return context && formatTraceparent(context);
};

const keyOf = (messageId: string | undefined): string | undefined => {
  if (messageId === undefined || isIdempotencyKey(messageId)) return messageId;
  throw new RejectMessage(bodyRefusals.mismatch.letter, `The message id must have ${idempotencyKeyShape}`);
};
