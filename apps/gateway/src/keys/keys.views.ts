import type { MadeKey, Principal, TenantKey } from '@pulser/context-bus';
import type { CallerView, KeyView, NewKey } from '@pulser/contracts';

const time = (moment: Date | null): string | null => moment?.toISOString() ?? null;

export const keyView = (key: TenantKey): KeyView => ({
  key_id: key.keyId,
  name: key.name,
  prefix: key.prefix,
  role: key.role,
  allowed_task_types: key.allowedTaskTypes === null ? null : [...key.allowedTaskTypes],
  state: key.state,
  created_at: key.createdAt.toISOString(),
  expires_at: time(key.expiresAt),
  last_used_at: time(key.lastUsedAt),
  revoked_at: time(key.revokedAt),
  rotated_from: key.rotatedFrom,
});

/** With the key itself, which is shown only once. */
export const newKeyView = (made: MadeKey): NewKey => ({ ...keyView(made), key: made.key });

/** @param tenant its name */
export const callerView = (caller: Principal, tenant: string): CallerView => ({
  tenant,
  tenant_id: caller.tenantId,
  name: caller.name,
  key_id: caller.keyId ?? null,
  role: caller.role,
  allowed_task_types: caller.allowedTaskTypes === null ? null : [...caller.allowedTaskTypes],
  expires_at: time(caller.expiresAt),
});
