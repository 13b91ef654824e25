import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter } from '@pulser/concurrency';
import type { DeadLetterReason } from '@pulser/contracts';

import type { Delivery } from '../broker/broker.js';
import type { BrokerLog } from '../broker/broker-log.js';
import { afterFailure, isTransient } from './ack.policy.js';

/** Handles deliveries to their end: acknowledged, among the dead letters, or given back because the service stops. */
export class MessageRunner {
  private readonly stopping = new AbortController();

  constructor(private readonly log: BrokerLog) {
    // Every message that waits for a retry listens.
    setMaxListeners(0, this.stopping.signal);
  }

  /** From now on what would be tried again later is given back. */
  stop(): void {
    this.stopping.abort();
  }

  /** Never rejects. */
  async run(delivery: Delivery, handle: () => Promise<void>): Promise<void> {
    for (let all = 1, lasting = 0; ; all++) {
      const failure = await failureOf(handle);
      if (failure === undefined) {
        delivery.ack();
        return;
      }
      if (!isTransient(failure.error)) lasting++;
      const verdict = afterFailure(failure.error, { all, lasting });
      if (verdict.kind === 'dead-letter') return this.bury(delivery, verdict.reason, verdict.detail);
      if (all === 1) this.tell(delivery, failure.error);
      if (!(await this.canGoOn(delivery, verdict.afterMs))) {
        delivery.requeue();
        return;
      }
    }
  }

  private async bury(delivery: Delivery, reason: DeadLetterReason, detail?: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await failureOf(() => delivery.deadLetter(reason, detail));
      if (failure === undefined) {
        this.log.error({ ...factsOf(delivery), reason, detail }, 'a message went to the dead letters');
        return;
      }
      if (attempt === 1) this.tell(delivery, failure.error);
      if (!(await this.canGoOn(delivery, fullJitter(attempt)))) {
        delivery.requeue();
        return;
      }
    }
  }

  private tell(delivery: Delivery, error: unknown): void {
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

const failureOf = async (work: () => Promise<void>): Promise<{ error: unknown } | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
};
