import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { apiKeyPrefix, hashApiKey } from './api-key.js';

const find = statement('keys.find', `select tenant_id as "tenantId", key_id as "keyId" from pulser.find_api_key($1)`);

const create = statement(
  'keys.create',
  `insert into api_key (tenant_id, name, prefix, key_hash) values ($1, $2, $3, $4)`,
);

/** Who a key speaks for. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
}

@Injectable()
export class ApiKeys {
  constructor(private readonly database: Database) {}

  /** @returns undefined for an unknown, expired or revoked key */
  async find(key: string): Promise<Principal | undefined> {
    const [row] = await this.database.query<Principal & Record<string, unknown>>(find, [hashApiKey(key)]);
    return row;
  }

  /** Needs the service role. */
  async create(tenantId: string, name: string, key: string): Promise<void> {
    await this.database.query(create, [tenantId, name, apiKeyPrefix(key), hashApiKey(key)]);
  }
}
