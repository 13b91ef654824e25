// How many requests a key and a tenant make per second. Behind every rate and quota stands a leased counter: all processes
// share it in the database, and each takes a part of it (a lease) now and then, so that most decisions cost no statement.
import { Injectable } from '@nestjs/common';
import { SingleFlight } from '@pulser/concurrency';
import { Database, statement } from '@pulser/database';

/** How leases of one kind of counter are kept. All times are milliseconds of a monotonic clock. */
export interface LeasePolicy<Lease> {
  /** Whether the shared counter must be asked before so many can be decided on. Must be false right after an answer. */
  readonly mustAsk: (lease: Lease, wanted: number, now: number) => boolean;
  readonly left: (lease: Lease) => number;
  /** The lease after so many were used. */
  readonly use: (lease: Lease, count: number) => Lease;
}

/** Asks the shared counter. @param known the lease so far, as it is at the time of the call: others use it meanwhile */
export type AskCounter<Lease> = (wanted: number, known: () => Lease | undefined) => Promise<Lease>;

/** What was taken, and the lease that it was taken from, as it was then. */
export interface Taken<Lease> {
  readonly count: number;
  readonly lease: Lease;
}

/** This process's leases of the counters of one kind, by key (for instance a tenant). */
export class LeasedCounters<Lease> {
  private readonly leases = new Map<string, Lease>();
  private readonly questions = new SingleFlight<string, Lease>();

  constructor(private readonly policy: LeasePolicy<Lease>) {}

  get size(): number {
    return this.leases.size;
  }

  /** What is known of it, without asking. */
  known(key: string): Lease | undefined {
    return this.leases.get(key);
  }

  has(key: string): boolean {
    return this.leases.has(key);
  }

  /** Takes up to `wanted`: less when the counter has no more. @throws what `ask` throws */
  async take(key: string, wanted: number, ask: AskCounter<Lease>): Promise<Taken<Lease>> {
    let lease = this.leases.get(key);
    while (lease === undefined || this.policy.mustAsk(lease, wanted, performance.now())) {
      await this.questions.run(key, () => this.ask(key, wanted, ask));
      // Other calls that waited for the same answer may have used it up.
      lease = this.leases.get(key);
    }
    const count = Math.min(this.policy.left(lease), wanted);
    if (count > 0) this.leases.set(key, this.policy.use(lease, count));
    return { count, lease };
  }

  /** Returns what was taken and not used, as far as the lease still is the one it was taken from. */
  giveBack(key: string, count: number, isSame: (current: Lease) => boolean): void {
    const lease = this.leases.get(key);
    if (lease !== undefined && count > 0 && isSame(lease)) this.leases.set(key, this.policy.use(lease, -count));
  }

  forget(isOver: (lease: Lease) => boolean): void {
    for (const [key, lease] of this.leases) if (isOver(lease)) this.leases.delete(key);
  }

  private async ask(key: string, wanted: number, ask: AskCounter<Lease>): Promise<Lease> {
    const lease = await ask(wanted, () => this.leases.get(key));
    this.leases.set(key, lease);
    return lease;
  }
}

const available = `least($2::float8, b.tokens + $3::float8 * extract(epoch from now() - b.refilled_at)::float8)`;

// Refilled by the time since the last take, by the database's clock: https://en.wikipedia.org/wiki/Token_bucket
const take = statement(
  'limits.take',
  `insert into rate_bucket as b (tenant_id, bucket, tokens, granted)
   values ((select pulser.tenant_id()), $1, $2::float8 - least($4::int, floor($2::float8)), least($4::int, floor($2::float8)))
   on conflict (tenant_id, bucket) do update set refilled_at = now(),
     granted = least($4::int, floor(${available})), tokens = ${available} - least($4::int, floor(${available}))
   returning granted, tokens`,
);

const takeOfInstallation = statement(
  'limits.take-of-installation',
  'select granted, tokens from pulser.take_installation_tokens($1, $2, $3, $4)',
);

const look = statement(
  'limits.look',
  `select bucket, tokens, date_part('epoch', now() - refilled_at) as "idleS" from rate_bucket
   where tenant_id = (select pulser.tenant_id()) and bucket = any ($1)`,
);

/** What a bucket held when it was last asked. */
export interface BucketState {
  readonly bucket: string;
  readonly tokens: number;
  /** Seconds since then. */
  readonly idleS: number;
}

/** Whole tokens in a bucket by now. @param state undefined: it was never asked, and is full */
export const tokensIn = ({ perS, burst }: BucketLimit, state: BucketState | undefined): number =>
  Math.max(0, Math.floor(state === undefined ? burst : Math.min(burst, state.tokens + perS * state.idleS)));

export interface BucketLimit {
  /** Tokens per second. */
  readonly perS: number;
  /** Max tokens that are saved up. */
  readonly burst: number;
}

export interface Grant {
  readonly granted: number;
  /** What is left in the bucket. */
  readonly tokens: number;
}

/** Token buckets that all gateways share. */
@Injectable()
export class TokenBuckets {
  constructor(private readonly database: Database) {}

  /** Takes up to so many tokens at once. @param tenantId undefined: a bucket of the installation. @throws DatabaseUnavailable */
  async take(
    tenantId: string | undefined,
    bucket: string,
    { perS, burst }: BucketLimit,
    tokens: number,
  ): Promise<Grant> {
    const values = [bucket, burst, perS, tokens];
    const [row] = await (tenantId === undefined
      ? this.database.query<Grant>(takeOfInstallation, values)
      : this.database.queryAs<Grant>(tenantId, take, values));
    if (row === undefined) throw new Error('An upsert returned no row');
    return row;
  }

  /** Takes nothing. @returns those of the buckets that were ever asked. @throws DatabaseUnavailable */
  look(tenantId: string, buckets: readonly string[]): Promise<BucketState[]> {
    return this.database.queryAs<BucketState>(tenantId, look, [buckets]);
  }
}

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

const policy: LeasePolicy<Lease> = {
  mustAsk: (lease, _wanted, now) => isOver(lease, now),
  left: ({ tokens }) => tokens,
  use: (lease, count) => ({ ...lease, tokens: lease.tokens - count }),
};

/** Whether a bucket allowed a request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Tokens left, as far as this process knows. */
  readonly remaining: number;
  /** Seconds until another try is worth it; 0 when it was allowed. */
  readonly retryAfterS: number;
}

const verdictOf = (allowed: boolean, { left, tokens, until }: Lease): Verdict =>
  allowed
    ? { allowed, remaining: Math.floor(left) + tokens - 1, retryAfterS: 0 }
    : { allowed, remaining: 0, retryAfterS: Math.ceil((until - performance.now()) / 1_000) };

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

const tenantBucket = 'tenant';
const bucketOf = (keyId: string): string => `key/${keyId}`;

/** Leases that ended so many milliseconds ago are forgotten. */
const forgetMs = 60_000;
const maxKept = 10_000;

/**
 * Bounds requests by key and by tenant. All gateways share the buckets; each takes a tenth of a second's worth of tokens
 * at once, so that a request costs no statement of its own.
 */
export class RateLimits {
  private readonly leases = new LeasedCounters(policy);

  constructor(
    private readonly buckets: TokenBuckets,
    private readonly options: RateLimitsOptions,
  ) {}

  /**
   * The tenant's limit is asked only when the key's allowed it. @param tenantId undefined: a key of the installation, which
   * has the limit of a key alone. @throws DatabaseUnavailable
   */
  async use(tenantId: string | undefined, keyId: string): Promise<LimitVerdict[]> {
    const key = await this.verdict('key', tenantId, bucketOf(keyId));
    if (!key.allowed || tenantId === undefined) return [key];
    return [key, await this.verdict('tenant', tenantId, tenantBucket)];
  }

  /** What is left in the buckets of a key and of its tenant. Takes nothing. @throws DatabaseUnavailable */
  async look(
    tenantId: string,
    keyId: string,
  ): Promise<Record<keyof RateLimitsOptions, BucketLimit & { left: number }>> {
    const states = await this.buckets.look(tenantId, [bucketOf(keyId), tenantBucket]);
    const use = (limit: BucketLimit, bucket: string): BucketLimit & { left: number } => ({
      ...limit,
      left: tokensIn(
        limit,
        states.find((state) => state.bucket === bucket),
      ),
    });
    return { key: use(this.options.key, bucketOf(keyId)), tenant: use(this.options.tenant, tenantBucket) };
  }

  private async verdict(
    name: keyof RateLimitsOptions,
    tenantId: string | undefined,
    bucket: string,
  ): Promise<LimitVerdict> {
    const limit = this.options[name];
    const key = `${tenantId ?? 'installation'}/${bucket}`;
    if (this.leases.size >= maxKept && !this.leases.has(key)) this.forget();
    const { count, lease } = await this.leases.take(key, 1, () => this.ask(tenantId, bucket, limit));
    return { name, ...limit, ...verdictOf(count > 0, lease) };
  }

  private async ask(tenantId: string | undefined, bucket: string, limit: BucketLimit): Promise<Lease> {
    return leaseOf(await this.buckets.take(tenantId, bucket, limit, chunkOf(limit)), limit, performance.now());
  }

  private forget(): void {
    const before = performance.now() - forgetMs;
    this.leases.forget(({ until }) => until < before);
  }
}
