import type { Principal } from '@pulser/context-bus';
import type { CallerView } from '@pulser/contracts';

/** @param tenant its name */
export const callerView = (caller: Principal, tenant: string): CallerView => ({
  tenant,
  tenant_id: caller.tenantId,
  name: caller.name,
  key_id: caller.keyId ?? null,
  role: caller.role,
  allowed_task_types: caller.allowedTaskTypes === null ? null : [...caller.allowedTaskTypes],
  expires_at: caller.expiresAt?.toISOString() ?? null,
});
