import { chunkOf, isOver, type Lease, leaseOf } from './lease.policy.js';
import type { BucketLimit, Grant } from './token-buckets.store.js';

/** What became of one request at one bucket. */
export interface Verdict {
  readonly allowed: boolean;
  /** Tokens left, as far as this process knows. */
  readonly remaining: number;
  /** Seconds until another try is worth it; 0 when it was allowed. */
  readonly retryAfterS: number;
}

/** One process's share of a bucket: asks for some tokens at once and hands them out one by one. */
export class LeasedBucket {
  private lease: Lease | undefined;
  private asking: Promise<Lease> | undefined;

  /** @param take asks the shared bucket */
  constructor(
    private readonly limit: BucketLimit,
    private readonly take: (tokens: number) => Promise<Grant>,
  ) {}

  /** Milliseconds of a monotonic clock until which it has something to remember. */
  get busyUntil(): number {
    return this.lease?.until ?? 0;
  }

  /** @throws DatabaseUnavailable */
  async use(): Promise<Verdict> {
    for (;;) {
      const now = performance.now();
      const { lease } = this;
      if (lease !== undefined && !isOver(lease, now)) return this.decide(lease, now);
      await (this.asking ??= this.ask());
    }
  }

  private decide(lease: Lease, now: number): Verdict {
    if (lease.refused) return { allowed: false, remaining: 0, retryAfterS: Math.ceil((lease.until - now) / 1_000) };
    this.lease = { ...lease, tokens: lease.tokens - 1 };
    return { allowed: true, remaining: Math.floor(lease.left) + lease.tokens - 1, retryAfterS: 0 };
  }

  private async ask(): Promise<Lease> {
    try {
      const grant = await this.take(chunkOf(this.limit));
      return (this.lease = leaseOf(grant, this.limit, performance.now()));
    } finally {
      this.asking = undefined;
    }
  }
}
