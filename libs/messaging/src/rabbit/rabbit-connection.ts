// One connection to RabbitMQ, its settings, and how it comes back.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter, settlesWithin } from '@pulser/concurrency';
import { corkWrites } from '@pulser/service-kit';
import { connect, type ChannelModel, type RecoveringChannelModel } from 'amqplib';

import { BrokerRefused, type BrokerUnavailable } from '../broker/broker-errors.js';
import { unmeasured, type BrokerMetrics } from '../broker/broker-metrics.js';
import type { BrokerLog } from '../broker/broker-status.js';
import { connectFailure, frameWarning, setupFailure } from './connection.policy.js';

export interface RabbitOptions {
  /** amqp:// or amqps://, with credentials and virtual host. */
  readonly url: string;
  /** PEM file of the authorities that may have signed the broker's certificate; '' for those that Node knows. */
  readonly caFile?: string;
  /** Shown beside the connections by the broker, for instance the service's name. */
  readonly name: string;
  readonly log: BrokerLog;
  readonly metrics?: BrokerMetrics;
  /** Put before the name of every exchange and queue, for several installations on one virtual host. */
  readonly namespace?: string;
  /** Milliseconds after which publishing an unconfirmed message fails. */
  readonly confirmTimeoutMs?: number;
  /** Messages, and bytes of their bodies, that may wait for their confirms; beyond, publishing fails at once. */
  readonly maxUnconfirmed?: number;
  readonly maxUnconfirmedBytes?: number;
  readonly heartbeatS?: number;
}

export type RabbitSettings = Required<RabbitOptions>;

export const withDefaults = (options: RabbitOptions): RabbitSettings => ({
  metrics: unmeasured,
  namespace: '',
  caFile: '',
  confirmTimeoutMs: 10_000,
  maxUnconfirmed: 10_000,
  maxUnconfirmedBytes: 256 * 1024 * 1024,
  heartbeatS: 10,
  ...options,
});

/** The side of a broker that owns the channels of one connection. */
export interface ChannelOwner {
  readonly kind: 'publish' | 'consume';
  /** Declares and opens all it needs on a new connection; called again when it fails. */
  attach(model: ChannelModel): Promise<void>;
  /** The connection is lost, and all its channels with it. */
  detach(): void;
}

const connectTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;
/** Tasks wait for the broker, and a refused connection is cheap. */
const maxReconnectMs = 1_500;

const withHeartbeat = (url: string, heartbeatS: number): string => {
  const parsed = new URL(url);
  parsed.searchParams.set('heartbeat', String(heartbeatS));
  return parsed.href;
};

/** One connection with its channels, made again whenever it is lost. */
export class RabbitConnection {
  ready = false;
  private blockedSince: number | undefined;
  private recovering?: RecoveringChannelModel;
  private model: ChannelModel | undefined;
  private readyBefore = false;

  constructor(
    private readonly settings: RabbitSettings,
    private readonly owner: ChannelOwner,
    /** Called at every change of `ready` and `blocked`, and with the reason when an attempt to connect fails. */
    private readonly onChange: (failure?: BrokerUnavailable) => void,
  ) {}

  /** Milliseconds for which the broker has been refusing to read from this connection; 0 when it reads. */
  get blockedForMs(): number {
    return this.blockedSince === undefined ? 0 : performance.now() - this.blockedSince;
  }

  get blocked(): boolean {
    return this.blockedSince !== undefined;
  }

  /**
   * Resolves when the channels are ready, or when the first attempt fails for a reason that may pass: it goes on trying.
   * @throws BrokerRefused when the first attempt fails for any other reason
   */
  async open(): Promise<void> {
    const { url, caFile, name, heartbeatS } = this.settings;
    const recovering = await connect(withHeartbeat(url, heartbeatS), {
      // Small messages, each awaited by its publisher.
      noDelay: true,
      keepAlive: true,
      timeout: connectTimeoutMs,
      ...(caFile !== '' && { ca: readFileSync(caFile) }),
      clientProperties: { connection_name: `${name} (${this.owner.kind})` },
      recovery: {
        waitForConnect: false,
        calculateDelay: (attempt) => fullJitter(attempt, { capMs: maxReconnectMs }),
      },
    });
    this.recovering = recovering;
    await this.firstAttempt(recovering);
  }

  async close(): Promise<void> {
    this.leave();
    if (this.recovering !== undefined) await settlesWithin(closeTimeoutMs, this.recovering.close());
  }

  private firstAttempt(recovering: RecoveringChannelModel): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const decided = (failure?: BrokerUnavailable): void => {
        if (failure instanceof BrokerRefused) reject(failure);
        else resolve();
      };
      recovering.on('connect', (model) => void this.up(model, decided));
      recovering.on('connect-failed', (error) => {
        const failure = connectFailure(error);
        this.onChange(failure);
        decided(failure);
      });
      recovering.on('disconnect', (error) => {
        this.down(error);
        decided();
      });
      recovering.on('blocked', (reason) => {
        this.setBlocked(true, reason);
      });
      recovering.on('unblocked', () => {
        this.setBlocked(false);
      });
      // Followed by `disconnect`, which carries the same error.
      recovering.on('error', () => undefined);
    });
  }

  private async up(model: ChannelModel, decided: (failure?: BrokerUnavailable) => void): Promise<void> {
    this.model = model;
    corkWrites(model.connection);
    for (let attempt = 1; this.model === model; attempt++) {
      try {
        await this.owner.attach(model);
        if (!this.isCurrent(model)) return;
        this.becomeReady(model);
        decided();
        return;
      } catch (error) {
        // A lost connection is not a refusal: the next one attaches again.
        if (!this.isCurrent(model)) return;
        this.settings.log.error({ err: error, connection: this.owner.kind }, 'the broker refused what we need of it');
        decided(setupFailure(error));
        await wait(fullJitter(attempt + 3), undefined, { ref: false });
      }
    }
  }

  // A method, because the compiler takes the answer before an await for the one after it.
  private isCurrent(model: ChannelModel): boolean {
    return this.model === model;
  }

  private becomeReady(model: ChannelModel): void {
    const { log, metrics } = this.settings;
    if (this.readyBefore) metrics.reconnected(this.owner.kind);
    else this.warnOfLargeFrames(model);
    log.info({ connection: this.owner.kind, again: this.readyBefore }, 'connected to the broker');
    this.ready = true;
    this.readyBefore = true;
    this.onChange();
  }

  private warnOfLargeFrames({ connection }: ChannelModel): void {
    const warning = this.owner.kind === 'consume' ? frameWarning(connection) : undefined;
    if (warning !== undefined) this.settings.log.warn({}, warning);
  }

  private down(error: Error): void {
    this.settings.log.warn({ err: error, connection: this.owner.kind }, 'lost the connection to the broker');
    this.leave();
  }

  private leave(): void {
    this.model = undefined;
    this.ready = false;
    this.blockedSince = undefined;
    this.owner.detach();
    this.onChange();
  }

  private setBlocked(blocked: boolean, reason?: string): void {
    this.blockedSince = blocked ? performance.now() : undefined;
    if (blocked)
      this.settings.log.warn({ reason, connection: this.owner.kind }, 'the broker takes no messages for now');
    else this.settings.log.info({ connection: this.owner.kind }, 'the broker takes messages again');
    this.onChange();
  }
}
