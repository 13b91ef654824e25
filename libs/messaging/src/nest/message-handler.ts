// What a class that handles messages is written with.
import { applyDecorators, Catch, Controller, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { BaseRpcContext, EventPattern, MessagePattern, type MessageHandler } from '@nestjs/microservices';
import { deadLetterReasons, type DeadLetterReason, type MessageKey } from '@pulser/contracts';
import { throwError, type Observable } from 'rxjs';

import type { Delivery } from '../broker/broker.js';

/** Marks a class whose methods handle messages, see `@OnMessage`. Nest looks for these in controllers only. */
export const MessageConsumer = (): ClassDecorator => Controller();

/** Nest would replace what a handler threw by "Internal server error"; the ack policy needs the error itself. */
@Catch()
class RethrowFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

const mark = 'pulserHandler';

/**
 * Marks the method that handles messages of these keys: `handle(@Payload() body, @Ctx() context: DeliveryContext)`.
 * Returning means done; throwing `RejectMessage` means never; throwing anything else means again, later.
 */
export const OnMessage = (...keys: MessageKey[]): MethodDecorator =>
  applyDecorators(EventPattern<MessageKey[]>(keys, { [mark]: 'message' }), UseFilters(new RethrowFilter()));

/**
 * Marks the method that answers requests of these keys, with the same arguments. What it returns is the reply, as JSON. What
 * it throws is the reply too: `{ code, message }`, the code being that of the error, the reason of a `RejectMessage`, or
 * `handler_failed`; it is not tried again. A message that asks for no reply is handled as with `@OnMessage`.
 */
export const OnRequest = (...keys: MessageKey[]): MethodDecorator =>
  applyDecorators(MessagePattern<MessageKey[]>(keys, { [mark]: 'request' }), UseFilters(new RethrowFilter()));

/** Whether what a handler throws arrives as it is; Nest's own decorators would replace it. */
export const isMarked = (handler: MessageHandler): boolean => handler.extras?.[mark] !== undefined;

/** Whether a handler answers requests. */
export const answersRequests = (handler: MessageHandler): boolean => handler.extras?.[mark] === 'request';

/** What a handler may know of the message besides its body: `handle(@Payload() body, @Ctx() context: DeliveryContext)`. */
export class DeliveryContext extends BaseRpcContext<[Delivery]> {
  constructor(delivery: Delivery) {
    super([delivery]);
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.args[0].headers;
  }

  get messageId(): string | undefined {
    return this.args[0].messageId;
  }

  get routingKey(): string {
    return this.args[0].routingKey;
  }

  get priority(): number | undefined {
    return this.args[0].priority;
  }

  /** Milliseconds since 1970 after which the work is of no use; requests have one. */
  get deadline(): number | undefined {
    return this.args[0].deadline;
  }

  /** Another consumer may have handled this message before, wholly or in part. */
  get redelivered(): boolean {
    return this.args[0].redelivered;
  }

  /** The connection that delivered it is gone: another consumer gets, or already has, the same message. */
  get stale(): boolean {
    return this.args[0].stale;
  }
}

/** Thrown by a handler: this message can never be handled. It goes to the dead letters; a request is answered with the reason as code. */
export class RejectMessage extends Error {
  constructor(
    readonly reason: DeadLetterReason,
    readonly detail?: string,
  ) {
    super(detail === undefined ? deadLetterReasons[reason] : `${deadLetterReasons[reason]}: ${detail}`);
    this.name = 'RejectMessage';
  }
}
