import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { fullJitter } from '@pulser/concurrency';
import { queue } from '@pulser/contracts';
import { Broker, type Consumer, type Delivery } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { DeadLetterWriter } from './dead-letter.writer.js';

/** Bounds the memory: bodies may be large. */
const prefetch = 10;
const drainMs = 8_000;

/**
 * Moves messages from `dead-letters` to the database. Not a message handler like the others: whatever goes wrong here, the
 * message is tried again in place and never buried, for its grave is this very queue.
 */
@Injectable()
export class DeadLettersConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private consumer: Consumer | undefined;

  constructor(
    private readonly broker: Broker,
    private readonly keeper: DeadLetterWriter,
    private readonly logger: Logger,
  ) {
    setMaxListeners(prefetch + 1, this.stopping.signal);
  }

  async onApplicationBootstrap(): Promise<void> {
    const subscription = { queue: queue.deadLetters, bindings: [], prefetch };
    this.consumer = await this.broker.consume(subscription, (delivery) => void this.take(delivery));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.consumer?.drain(drainMs);
  }

  private async take(delivery: Delivery): Promise<void> {
    for (let attempt = 1; !(await this.kept(delivery, attempt)); attempt++) {
      if (await this.canGoOn(delivery, attempt)) continue;
      delivery.requeue();
      return;
    }
    // Only now: the row is on disk.
    delivery.ack();
  }

  private async kept(delivery: Delivery, attempt: number): Promise<boolean> {
    try {
      await this.keeper.keep(delivery);
      return true;
    } catch (error) {
      const facts = { queue: delivery.routingKey, messageId: delivery.messageId, err: error };
      if (attempt === 1) this.logger.warn(facts, 'a dead letter could not be kept, trying again');
      return false;
    }
  }

  private async canGoOn(delivery: Delivery, attempt: number): Promise<boolean> {
    const { signal } = this.stopping;
    await wait(fullJitter(attempt), undefined, { signal }).catch(() => undefined);
    return !signal.aborted && !delivery.stale;
  }
}
