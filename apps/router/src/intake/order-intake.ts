import { Injectable } from '@nestjs/common';
import {
  Admission,
  Authenticator,
  newTaskOf,
  type Principal,
  principalId,
  submissionRefusal,
  TaskIntake,
} from '@pulser/context-bus';
import { header, type SubmitHeaders, type SubmitTask } from '@pulser/contracts';
import type { DeliveryContext } from '@pulser/messaging';

import { Dispatcher } from '../dispatch/dispatcher.js';
import {
  idempotencyKeyOf,
  orderHeaders,
  type OrderRefusal,
  rejectionOf,
  tenantClaims,
  traceparentOf,
} from './order.policy.js';

/** Turns the order of an AMQP producer into a committed task, or refuses it. */
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
    const claims = orderHeaders(headers);
    const principal = await this.authenticate(claims);
    const origin = {
      traceparent: traceparentOf(claims),
      idempotencyKey: idempotencyKeyOf(messageId),
      submittedBy: principalId(principal),
    };
    const refusal = await this.refusalOf(principal, order);
    if (refusal !== undefined) throw rejectionOf(refusal);
    const task = newTaskOf(order, origin);
    const accepted = await this.intake.accept(principal.tenantId, task);
    if (accepted.kind === 'conflict') throw rejectionOf({ code: 'idempotency_conflict', taskId: accepted.taskId });
    if (accepted.kind === 'existing' || accepted.status !== 'queued') return;
    const { task_type, priority, payload, traceparent } = task;
    const { tenantId: tenant_id } = principal;
    await this.dispatcher.offer([{ task_id: accepted.taskId, tenant_id, task_type, priority, payload, traceparent }]);
  }

  private async authenticate(headers: SubmitHeaders): Promise<Principal> {
    const principal = await this.authenticator.authenticate(headers[header.apiKey]);
    if (principal === undefined) throw rejectionOf({ code: 'unauthenticated', detail: 'The API key is not valid' });
    if (tenantClaims(headers).some((claimed) => claimed !== principal.tenantId)) {
      throw rejectionOf({ code: 'unauthenticated', detail: 'The API key belongs to another tenant' });
    }
    return principal;
  }

  /** The quotas come last: what they let in counts as accepted. */
  private async refusalOf(principal: Principal, { task_type }: SubmitTask): Promise<OrderRefusal | undefined> {
    const { role, allowedTaskTypes } = principal;
    const forbidden = submissionRefusal(principal, task_type);
    if (forbidden !== undefined) return { code: forbidden, role, allowedTaskTypes };
    const served = await this.admission.servedTypes();
    if (!served.has(task_type)) return { code: 'task_type_not_served', served };
    const room = await this.admission.room(principal.tenantId, 1);
    return room.tasks === 0 ? { code: room.code } : undefined;
  }
}
