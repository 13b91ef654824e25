// What a handler of messages is written with, what is checked of a message before it, and what becomes of one it refuses.
import { applyDecorators, Catch, Controller, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { BaseRpcContext, EventPattern, type MessageHandler, MessagePattern } from '@nestjs/microservices';
import { fullJitter } from '@pulser/concurrency';
import {
  bodyRefusals,
  type DeadLetterReason,
  deadLetterReasons,
  fieldProblems,
  hasForbiddenKey,
  header,
  isForbiddenName,
  isJsonMediaType,
  jsonLimits,
  type MessageKey,
  messages,
  messageVersion,
  readJson,
} from '@pulser/contracts';
import { type Observable, throwError } from 'rxjs';

import type { Delivery } from '../broker/broker.js';
import { progressReply } from '../broker/requests.js';

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

  /** The user of the broker that sent it, as the broker has checked; undefined: the sender did not say. */
  get sender(): string | undefined {
    return this.args[0].sender;
  }

  /** Whether somebody waits for a reply. */
  get isRequest(): boolean {
    return this.args[0].isRequest;
  }

  /** Says something before the reply. @throws BrokerUnavailable */
  progress(body: unknown): Promise<void> {
    return this.args[0].reply(progressReply(body));
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

/** @throws RejectMessage when a name in the headers of a message could pollute prototypes */
export const checkHeaders = (headers: Readonly<Record<string, unknown>>): void => {
  if (Object.keys(headers).some(isForbiddenName) || hasForbiddenKey(headers)) {
    throw new RejectMessage(bodyRefusals.forbiddenKey.deadLetter, 'A header has its name');
  }
};

const readable = (version: unknown): boolean =>
  typeof version === 'number' && Number.isInteger(version) && Math.abs(version - messageVersion) <= 1;

/**
 * During a rolling upgrade services of this version and of the next, or of the one before, exchange messages. Their
 * schemas only ever gain optional fields, and readers ignore fields they do not know. A producer may leave the version out.
 * @throws RejectMessage when the message is of a version further away
 */
export const checkVersion = (headers: Readonly<Record<string, unknown>>): void => {
  const version = headers[header.version];
  if (version === undefined || readable(version)) return;
  throw new RejectMessage(
    'unsupported_version',
    `Version ${typeof version === 'number' ? version : `of type ${typeof version}`}; this build reads ${messageVersion - 1} to ${messageVersion + 1}`,
  );
};

export const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(messages, key);

/** Limits for messages from outside; those of our own services may be longer, because they carry many tasks. */
const maxBytes: Partial<Record<MessageKey, number>> = { 'task.submit': jsonLimits.maxBytes };

/** A body and the content type that its sender set; without one it is JSON. */
export interface MessageBytes {
  readonly body: Buffer;
  readonly contentType?: string | undefined;
}

const parsed = (key: MessageKey, { body, contentType }: MessageBytes): unknown => {
  if (contentType !== undefined && !isJsonMediaType(contentType)) {
    throw new RejectMessage(bodyRefusals.otherMediaType.deadLetter);
  }
  const reading = readJson(body, maxBytes[key]);
  if (reading.kind === 'read') return reading.value;
  throw new RejectMessage(bodyRefusals[reading.why].deadLetter, reading.detail);
};

/**
 * The body of a message as its schema makes it, defaults filled in.
 * @throws RejectMessage when it is not JSON or does not match; the detail names the fields
 */
export const readBody = (key: MessageKey, message: MessageBytes): unknown => {
  const result = messages[key].body.safeParse(parsed(key, message));
  if (result.success) return result.data;
  const problems = fieldProblems(result.error).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  throw new RejectMessage(bodyRefusals.mismatch.deadLetter, problems.join('; '));
};

/** What becomes of a message whose handler threw; one whose handler returned is acknowledged. */
export type Verdict =
  | { readonly kind: 'retry'; readonly afterMs: number; readonly transient: boolean }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail?: string };

export interface Failures {
  /** All failures of this delivery so far, with this one. */
  readonly all: number;
  /** Those of them that were not transient. */
  readonly lasting: number;
}

/** New attempts after errors that are not transient. */
const maxRetries = 5;

/** Whether an error marks itself as passing: the same can succeed later, for instance when the database is back. */
export const isTransient = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'transient' in error && error.transient === true;

/** An error in one line, for a reader who cannot see the log. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';

/**
 * Retries happen in place: the message keeps its slot while it waits, which is the back-pressure. It is never requeued
 * for that: the broker would deliver it again at once.
 */
export const afterFailure = (error: unknown, failures: Failures, random = Math.random()): Verdict => {
  if (error instanceof RejectMessage)
    return {
      kind: 'dead-letter',
      reason: error.reason,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    };
  const transient = isTransient(error);
  if (transient || failures.lasting <= maxRetries)
    return { kind: 'retry', afterMs: fullJitter(failures.all, {}, random), transient };
  return { kind: 'dead-letter', reason: 'handler_failed', detail: describeError(error) };
};
