// In whose name the children of a task are submitted: whoever submitted its first ancestor, with the rights of this moment.
import { Injectable } from '@nestjs/common';
import type { RoleName, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import type { Principal } from './principal.js';

/** SQL: what `principalIn` reads. `r`: the first ancestor of a task, `k`: the key that submitted it. */
export const rootPrincipalColumns = `r.submitted_by as "submittedBy", r.submitter, k.key_id as "keyId", k.name, k.role,
     k.allowed_task_types as "allowedTaskTypes", k.expires_at as "expiresAt",
     k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) as "isValid"`;

/**
 * SQL: joins `r` and `k` to a task `t`. `case` and not `coalesce`, which PostgreSQL does not count as leakproof: under row-level
 * security it would read all tasks of the tenant.
 */
export const joinRootPrincipal = `left join task_queue r on r.tenant_id = t.tenant_id
     and r.task_id = case when t.root_id is null then t.task_id else t.root_id end
   left join api_key k on k.tenant_id = r.tenant_id and k.key_id::text = r.submitted_by`;

const find = statement(
  'access.root-principal',
  `select ${rootPrincipalColumns} from task_queue t ${joinRootPrincipal}
   where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1`,
);

export interface RootPrincipalRow {
  readonly submittedBy: string | null;
  readonly submitter: { readonly role: RoleName } | null;
  readonly keyId: string | null;
  readonly name: string | null;
  readonly role: RoleName | null;
  readonly allowedTaskTypes: readonly TaskType[] | null;
  readonly expiresAt: Date | null;
  readonly isValid: boolean | null;
}

/** Finds out in whose name a task works. */
@Injectable()
export class RootPrincipals {
  constructor(private readonly database: Database) {}

  /**
   * The submitter of a task's first ancestor, of the task itself when it has none. A key counts as it is now. A person with a
   * token of an identity provider counts as at the time of submission, since nobody can ask the provider for them.
   * @returns undefined when the key was revoked or has expired, or the submitter is not known
   */
  async of(tenantId: string, taskId: string): Promise<Principal | undefined> {
    const [found] = await this.database.queryAs<RootPrincipalRow & Record<string, unknown>>(tenantId, find, [taskId]);
    return found && principalIn(tenantId, found);
  }
}

/** @returns undefined when the key was revoked or has expired, or the submitter is not known */
export const principalIn = (tenantId: string, found: RootPrincipalRow): Principal | undefined => {
  const { keyId, name, role, allowedTaskTypes, expiresAt, isValid, submittedBy, submitter } = found;
  if (keyId !== null && name !== null && role !== null)
    return isValid === true ? { tenantId, keyId, name, role, allowedTaskTypes, expiresAt } : undefined;
  if (submitter === null || submittedBy === null) return undefined;
  return {
    tenantId,
    keyId: undefined,
    name: submittedBy,
    role: submitter.role,
    allowedTaskTypes: null,
    expiresAt: null,
  };
};
