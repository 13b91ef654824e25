import { createHash } from 'node:crypto';

import type { TaskStatus } from '@pulser/contracts';
import { statement } from '@pulser/database';

// The same idempotency key and body make one task, for 24 hours.

export interface Idempotency {
  readonly key: string;
  /** SHA-256 of the canonical body, hex: the same key with another one is a conflict. */
  readonly bodyHash: string;
}

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** SHA-256 of a JSON value, hex; the order of keys does not matter. */
export const bodyHash = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body, sorted)).digest('hex');

/**
 * The key of one item of a batch, so that a batch that is sent again makes no task twice. A client's own key is visible
 * ASCII, so the space keeps the two apart.
 */
export const batchItemKey = (key: string, index: number): string => `${key} ${index}`;

/** A key in use, with the task that it made. */
export interface KnownKey {
  readonly key: string;
  readonly body_hash: string;
  readonly task_id: string;
  readonly status: TaskStatus;
}

export const dropExpiredKeys = statement(
  'tasks.drop-expired-keys',
  `delete from idempotency_key where tenant_id = (select pulser.tenant_id()) and key = any ($1) and expires_at <= now()`,
);

/** Must follow `dropExpiredKeys` in its transaction. A task that is not kept any more has ended. */
export const findReservedKeys = statement(
  'tasks.find-reserved',
  `select k.key, encode(k.body_hash, 'hex') as body_hash, k.task_id, coalesce(t.status, 'completed') as status
   from idempotency_key k left join task_queue t using (tenant_id, task_id)
   where k.tenant_id = (select pulser.tenant_id()) and k.key = any ($1)`,
);

/** As `findReservedKeys`, outside a transaction. */
export const findKnownKeys = statement(
  'tasks.find-known-keys',
  `select k.key, encode(k.body_hash, 'hex') as body_hash, k.task_id, coalesce(t.status, 'completed') as status
   from idempotency_key k left join task_queue t using (tenant_id, task_id)
   where k.tenant_id = (select pulser.tenant_id()) and k.key = any ($1) and k.expires_at > now()`,
);
