import { maxPriority } from '@pulser/contracts';

import type { QueuePurpose } from '../broker/topology.js';

export type QueueType = 'quorum' | 'classic';

/**
 * Quorum queues are replicated, but only since 4.3 do they keep priorities strictly: older ones
 * ignore or soften them silently. An unknown version counts as an old one.
 */
export const queueTypeFor = (brokerVersion: string): QueueType => {
  const [major = 0, minor = 0] = brokerVersion.split('.').map((part) => Number.parseInt(part, 10));
  return major > 4 || (major === 4 && minor >= 3) ? 'quorum' : 'classic';
};

// The longest task takes 30 minutes, which is also the broker's default for how long a message may be held.
const maxHoldMs = 12 * 60 * 60 * 1_000;

interface QueuePlan {
  readonly purpose: QueuePurpose;
  /** Names on the wire. */
  readonly name: string;
  readonly deadExchange: string;
}

// A quorum queue drops a message that was delivered 20 times to consumers that died, unless its arguments say otherwise.
const afterTooManyDeaths = ({ purpose, name, deadExchange }: QueuePlan): Record<string, unknown> =>
  ({
    orders: { 'x-dead-letter-exchange': deadExchange, 'x-dead-letter-routing-key': name },
    dispatches: {},
    // Dropped, as late ones are: the requester has its timeout.
    requests: {},
    'dead-letters': { 'x-delivery-limit': -1 },
  })[purpose];

/**
 * The arguments a durable queue is declared with. Two differences that the broker reports late:
 * `x-max-priority` is refused on quorum queues; `x-consumer-timeout` is refused on classic queues of 4.3 and later.
 */
export const queueArguments = (type: QueueType, plan: QueuePlan): Record<string, unknown> =>
  type === 'quorum'
    ? { 'x-queue-type': 'quorum', 'x-consumer-timeout': maxHoldMs, ...afterTooManyDeaths(plan) }
    : {
        'x-queue-type': 'classic',
        'x-consumer-timeout': maxHoldMs,
        ...(plan.purpose === 'dead-letters' ? {} : { 'x-max-priority': maxPriority }),
      };
