import { Injectable } from '@nestjs/common';
import { Authenticator, DispatchPort, Intake, type Principal } from '@pulser/context-bus';
import { header, type SubmitHeaders, type SubmittedTask, type SubmitTask } from '@pulser/contracts';
import type { DeliveryContext } from '@pulser/messaging';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { idempotencyKeyOf, orderHeaders, rejectionOf, tenantClaims, traceparentOf } from './order.policy.js';

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
    if (tenantClaims(headers).some((claimed) => claimed !== principal.tenantId)) {
      throw rejectionOf({ code: 'unauthenticated', detail: 'The API key belongs to another tenant' });
    }
    return principal;
  }
}

/** Rows of orders go straight to the dispatcher of this router. */
@Injectable()
export class OrderDispatch extends DispatchPort {
  constructor(private readonly dispatcher: Dispatcher) {
    super();
  }

  // A dispatch that was not sent waits as a row.
  override submitted(tasks: readonly SubmittedTask[]): void {
    void this.dispatcher.offer(tasks);
  }
}
