import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import { apiKeyPrefix, hashApiKey, newApiKey } from './api-key.js';
import { keyColumns, type KeyGrant, keyIsValid, type MadeKey, type TenantKey } from './tenant-key.js';

const ofTenant = 'tenant_id = (select pulser.tenant_id())';

const list = statement(
  'tenant-keys.list',
  `select ${keyColumns} from api_key
   where ${ofTenant} and coalesce(revoked_at, expires_at, now()) > now() - interval '30 days'
   order by created_at desc, key_id desc`,
);

const find = statement('tenant-keys.find', `select ${keyColumns} from api_key where ${ofTenant} and key_id = $1`);

const create = statement(
  'tenant-keys.create',
  `insert into api_key (tenant_id, prefix, key_hash, name, role, allowed_task_types, expires_at)
   values ((select pulser.tenant_id()), $1, $2, $3, $4, $5, now() + make_interval(secs => $6))
   returning ${keyColumns}`,
);

const rotate = statement(
  'tenant-keys.rotate',
  `with current as (
     select * from api_key where ${ofTenant} and key_id = $3 and ${keyIsValid} for update
   ), shortened as (
     update api_key k set expires_at = least(k.expires_at, now() + make_interval(secs => $4))
     from current c where k.tenant_id = c.tenant_id and k.key_id = c.key_id
   )
   insert into api_key (tenant_id, prefix, key_hash, name, role, allowed_task_types, expires_at, rotated_from)
   select tenant_id, $1, $2, name, role, allowed_task_types, now() + (expires_at - created_at), key_id from current
   returning ${keyColumns}`,
);

// The lock makes two revocations of the two last ones take turns: the second counts without the first.
const revoke = statement(
  'tenant-keys.revoke',
  `with admins as (
     select key_id, coalesce(expires_at, 'infinity') as until from api_key
     where ${ofTenant} and role = 'admin' and ${keyIsValid} order by key_id for update
   )
   update api_key k set revoked_at = now()
   where ${ofTenant} and key_id = $1 and ${keyIsValid} and (
     role <> 'admin' or $2
     or exists (select from admins a where a.key_id <> $1 and a.until >= coalesce(k.expires_at, 'infinity'))
   )
   returning ${keyColumns}`,
);

/** The keys of one tenant, for those who manage them. */
@Injectable()
export class TenantKeys {
  constructor(private readonly database: Database) {}

  /** Newest first; without those that ended more than 30 days ago. */
  list(tenantId: string): Promise<TenantKey[]> {
    return this.run(tenantId, list, []);
  }

  async find(tenantId: string, keyId: string): Promise<TenantKey | undefined> {
    return (await this.run(tenantId, find, [keyId]))[0];
  }

  async create(tenantId: string, actor: Actor, grant: KeyGrant): Promise<MadeKey> {
    const { name, role, allowedTaskTypes, expiresInS } = grant;
    const made = await this.make(tenantId, actor, create, [name, role, allowedTaskTypes, expiresInS]);
    if (made === undefined) throw new Error('An insert returned no row');
    return made;
  }

  /**
   * A new key for the same, with as long a life as the old one was given; the old one ends after the overlap, in seconds.
   * @returns undefined when the old one is not valid, or not there
   */
  rotate(tenantId: string, actor: Actor, keyId: string, overlapS: number): Promise<MadeKey | undefined> {
    return this.make(tenantId, actor, rotate, [keyId, overlapS]);
  }

  /**
   * @param evenLast whether it may be the last key of an administrator: none would remain that lives as long
   * @returns undefined when that forbids it, or the key is not valid, or not there
   */
  async revoke(tenantId: string, actor: Actor, keyId: string, evenLast: boolean): Promise<TenantKey | undefined> {
    return (await this.change(tenantId, actor, revoke, [keyId, evenLast]))[0];
  }

  private async make(
    tenantId: string,
    actor: Actor,
    how: Statement,
    values: readonly unknown[],
  ): Promise<MadeKey | undefined> {
    const key = newApiKey();
    const [row] = await this.change(tenantId, actor, how, [apiKeyPrefix(key), hashApiKey(key), ...values]);
    return row === undefined ? undefined : { ...row, key };
  }

  private change(tenantId: string, actor: Actor, wanted: Statement, values: readonly unknown[]): Promise<TenantKey[]> {
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      return transaction.query<TenantKey>(wanted, values);
    });
  }

  private run(tenantId: string, wanted: Statement, values: readonly unknown[]): Promise<TenantKey[]> {
    return this.database.queryAs<TenantKey>(tenantId, wanted, values);
  }
}
