// One connection to RabbitMQ: its settings, how to read what comes from amqplib, and how it comes back.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { fullJitter, settlesWithin } from '@pulser/concurrency';
import { corkWrites } from '@pulser/service-kit';
import { type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';

import { BrokerRefused, BrokerUnavailable } from '../broker/broker-errors.js';
import { type BrokerMetrics, unmeasured } from '../broker/broker-metrics.js';
import type { BrokerLog } from '../broker/broker.js';

export type QueueType = 'quorum' | 'classic';

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
  /**
   * Type of the queues of dispatches. `classic`: on one node, and their messages end with it; the rows that they name are
   * due again after some seconds.
   */
  readonly dispatchQueue?: QueueType;
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
  dispatchQueue: 'quorum',
  confirmTimeoutMs: 10_000,
  maxUnconfirmed: 10_000,
  maxUnconfirmedBytes: 256 * 1024 * 1024,
  heartbeatS: 10,
  ...options,
});

/** The user of a URL; the broker takes one without credentials as its guest. */
export const userOf = (url: string): string => {
  const { username } = new URL(url);
  return username === '' ? 'guest' : decodeURIComponent(username);
};

/** Names as the broker knows them: those of the contract behind the namespace of this installation. */
export class WireNames {
  private readonly prefix: string;

  constructor(namespace: string) {
    this.prefix = namespace === '' ? '' : `${namespace}.`;
  }

  /** The default exchange has no name and is shared by all installations. */
  toWire(name: string): string {
    return name === '' ? '' : this.prefix + name;
  }

  fromWire(name: string): string {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : name;
  }
}

/** Reply codes of AMQP 0-9-1 (1.1): https://www.rabbitmq.com/amqp-0-9-1-reference */
export const accessRefused = 403;
export const notFound = 404;
export const preconditionFailed = 406;

/** The broker's reply code of an error on a channel; amqplib sets it, but its types lack it. */
export const replyCode = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;

// An attempt at several addresses fails with an error that has a code but no message.
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error';
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
};

// Texts of OpenSSL and Node for a certificate that the configuration does not trust; amqplib may keep the text only, not the
// code. An expired certificate is not among them: it will be renewed.
const untrusted =
  /self-signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate|certificate (not trusted|rejected)|does not match certificate's altnames/i;

// amqplib 2 does not hand out the reply code of a handshake. It prints 403 of the credentials into its message, and for
// the virtual host (530: unknown, not allowed, or its limit of connections reached) only that the broker closed instead.
const credentialsRefused = `Handshake terminated by server: ${accessRefused} `;
const hostRefused = 'Expected ConnectionOpenOk; got <ConnectionClose';

/** Why no connection could be made. What waiting cannot heal is a BrokerRefused. */
export const connectFailure = (error: unknown): BrokerUnavailable => {
  const text = messageOf(error);
  if (text.startsWith(credentialsRefused))
    return new BrokerRefused(`it refuses the credentials (${text})`, 'set the user and password in AMQP_URL', error);
  if (text.startsWith(hostRefused))
    return new BrokerRefused(
      'it refuses the virtual host',
      'set one in AMQP_URL that exists, that the user may access and that takes more connections',
      error,
    );
  const away = `it cannot be reached (${text})`;
  if (untrusted.test(text)) return new BrokerRefused(away, 'set AMQP_CA_FILE, and the host name in AMQP_URL', error);
  return new BrokerUnavailable(away, error);
};

/** Why exchanges, queues or consumers could not be made on a connection: refused for good, or for a passing reason. */
export const setupFailure = (error: unknown): BrokerUnavailable => {
  if (error instanceof BrokerUnavailable) return error;
  const text = `it refused what we need of it (${messageOf(error)})`;
  return replyCode(error) === accessRefused
    ? new BrokerRefused(text, 'give the user in AMQP_URL this permission', error)
    : new BrokerUnavailable(text, error);
};

/** A property of a message: producers in other languages may leave it out, and amqplib does not type it. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Bytes. The headers of a message fit one frame, and amqplib decodes nested ones recursively: some 5,000 levels, which
 * take 25 KiB, overflow the stack, end the connection, and would do so again with every redelivery.
 */
const safeFrameMax = 16_384;

/** @param connection of amqplib, with the frame size that both sides agreed on; its types leave it out */
export const frameWarning = (connection: object): string | undefined =>
  'frameMax' in connection && typeof connection.frameMax === 'number' && connection.frameMax > safeFrameMax
    ? `headers of messages can end our connections: set the broker's frame_max = ${safeFrameMax}`
    : undefined;

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
  /** Why it is blocked, in the words of the broker. */
  alarm: string | undefined;
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
    this.alarm = undefined;
    this.owner.detach();
    this.onChange();
  }

  private setBlocked(blocked: boolean, reason?: string): void {
    this.blockedSince = blocked ? performance.now() : undefined;
    this.alarm = reason;
    if (blocked)
      this.settings.log.warn({ reason, connection: this.owner.kind }, 'the broker takes no messages for now');
    else this.settings.log.info({ connection: this.owner.kind }, 'the broker takes messages again');
    this.onChange();
  }
}
