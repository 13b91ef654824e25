import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter, settlesWithin } from '@pulser/concurrency';
import { corkWrites } from '@pulser/service-kit';
import { connect, type ChannelModel, type RecoveringChannelModel } from 'amqplib';

import { BrokerUnavailable } from '../broker/broker-unavailable.js';
import { frameWarning } from './large-frames.policy.js';
import type { RabbitSettings } from './rabbit-options.js';

/** What lives on a connection. */
export interface Lane {
  readonly kind: 'publish' | 'consume';
  /** Makes all it needs on a new connection; tried again when it fails. */
  attach(model: ChannelModel): Promise<void>;
  detach(): void;
}

const connectTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;
/** Tasks wait for it: a broker that is back is found soon, and a refused connection costs nobody much. */
const reconnectWithinMs = 1_500;

// An attempt at several addresses fails with an error that has a code but no message.
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error';
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
};

const withHeartbeat = (url: string, heartbeatS: number): string => {
  const parsed = new URL(url);
  parsed.searchParams.set('heartbeat', String(heartbeatS));
  return parsed.href;
};

/** A connection that comes back by itself, with everything that lives on it. */
export class RabbitConnection {
  ready = false;
  private blockedSince: number | undefined;
  private recovering?: RecoveringChannelModel;
  private model: ChannelModel | undefined;
  private readyBefore = false;
  private failures = 0;

  constructor(
    private readonly settings: RabbitSettings,
    private readonly lane: Lane,
    private readonly onChange: () => void,
  ) {}

  /** Milliseconds for which the broker has been refusing to read from this connection; 0 when it reads. */
  get blockedForMs(): number {
    return this.blockedSince === undefined ? 0 : performance.now() - this.blockedSince;
  }

  get blocked(): boolean {
    return this.blockedSince !== undefined;
  }

  /** Resolves when all that lives on the connection is ready; rejects when the first attempt fails, and goes on trying. */
  async open(): Promise<void> {
    const { url, caFile, name, heartbeatS } = this.settings;
    const recovering = await connect(withHeartbeat(url, heartbeatS), {
      // Small messages, each waited for by somebody.
      noDelay: true,
      keepAlive: true,
      timeout: connectTimeoutMs,
      ...(caFile !== '' && { ca: readFileSync(caFile) }),
      clientProperties: { connection_name: `${name} (${this.lane.kind})` },
      recovery: {
        waitForConnect: false,
        calculateDelay: (attempt) => fullJitter(attempt, { capMs: reconnectWithinMs }),
      },
    });
    this.recovering = recovering;
    await new Promise<void>((resolve, reject) => {
      recovering.on('connect', (model) => void this.up(model, resolve, reject));
      recovering.on('connect-failed', (error) => {
        this.failed(error);
        reject(new BrokerUnavailable(`it cannot be reached (${messageOf(error)})`, error));
      });
      recovering.on('disconnect', (error) => {
        this.down(error);
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

  async close(): Promise<void> {
    this.leave();
    if (this.recovering !== undefined) await settlesWithin(closeTimeoutMs, this.recovering.close());
  }

  private async up(model: ChannelModel, ready: () => void, failed: (error: BrokerUnavailable) => void): Promise<void> {
    this.model = model;
    this.failures = 0;
    corkWrites(model.connection);
    for (let attempt = 1; this.model === model; attempt++) {
      try {
        await this.lane.attach(model);
        if (!this.isCurrent(model)) return;
        this.becomeReady(model);
        ready();
        return;
      } catch (error) {
        // A lost connection is not a refusal: the next one attaches again.
        if (!this.isCurrent(model)) return;
        this.settings.log.error({ err: error, connection: this.lane.kind }, 'the broker refused what we need of it');
        failed(new BrokerUnavailable(`it refused what we need of it (${messageOf(error)})`, error));
        await wait(fullJitter(attempt + 3), undefined, { ref: false });
      }
    }
  }

  // Time passes between two looks.
  private isCurrent(model: ChannelModel): boolean {
    return this.model === model;
  }

  private becomeReady(model: ChannelModel): void {
    const { log, metrics } = this.settings;
    if (this.readyBefore) metrics.reconnected(this.lane.kind);
    else this.warnOfLargeFrames(model);
    log.info({ connection: this.lane.kind, again: this.readyBefore }, 'connected to the broker');
    this.ready = true;
    this.readyBefore = true;
    this.onChange();
  }

  private warnOfLargeFrames({ connection }: ChannelModel): void {
    const warning = this.lane.kind === 'consume' ? frameWarning(connection) : undefined;
    if (warning !== undefined) this.settings.log.warn({}, warning);
  }

  private failed(error: Error): void {
    // Once per outage: attempts come many times a minute.
    if (this.failures++ === 0)
      this.settings.log.warn({ err: error, connection: this.lane.kind }, 'cannot connect to the broker, trying again');
  }

  private down(error: Error): void {
    this.settings.log.warn({ err: error, connection: this.lane.kind }, 'lost the connection to the broker');
    this.leave();
  }

  private leave(): void {
    this.model = undefined;
    this.ready = false;
    this.blockedSince = undefined;
    this.lane.detach();
    this.onChange();
  }

  private setBlocked(blocked: boolean, reason?: string): void {
    this.blockedSince = blocked ? performance.now() : undefined;
    if (blocked) this.settings.log.warn({ reason, connection: this.lane.kind }, 'the broker takes no messages for now');
    else this.settings.log.info({ connection: this.lane.kind }, 'the broker takes messages again');
    this.onChange();
  }
}
