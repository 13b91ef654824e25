import type { TenantKey } from '@pulser/context-bus';
import type { KeyView } from '@pulser/contracts';

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
