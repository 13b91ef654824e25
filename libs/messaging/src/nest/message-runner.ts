// From a delivery to its acknowledgement.
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter } from '@pulser/concurrency';
import type { DeadLetterReason } from '@pulser/contracts';

import type { Delivery, OutgoingReply } from '../broker/broker.js';
import type { BrokerLog } from '../broker/broker-status.js';
import { errorReply } from '../broker/requests.js';
import { afterFailure, describeError, isTransient } from './ack.policy.js';
import { RejectMessage } from './message-handler.js';

/** Handles deliveries to their end: acknowledged, rejected to the dead letters, or requeued because the service stops. */
export class MessageRunner {
  private readonly stopping = new AbortController();

  constructor(private readonly log: BrokerLog) {
    // Every message that waits for a retry listens.
    setMaxListeners(0, this.stopping.signal);
  }

  /** From now on what would be tried again later is requeued. */
  stop(): void {
    this.stopping.abort();
  }

  /** Handles a message; tries again in place as the ack policy decides. Never rejects. */
  async run(delivery: Delivery, handle: () => Promise<unknown>): Promise<void> {
    for (let all = 1, lasting = 0; ; all++) {
      const failure = await failureOf(handle);
      if (failure === undefined) {
        delivery.ack();
        return;
      }
      if (!isTransient(failure.error)) lasting++;
      const verdict = afterFailure(failure.error, { all, lasting });
      if (verdict.kind === 'dead-letter') return this.reject(delivery, verdict.reason, verdict.detail);
      if (all === 1) this.logRetry(delivery, failure.error);
      if (!(await this.canGoOn(delivery, verdict.afterMs))) {
        delivery.requeue();
        return;
      }
    }
  }

  /**
   * Answers a request with what `handle` resolves to or throws; one whose deadline has passed is acknowledged, unhandled.
   * Never rejects. The handler runs once: when the reply cannot be published, only that is tried again, until the deadline.
   */
  async answer(delivery: Delivery, handle: () => Promise<unknown>): Promise<void> {
    const reply = isLate(delivery) ? undefined : await this.replyOf(delivery, handle);
    for (let attempt = 1; reply !== undefined && !isLate(delivery); attempt++) {
      const failure = await failureOf(() => delivery.reply(reply));
      if (failure === undefined) break;
      if (attempt === 1) this.log.warn({ ...factsOf(delivery), err: failure.error }, 'a reply could not be sent');
      if (!isTransient(failure.error) || !(await this.canGoOn(delivery, fullJitter(attempt)))) break;
    }
    delivery.ack();
  }

  private async replyOf(delivery: Delivery, handle: () => Promise<unknown>): Promise<OutgoingReply> {
    try {
      return { body: Buffer.from(JSON.stringify((await handle()) ?? null)) };
    } catch (error) {
      this.log.warn({ ...factsOf(delivery), err: error }, 'a request failed');
      return errorReply(codeOf(error), error instanceof RejectMessage ? error.message : describeError(error));
    }
  }

  private async reject(delivery: Delivery, reason: DeadLetterReason, detail?: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await failureOf(() => delivery.deadLetter(reason, detail));
      if (failure === undefined) {
        this.log.error({ ...factsOf(delivery), reason, detail }, 'a message went to the dead letters');
        return;
      }
      if (attempt === 1) this.logRetry(delivery, failure.error);
      if (!(await this.canGoOn(delivery, fullJitter(attempt)))) {
        delivery.requeue();
        return;
      }
    }
  }

  private logRetry(delivery: Delivery, error: unknown): void {
    this.log.warn({ ...factsOf(delivery), err: error }, 'a message could not be handled, trying again');
  }

  /** Waits before the next attempt; false when there should be none here. */
  private async canGoOn(delivery: Delivery, ms: number): Promise<boolean> {
    const { signal } = this.stopping;
    await wait(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted && !delivery.stale;
  }
}

const factsOf = ({ queue, routingKey, messageId }: Delivery): object => ({ queue, routing_key: routingKey, messageId });

const isLate = ({ deadline }: Delivery): boolean => deadline !== undefined && Date.now() >= deadline;

const codeOf = (error: unknown): string => {
  if (error instanceof RejectMessage) return error.reason;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'handler_failed';
};

const failureOf = async (work: () => Promise<unknown>): Promise<{ error: unknown } | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
};
