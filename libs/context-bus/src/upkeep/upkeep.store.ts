import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

const ensurePartitions = statement('upkeep.partitions', 'select pulser.ensure_partitions() as made');

const dropKeys = statement(
  'upkeep.keys',
  `delete from idempotency_key where (tenant_id, key) in
     (select tenant_id, key from idempotency_key where expires_at <= now() limit $1)`,
);

/** What a database needs from time to time. Several services may do it at once. */
@Injectable()
export class Upkeep {
  constructor(private readonly database: Database) {}

  /** Makes the partitions of the coming weeks. @returns how many were missing */
  async ensurePartitions(): Promise<number> {
    const [row] = await this.database.query<{ made: number }>(ensurePartitions);
    return row?.made ?? 0;
  }

  /** Forgets idempotency keys whose time is over, up to `limit` of them. */
  async dropExpiredKeys(limit: number): Promise<void> {
    await this.database.query(dropKeys, [limit]);
  }
}
