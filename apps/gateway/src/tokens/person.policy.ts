import type { Principal } from '@pulser/context-bus';
import { HttpError, RoleName } from '@pulser/contracts';
import { z } from 'zod';

/**
 * What is read of a valid token. `app_metadata` is what the provider's administrators say of a person; of
 * `user_metadata`, which that person may write, nothing is read.
 */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  exp: z.number(),
  app_metadata: z.object({ tenant_id: z.uuid().toLowerCase(), role: RoleName }),
});

/** @throws HttpError `forbidden` when the claims of a valid token do not say which tenant the person works for, or as what */
export const personOf = (claims: unknown): Principal => {
  const { success, data } = Claims.safeParse(claims);
  if (!success) {
    const detail = 'The token says no tenant_id and role in its app_metadata, or no such role';
    throw new HttpError('forbidden', { detail });
  }
  const { sub, exp, app_metadata: rights } = data;
  return {
    tenantId: rights.tenant_id,
    keyId: undefined,
    name: sub,
    role: rights.role,
    allowedTaskTypes: null,
    expiresAt: new Date(exp * 1_000),
  };
};
