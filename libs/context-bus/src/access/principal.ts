import type { RoleName, TaskType } from '@pulser/contracts';

/** By what the audit trail and the tasks know somebody. */
export const principalId = ({ keyId, name }: Principal): string => keyId ?? name;

/** Who asks, and what that one may. */
export interface Principal {
  readonly tenantId: string;
  /** Undefined for whoever came with a token of an identity provider. */
  readonly keyId: string | undefined;
  /** Name of the key, or the `sub` by which the identity provider knows the person. */
  readonly name: string;
  readonly role: RoleName;
  /** What tasks may be submitted; null: of every type. */
  readonly allowedTaskTypes: readonly TaskType[] | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
}
