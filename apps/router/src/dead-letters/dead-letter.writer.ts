// How a message in the queue `dead-letters` becomes a row: why it was rejected, which headers are kept, what identifies it,
// and the writer that keeps at it.
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { fullJitter } from '@pulser/concurrency';
import { Authenticator, type RawDeadLetter, RawDeadLetters } from '@pulser/context-bus';
import {
  type DeadLetterReason,
  deadLetterReasons,
  header,
  jsonLimits,
  queue,
  storable,
  TaskType,
} from '@pulser/contracts';
import { Broker, type Consumer, type Delivery } from '@pulser/messaging';
import { Logger, redact } from '@pulser/service-kit';

type Headers = Readonly<Record<string, unknown>>;

/** Why, where and when a message was rejected. */
export interface Rejection {
  readonly reason: DeadLetterReason;
  readonly detail: string | undefined;
  /** Routing key that the message came with. */
  readonly routingKey: string | undefined;
  /** Differs between two rejections of the same message. */
  readonly mark: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const isReason = (value: unknown): value is DeadLetterReason =>
  typeof value === 'string' && Object.hasOwn(deadLetterReasons, value);

// https://www.rabbitmq.com/docs/dlx#effects: the newest comes first.
const newestDeath = ({ 'x-death': deaths }: Headers): Headers | undefined => {
  const [death] = Array.isArray(deaths) ? (deaths as unknown[]) : [];
  return typeof death === 'object' && death !== null ? (death as Headers) : undefined;
};

const byTheBroker = (death: Headers): Rejection => {
  const [routingKey] = Array.isArray(death['routing-keys']) ? (death['routing-keys'] as unknown[]) : [];
  return {
    reason: 'handler_failed',
    detail: `The broker gave up: ${text(death['reason']) ?? 'no reason'}`,
    routingKey: text(routingKey),
    mark: JSON.stringify(death['time']),
  };
};

/** Reads the headers of a message in `dead-letters`: rejected by a consumer of Pulser, by the broker, or by something else. */
export const rejectionOf = (headers: Headers): Rejection => {
  const reason = headers[header.deadReason];
  const death = newestDeath(headers);
  if (reason === undefined && death !== undefined) return byTheBroker(death);
  return {
    reason: isReason(reason) ? reason : 'unexplained',
    detail: text(headers[header.deadDetail]),
    routingKey: text(headers[header.deadRoutingKey]),
    mark: text(headers[header.deadId]),
  };
};

const secret = /authorization|api[-_]?key|token|secret|passw(?:or)?d|cookie|credential/i;

/** What the rejection added has columns of its own; the last one only numbers the publishing itself. */
const added = new Set<string>([
  header.deadReason,
  header.deadDetail,
  header.deadRoutingKey,
  header.deadId,
  'pulser-publish',
]);

const maxDepth = 16;

const storableEntry = (name: string, value: unknown, depth: number): [string, unknown][] =>
  secret.test(name) ? [] : [[storable(name), storableHeader(value, depth)]];

const storableHeader = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redact(storable(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (depth > maxDepth) return null;
  if (Array.isArray(value)) return value.map((item) => storableHeader(item, depth + 1));
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => storableEntry(name, item, depth + 1)));
};

/** The headers of a message as they can be kept and shown: without secrets, bytes as base64. */
export const keptHeaders = (headers: Headers): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (added.has(name) ? [] : storableEntry(name, value, 0))),
  );

/** A message in `dead-letters`; its routing key there is the queue it lay in before. */
export type RejectedMessage = Pick<Delivery, 'body' | 'headers' | 'messageId' | 'routingKey'>;

const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const shown = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : redact(storable(value));

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

const taskTypeOf = (body: Buffer): TaskType | undefined => {
  const order = body.length <= jsonLimits.maxBytes ? parsed(body) : undefined;
  if (typeof order !== 'object' || order === null) return undefined;
  return TaskType.safeParse(Reflect.get(order, 'task_type')).data;
};

type Keys = Pick<RawDeadLetter, 'rejectionKey' | 'messageKey'>;

// A message whose rejection was not confirmed is rejected again, under another mark.
const keysOf = (
  { messageId, routingKey, body }: RejectedMessage,
  { mark, ...rejection }: Rejection,
  tenantId = '',
): Keys => {
  const same = [messageId, routingKey, rejection.routingKey, rejection.reason, hash(body)];
  return {
    rejectionKey: hash(JSON.stringify([mark, ...same])),
    messageKey: messageId === undefined ? undefined : hash(JSON.stringify([tenantId, ...same])),
  };
};

/** A rejected message as it is kept. @param tenantId of its API key, when that is valid */
export const rawDeadLetterOf = (message: RejectedMessage, tenantId: string | undefined): RawDeadLetter => {
  const rejection = rejectionOf(message.headers);
  const { reason, detail, routingKey } = rejection;
  return {
    tenantId,
    taskType: taskTypeOf(message.body),
    reason,
    error: { code: reason, message: shown(detail) ?? deadLetterReasons[reason], permanent: true },
    sourceQueue: storable(message.routingKey),
    routingKey: shown(routingKey),
    messageId: shown(message.messageId),
    headers: keptHeaders(message.headers),
    body: message.body,
    ...keysOf(message, rejection, tenantId),
  };
};

/** Bounds the memory: bodies may be large. */
const prefetch = 10;
/** Milliseconds that writes in progress get when the router stops. */
const drainMs = 8_000;

/** Longer keys are not Pulser's, and would only fill the authenticator's memory. */
const maxKeyLength = 200;

/**
 * Moves messages from the queue `dead-letters` to the database. Not a message handler like the others: whatever fails
 * here, the message is tried again in place and never rejected, because rejected messages go to this very queue.
 */
@Injectable()
export class DeadLetterWriter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private consumer: Consumer | undefined;

  constructor(
    private readonly broker: Broker,
    private readonly authenticator: Authenticator,
    private readonly deadLetters: RawDeadLetters,
    private readonly logger: Logger,
  ) {
    setMaxListeners(prefetch + 1, this.stopping.signal);
  }

  async onApplicationBootstrap(): Promise<void> {
    const subscription = { queue: queue.deadLetters, bindings: [], prefetch };
    this.consumer = await this.broker.consume(subscription, (delivery) => void this.write(delivery));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.consumer?.drain(drainMs);
  }

  private async write(delivery: Delivery): Promise<void> {
    for (let attempt = 1; !(await this.isWritten(delivery, attempt)); attempt++) {
      if (await this.canTryAgain(delivery, attempt)) continue;
      delivery.requeue();
      return;
    }
    // Only now: the row is on disk.
    delivery.ack();
  }

  private async isWritten(delivery: Delivery, attempt: number): Promise<boolean> {
    try {
      // A message that was delivered before has its row already, which is as good.
      await this.deadLetters.keep(rawDeadLetterOf(delivery, await this.tenantOf(delivery)));
      return true;
    } catch (error) {
      const facts = { queue: delivery.routingKey, messageId: delivery.messageId, err: error };
      if (attempt === 1) this.logger.warn(facts, 'a dead letter could not be kept, trying again');
      return false;
    }
  }

  /** The tenant of its API key; undefined without a valid one. @throws DatabaseUnavailable */
  private async tenantOf({ headers }: Delivery): Promise<string | undefined> {
    const key = headers[header.apiKey];
    if (typeof key !== 'string' || key.length > maxKeyLength) return undefined;
    return (await this.authenticator.authenticate(key))?.tenantId;
  }

  private async canTryAgain(delivery: Delivery, attempt: number): Promise<boolean> {
    const { signal } = this.stopping;
    await wait(fullJitter(attempt), undefined, { signal }).catch(() => undefined);
    return !signal.aborted && !delivery.stale;
  }
}
