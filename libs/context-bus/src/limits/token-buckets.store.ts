import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

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

export interface BucketLimit {
  /** Tokens a second. */
  readonly perS: number;
  /** Most tokens that are saved up. */
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

  /** Takes up to so many tokens at once. @throws DatabaseUnavailable */
  async take(tenantId: string, bucket: string, { perS, burst }: BucketLimit, tokens: number): Promise<Grant> {
    const [row] = await this.database.queryAs<Grant>(tenantId, take, [bucket, burst, perS, tokens]);
    if (row === undefined) throw new Error('An upsert returned no row');
    return row;
  }
}
