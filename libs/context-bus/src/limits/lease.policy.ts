import type { BucketLimit, Grant } from './token-buckets.store.js';

/** Tokens that this process took from a shared bucket and has not used. */
export interface Lease {
  readonly tokens: number;
  /** What was left in the bucket when it was asked. */
  readonly left: number;
  /** Nothing was granted: the bucket is empty until then. */
  readonly refused: boolean;
  /** Of a monotonic clock, milliseconds: until then it holds. */
  readonly until: number;
}

/** Unused tokens are given up after so many milliseconds: others may need them. */
const leaseMs = 1_000;

/** How many tokens to take at once: a tenth of a second's worth, so that one statement serves many requests. */
export const chunkOf = ({ perS, burst }: BucketLimit): number =>
  Math.max(1, Math.min(Math.floor(burst / 4), Math.ceil(perS / 10)));

/** Milliseconds until a bucket that holds less than a token has one. */
const emptyMs = (left: number, { perS }: BucketLimit): number => Math.max(1, Math.ceil(((1 - left) / perS) * 1_000));

export const leaseOf = ({ granted, tokens: left }: Grant, limit: BucketLimit, now: number): Lease => ({
  tokens: granted,
  left,
  refused: granted === 0,
  until: now + (granted === 0 ? emptyMs(left, limit) : leaseMs),
});

/** Whether the bucket must be asked again before a request can be decided on. */
export const isOver = ({ tokens, refused, until }: Lease, now: number): boolean =>
  now >= until || (tokens < 1 && !refused);
