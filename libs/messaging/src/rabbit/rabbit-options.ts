import type { BrokerLog } from '../broker/broker-log.js';
import { unmeasured, type BrokerMetrics } from '../broker/broker-metrics.js';

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
  /** Go on without a broker at the start and keep trying, instead of failing. */
  readonly optionalAtStart?: boolean;
  /** Milliseconds after which an unconfirmed message is given up. */
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
  optionalAtStart: false,
  confirmTimeoutMs: 10_000,
  maxUnconfirmed: 10_000,
  maxUnconfirmedBytes: 256 * 1024 * 1024,
  heartbeatS: 10,
  ...options,
});
