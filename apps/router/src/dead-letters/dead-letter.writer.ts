import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { fullJitter } from '@pulser/concurrency';
import { Authenticator, RawDeadLetters } from '@pulser/context-bus';
import { header, queue } from '@pulser/contracts';
import { Broker, type Consumer, type Delivery } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { rawDeadLetterOf } from './rejected-message.policy.js';

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
