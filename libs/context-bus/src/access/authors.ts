// Who wrote something that acts later (a schedule, a hook): it acts with what its author may then.
import type { RoleName, TaskType } from '@pulser/contracts';

import { type Principal, principalId } from './principal.js';

/** Why an author may submit nothing. */
export type LostRights = 'key_revoked' | 'key_expired';

export const lostTexts = {
  key_revoked: 'The key of its author was revoked',
  key_expired: 'The key of its author has expired',
} as const satisfies Record<LostRights, string>;

/** An author as it is now. */
export interface Author {
  readonly tenantId: string;
  readonly author: string;
  readonly keyId: string | null;
  /** Of the key now; of a person as it was when it was written. */
  readonly role: RoleName;
  readonly types: readonly TaskType[] | null;
  readonly lost: LostRights | null;
}

/** SQL: the columns of an author, of a row that is joined by {@link joinAuthorKey}. */
export const authorColumns = (row: string): string => `${row}.author, ${row}.author_key as "keyId",
     coalesce(k.role, ${row}.author_role) as role,
     case when ${row}.author_key is null then ${row}.author_types else k.allowed_task_types end as types,
     case when ${row}.author_key is null then null
       when k.key_id is null or k.revoked_at is not null then 'key_revoked'
       when k.expires_at <= now() then 'key_expired' end as lost`;

/** SQL: the key of an author as `k`. */
export const joinAuthorKey = (row: string): string =>
  `left join api_key k on k.tenant_id = ${row}.tenant_id and k.key_id = ${row}.author_key`;

/** What is kept of an author: key, name, role, types. */
export const authorValues = (author: Principal): readonly unknown[] => [
  ...[author.keyId ?? null, principalId(author), author.role, author.allowedTaskTypes],
];

/** An author whose rights are not lost. */
export const authorPrincipal = ({ tenantId, keyId, author, role, types }: Author): Principal => ({
  tenantId,
  keyId: keyId ?? undefined,
  name: author,
  role,
  allowedTaskTypes: types,
  expiresAt: null,
});
