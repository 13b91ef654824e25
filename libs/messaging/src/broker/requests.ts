// Requests that wait for their replies. Both brokers use it; they differ only in how a reply travels.
import { randomUUID } from 'node:crypto';

import { keptSizes, keptText } from '@pulser/contracts';

import type { OutgoingMessage, OutgoingReply, Reply, RequestOptions } from './broker.js';
import { type BrokerUnavailable, RequestFailed, RequestTimedOut } from './broker-errors.js';
import type { BrokerMetrics } from './broker-metrics.js';

/** Header with the deadline of a message: milliseconds since 1970, as a number. */
export const deadlineHeader = 'pulser-deadline';

/** Header of a reply that is an error: its code. The body is `{ "code", "message" }`. */
const errorHeader = 'pulser-error-code';

/** Header of what a server says before its reply: the request goes on. */
const progressHeader = 'pulser-progress';

export const progressReply = (body: unknown): OutgoingReply => ({
  body: Buffer.from(JSON.stringify(body)),
  headers: { [progressHeader]: true },
});

/** @returns the reply that makes `request` reject with RequestFailed */
export const errorReply = (code: string, message: string): OutgoingReply => ({
  body: Buffer.from(JSON.stringify({ code, message: keptText(message, keptSizes.message) })),
  headers: { [errorHeader]: code },
});

const messageOf = ({ body }: Reply): string => {
  try {
    return String((JSON.parse(body.toString()) as { message?: unknown } | null)?.message);
  } catch {
    return 'the request failed';
  }
};

interface WaitingRequest {
  /** The broker has confirmed the request: from now on only its reply can end it well. */
  sent: boolean;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
  readonly onProgress: RequestOptions['onProgress'];
}

type Send = (message: OutgoingMessage) => Promise<void>;

/** The requests of one client, matched to their replies by correlation id. */
export class Requests {
  // Not guessable: only a server that received the request can answer it.
  private readonly prefix = randomUUID();
  private count = 0;
  private readonly waiting = new Map<string, WaitingRequest>();

  constructor(private readonly metrics: Pick<BrokerMetrics, 'lateReply'>) {}

  /**
   * Sends a request and waits for its reply.
   * @param send publishes the message; when it fails, so does the request
   * @throws see Broker.request
   */
  async request(
    message: OutgoingMessage,
    { timeoutMs, signal, onProgress }: RequestOptions,
    send: Send,
  ): Promise<Reply> {
    signal?.throwIfAborted();
    const now = Date.now();
    const deadline = Math.min(now + timeoutMs, message.deadline ?? Infinity);
    if (deadline <= now) throw new RequestTimedOut(timeoutMs);
    const correlationId = `${this.prefix}.${++this.count}`;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const abort = (): void => {
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      reject(new RequestTimedOut(deadline - now));
    }, deadline - now);
    signal?.addEventListener('abort', abort);
    const request: WaitingRequest = { sent: false, resolve, reject, onProgress };
    this.waiting.set(correlationId, request);
    send({ ...message, correlationId, deadline, mandatory: true }).then(() => (request.sent = true), reject);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.waiting.delete(correlationId);
    }
  }

  /** A reply has come. One whose request has ended is dropped and counted. */
  arrived(correlationId: string | undefined, reply: Reply): void {
    const request = correlationId === undefined ? undefined : this.waiting.get(correlationId);
    if (correlationId === undefined || request === undefined) {
      this.metrics.lateReply();
      return;
    }
    if (reply.headers[progressHeader] === true) {
      request.onProgress?.(reply);
      return;
    }
    // At once: a second reply may come before the waiting caller runs.
    this.waiting.delete(correlationId);
    const code = reply.headers[errorHeader];
    if (typeof code === 'string') request.reject(new RequestFailed(code, messageOf(reply)));
    else request.resolve(reply);
  }

  /** The replies to what was sent cannot come any more; a request that is not confirmed yet may be sent again. */
  loseReplies(error: BrokerUnavailable): void {
    for (const request of this.waiting.values()) if (request.sent) request.reject(error);
  }

  /** The connection is gone: every request fails. */
  rejectAll(error: BrokerUnavailable): void {
    for (const request of this.waiting.values()) request.reject(error);
  }
}
