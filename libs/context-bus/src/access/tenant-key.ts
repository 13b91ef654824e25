import type { KeyState, RoleName, TaskType } from '@pulser/contracts';

/** A key as it is shown to those who manage it. */
export interface TenantKey {
  readonly keyId: string;
  readonly name: string;
  readonly role: RoleName;
  readonly allowedTaskTypes: readonly TaskType[] | null;
  readonly prefix: string;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly rotatedFrom: string | null;
}

/** A key that was made just now: the only moment at which the key itself is known. */
export interface MadeKey extends TenantKey {
  readonly key: string;
}

/** What a new key is for. */
export interface KeyGrant {
  readonly name: string;
  readonly role: RoleName;
  /** Null: of every type. */
  readonly allowedTaskTypes: readonly TaskType[] | null;
  /** Seconds that it lives; null: until it is revoked. */
  readonly expiresInS: number | null;
}

export const keyColumns = `key_id as "keyId", name, role, allowed_task_types as "allowedTaskTypes", prefix,
  case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end as state,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt",
  rotated_from as "rotatedFrom"`;

export const keyIsValid = `revoked_at is null and (expires_at is null or expires_at > now())`;
