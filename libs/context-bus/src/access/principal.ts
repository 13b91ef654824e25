// Who sends a request: a principal with its rights, and how it is found by an API key (one read by the hash of the key,
// cached for a second).
import { Injectable } from '@nestjs/common';
import { BriefCache } from '@pulser/concurrency';
import { reaches, type RoleName, type TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { isInstallationKey } from './installation-keys.js';
import { apiKeyPrefix, hashApiKey } from './keys.js';

/** The sender of a request with its rights. */
export interface Principal {
  readonly tenantId: string;
  /** Undefined when the request carried a token of an identity provider. */
  readonly keyId: string | undefined;
  /** Name of the key, or the `sub` by which the identity provider knows the person. */
  readonly name: string;
  readonly role: RoleName;
  /** Types of the tasks that may be submitted; null: every type. */
  readonly allowedTaskTypes: readonly TaskType[] | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** An operator with a key of the installation: it has no tenant, and acts on what all tenants share. */
export interface InstallationPrincipal {
  readonly tenantId: undefined;
  readonly keyId: string;
  readonly name: string;
  readonly role: RoleName;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** Who may send a request: a key or person of a tenant, or a key of the installation. */
export type AnyPrincipal = Principal | InstallationPrincipal;

/** How the audit trail and `task_queue.submitted_by` name a principal. */
export const principalId = ({ keyId, name }: Pick<AnyPrincipal, 'keyId' | 'name'>): string => keyId ?? name;

/** Least role whose keys may submit tasks. */
export const submitterRole = 'operator' satisfies RoleName;

/** Why a principal may not submit a task. */
export type SubmissionRefusal = 'forbidden' | 'forbidden_task_type';

/** @returns undefined when the task may be submitted */
export const submissionRefusal = (
  { role, allowedTaskTypes }: Pick<Principal, 'role' | 'allowedTaskTypes'>,
  type: TaskType,
): SubmissionRefusal | undefined => {
  if (!reaches(role, submitterRole)) return 'forbidden';
  return allowedTaskTypes === null || allowedTaskTypes.includes(type) ? undefined : 'forbidden_task_type';
};

const find = statement(
  'keys.find',
  `select tenant_id as "tenantId", key_id as "keyId", name, role, allowed_task_types as "allowedTaskTypes",
     expires_at as "expiresAt", use_is_old as "useIsOld"
   from pulser.find_api_key($1)`,
);

// Notes the use of the key too.
const findOfInstallation = statement(
  'keys.find-of-installation',
  `select key_id as "keyId", name, role, expires_at as "expiresAt" from pulser.find_installation_key($1)`,
);

// The condition is checked again: of several services that found the note old at the same moment, one writes.
const noteUse = statement(
  'keys.note-use',
  `update api_key set last_used_at = now()
   where tenant_id = (select pulser.tenant_id()) and key_id = $1
     and coalesce(last_used_at < now() - interval '1 minute', true)`,
);

const create = statement(
  'keys.create',
  `insert into api_key (tenant_id, name, role, prefix, key_hash) values ($1, $2, 'admin', $3, $4)`,
);

interface FoundKey extends Principal, Record<string, unknown> {
  readonly keyId: string;
  /** Whether its use was last noted more than a minute ago. */
  readonly useIsOld: boolean;
}

/** Reads keys by their hash. */
@Injectable()
export class ApiKeys {
  constructor(private readonly database: Database) {}

  /** @returns undefined for an unknown, expired or revoked key */
  async find(key: string): Promise<AnyPrincipal | undefined> {
    if (isInstallationKey(key)) return this.findOfInstallation(key);
    const [row] = await this.database.query<FoundKey>(find, [hashApiKey(key)]);
    if (row === undefined) return undefined;
    const { useIsOld, ...principal } = row;
    // In the background: the request does not wait for the note.
    if (useIsOld) void this.noteUse(row);
    return principal;
  }

  /** Stores an administrator key that is valid until it is revoked. Needs the service role. */
  async create(tenantId: string, name: string, key: string): Promise<void> {
    await this.database.query(create, [tenantId, name, apiKeyPrefix(key), hashApiKey(key)]);
  }

  private async findOfInstallation(key: string): Promise<InstallationPrincipal | undefined> {
    const values = [hashApiKey(key)];
    const [row] = await this.database.query<Omit<InstallationPrincipal, 'tenantId'>>(findOfInstallation, values);
    return row === undefined ? undefined : { ...row, tenantId: undefined };
  }

  private async noteUse({ tenantId, keyId }: FoundKey): Promise<void> {
    try {
      await this.database.queryAs(tenantId, noteUse, [keyId]);
    } catch {
      // The next lookup of this key finds the note still old, and tries again.
    }
  }
}

/** A revoked key, or a session that ended, is refused everywhere after so many milliseconds, and one more look of a stream. */
export const accessCacheMs = 750;

/** Caches key lookups for 0.75 s, so that a busy client costs no read per request. */
@Injectable()
export class Authenticator {
  private readonly cache = new BriefCache<AnyPrincipal | undefined>(accessCacheMs);

  constructor(private readonly keys: ApiKeys) {}

  /** @returns undefined for an unknown, expired or revoked key. @throws DatabaseUnavailable */
  authenticate(key: string): Promise<AnyPrincipal | undefined> {
    return this.cache.get(key, () => this.keys.find(key));
  }
}
