import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { apiKeyPrefix, hashApiKey } from './api-key.js';
import type { Principal } from './principal.js';

const find = statement(
  'keys.find',
  `select tenant_id as "tenantId", key_id as "keyId", name, role, allowed_task_types as "allowedTaskTypes",
     expires_at as "expiresAt", use_is_old as "useIsOld"
   from pulser.find_api_key($1)`,
);

// The condition once more: of several services that found the use old, one writes.
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
  /** Its use was last noted more than a minute ago. */
  readonly useIsOld: boolean;
}

@Injectable()
export class ApiKeys {
  constructor(private readonly database: Database) {}

  /** @returns undefined for an unknown, expired or revoked key */
  async find(key: string): Promise<Principal | undefined> {
    const [row] = await this.database.query<FoundKey>(find, [hashApiKey(key)]);
    if (row === undefined) return undefined;
    const { useIsOld, ...principal } = row;
    // Nobody waits for this.
    if (useIsOld) void this.noteUse(row);
    return principal;
  }

  /** A key of an administrator that lives until it is revoked. Needs the service role. */
  async create(tenantId: string, name: string, key: string): Promise<void> {
    await this.database.query(create, [tenantId, name, apiKeyPrefix(key), hashApiKey(key)]);
  }

  private async noteUse({ tenantId, keyId }: FoundKey): Promise<void> {
    try {
      await this.database.queryAs(tenantId, noteUse, [keyId]);
    } catch {
      // The next look at this key finds its use still old, and tries again.
    }
  }
}
