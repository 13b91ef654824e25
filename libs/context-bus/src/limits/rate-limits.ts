import { LeasedBucket, type Verdict } from './leased-bucket.js';
import type { BucketLimit, TokenBuckets } from './token-buckets.store.js';

export interface RateLimitsOptions {
  /** Of one API key. */
  readonly key: BucketLimit;
  /** Of all keys of a tenant together. */
  readonly tenant: BucketLimit;
}

/** Which limit a verdict is about, with what it allows. */
export interface LimitVerdict extends Verdict, BucketLimit {
  readonly name: keyof RateLimitsOptions;
}

/** Buckets that have not been asked for so long are forgotten, in milliseconds. */
const forgetMs = 60_000;
const maxKept = 10_000;

/**
 * Bounds requests by key and by tenant. All gateways share the buckets; each takes a tenth of a second's worth of tokens
 * at once, so that a request costs no statement of its own.
 */
export class RateLimits {
  private readonly leased = new Map<string, LeasedBucket>();

  constructor(
    private readonly buckets: TokenBuckets,
    private readonly options: RateLimitsOptions,
  ) {}

  /** The tenant's limit is asked only when the key's allowed it. @throws DatabaseUnavailable */
  async use(tenantId: string, keyId: string): Promise<LimitVerdict[]> {
    const key = await this.verdict('key', tenantId, `key/${keyId}`);
    if (!key.allowed) return [key];
    return [key, await this.verdict('tenant', tenantId, 'tenant')];
  }

  private async verdict(name: keyof RateLimitsOptions, tenantId: string, bucket: string): Promise<LimitVerdict> {
    const limit = this.options[name];
    return { name, ...limit, ...(await this.bucketOf(tenantId, bucket, limit).use()) };
  }

  private bucketOf(tenantId: string, bucket: string, limit: BucketLimit): LeasedBucket {
    const id = `${tenantId}/${bucket}`;
    const known = this.leased.get(id);
    if (known !== undefined) return known;
    if (this.leased.size >= maxKept) this.forget();
    const made = new LeasedBucket(limit, (tokens) => this.buckets.take(tenantId, bucket, limit, tokens));
    this.leased.set(id, made);
    return made;
  }

  private forget(): void {
    const before = performance.now() - forgetMs;
    for (const [id, { busyUntil }] of this.leased) if (busyUntil < before) this.leased.delete(id);
  }
}
