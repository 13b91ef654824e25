import { setTimeout as wait } from 'node:timers/promises';

import { IllegalOperationError, type ChannelModel } from 'amqplib';

import { fullJitter } from '@pulser/concurrency';
import type { OutgoingMessage } from '../broker/broker.js';
import { BrokerUnavailable } from '../broker/broker-unavailable.js';
import { hasItsQueue } from '../broker/topic-match.policy.js';
import { Unroutable } from '../broker/unroutable.js';
import { afterDeletion } from './after-deletion.js';
import { ConfirmWindow } from './confirm-window.js';
import { PendingPublish } from './pending-publish.js';
import { PublishChannel, type PublishEvents, type PublishFailure } from './publish-channel.js';
import type { Lane } from './rabbit-connection.js';
import type { RabbitSettings } from './rabbit-options.js';
import type { TopologyDeclaration } from './topology-declaration.js';
import type { WireNames } from './wire-names.js';

const notFound = 404;

// RabbitMQ's own limit, which it enforces by closing the channel under everybody else's messages.
const maxBodyBytes = 16 * 1024 * 1024;

/** Everything that is published goes through here, over one connection and one channel, which is made again when it breaks. */
export class PublishLane implements Lane, PublishEvents {
  readonly kind = 'publish';
  model: ChannelModel | undefined;
  private channel: PublishChannel | undefined;
  private readonly window: ConfirmWindow;
  /** Published while the channel is being made again. */
  private readonly waiting: PendingPublish[] = [];
  private repairing: Promise<void> | undefined;

  constructor(
    private readonly settings: RabbitSettings,
    private readonly names: WireNames,
    private readonly topology: TopologyDeclaration,
  ) {
    this.window = new ConfirmWindow(settings);
  }

  get unconfirmed(): number {
    return this.window.size;
  }

  publish(message: OutgoingMessage): Promise<void> {
    if (this.model === undefined) return Promise.reject(new BrokerUnavailable('not connected'));
    if (message.body.length > maxBodyBytes) return Promise.reject(new RangeError('the message is longer than 16 MiB'));
    if (!this.window.hasRoomFor(message.body.length))
      return Promise.reject(new BrokerUnavailable('too much is unconfirmed'));
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.settings.confirmTimeoutMs;
      const pending = new PendingPublish(message, deadline, resolve, reject);
      this.window.add(pending);
      this.send(pending);
    });
  }

  async attach(model: ChannelModel): Promise<void> {
    this.model = model;
    await this.topology.declare(model);
    await this.openChannel(model);
  }

  detach(): void {
    this.model = undefined;
    this.channel = undefined;
    for (const pending of this.waiting.splice(0))
      this.giveUp(pending, new BrokerUnavailable('the connection was lost'));
  }

  close(): void {
    this.window.close();
  }

  confirmed(pending: PendingPublish): void {
    this.window.release(pending);
    if (!pending.settled) pending.confirm();
  }

  failed(pending: PendingPublish, failure: PublishFailure): void {
    if (failure.kind === 'returned') this.settings.metrics.returned();
    if (!pending.settled && !pending.retried && this.canRepair(pending, failure)) {
      pending.retried = true;
      void this.repair().then(() => {
        this.send(pending);
      });
    } else this.giveUp(pending, this.errorOf(pending, failure));
  }

  closed(channel: PublishChannel, error?: Error): void {
    if (error !== undefined) this.settings.log.warn({ err: error }, 'the broker closed the channel for publishing');
    if (channel !== this.channel) return;
    this.channel = undefined;
    if (this.model !== undefined) void this.rebuild(this.model);
  }

  private send(pending: PendingPublish): void {
    if (pending.settled) {
      this.window.release(pending);
      return;
    }
    if (this.model === undefined) {
      this.giveUp(pending, new BrokerUnavailable('the connection was lost'));
      return;
    }
    if (this.channel === undefined) return void this.waiting.push(pending);
    try {
      this.channel.send(pending);
    } catch (error) {
      const closing = error instanceof IllegalOperationError;
      this.giveUp(pending, closing ? new BrokerUnavailable('the connection is closing', error) : error);
    }
  }

  private giveUp(pending: PendingPublish, error: unknown): void {
    this.window.release(pending);
    if (!pending.settled) pending.fail(error);
  }

  private errorOf({ message }: PendingPublish, failure: PublishFailure): Error {
    switch (failure.kind) {
      case 'returned':
        return new Unroutable(message);
      case 'refused':
        return new BrokerUnavailable('it refused the message');
      case 'channel-closed':
        return new BrokerUnavailable('the channel was closed before the confirm came');
    }
  }

  private canRepair({ message }: PendingPublish, failure: PublishFailure): boolean {
    if (failure.kind === 'channel-closed') return failure.code === notFound;
    return failure.kind === 'returned' && hasItsQueue(message);
  }

  /** Declares what was deleted, once for all messages that miss it. Does not fail: what is still missing shows soon. */
  private repair(): Promise<void> {
    const { model, settings } = this;
    if (model === undefined) return Promise.resolve();
    this.repairing ??= this.declareAgain(model)
      .catch((error: unknown) => {
        settings.log.error({ err: error }, 'cannot declare what is missing');
      })
      .finally(() => (this.repairing = undefined));
    return this.repairing;
  }

  private async declareAgain(model: ChannelModel): Promise<void> {
    this.settings.log.warn({}, 'an exchange or a queue is missing: declaring all of them again');
    await afterDeletion();
    await this.topology.declare(model);
  }

  private async rebuild(model: ChannelModel): Promise<void> {
    for (let attempt = 1; this.model === model; attempt++) {
      try {
        await this.openChannel(model);
        return;
      } catch {
        // Most likely the connection is going too, and says so next.
        await wait(fullJitter(attempt), undefined, { ref: false });
      }
    }
  }

  private async openChannel(model: ChannelModel): Promise<void> {
    const channel = await PublishChannel.open(model, this.names, this);
    if (this.model !== model) return;
    this.channel = channel;
    for (const pending of this.waiting.splice(0)) this.send(pending);
  }
}
