// The API keys of a tenant: how a key is made and hashed, how keys are shown, and the store that manages them.
import { createHash, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { KeyState, RoleName, TaskType, ToolPattern } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';

const prefix = 'pulser_';
const shownCharacters = 6;

/** A new key: 256 random bits behind a prefix that names Pulser. Only its hash is ever stored. */
export const newApiKey = (): string => prefix + randomBytes(32).toString('base64url');

/** SHA-256: enough for a secret of 256 random bits. */
export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The part of a key that is stored and shown, so that people recognise it. */
export const apiKeyPrefix = (key: string): string => key.slice(0, prefix.length + shownCharacters);

/** A key as it is shown to administrators. */
export interface TenantKey {
  readonly keyId: string;
  readonly name: string;
  readonly role: RoleName;
  readonly allowedTaskTypes: readonly TaskType[] | null;
  /** Which tools of MCP servers it may call; null: those that only read. */
  readonly tools: readonly ToolPattern[] | null;
  readonly prefix: string;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly rotatedFrom: string | null;
}

/** A key just made: the only moment at which the key itself is known. */
export interface MadeKey extends TenantKey {
  readonly key: string;
}

/** What a new key is for. */
export interface KeyGrant {
  readonly name: string;
  readonly role: RoleName;
  /** Null: tasks of every type. */
  readonly allowedTaskTypes: readonly TaskType[] | null;
  /** Which tools of MCP servers it may call; null or missing: those that only read. */
  readonly tools?: readonly ToolPattern[] | null;
  /** Seconds until it expires; null: it is valid until it is revoked. */
  readonly expiresInS: number | null;
}

const keyColumns = `key_id as "keyId", name, role, allowed_task_types as "allowedTaskTypes", tools, prefix,
  case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end as state,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt",
  rotated_from as "rotatedFrom"`;

const keyIsValid = `revoked_at is null and (expires_at is null or expires_at > now())`;

const ofTenant = 'tenant_id = (select pulser.tenant_id())';

const list = statement(
  'tenant-keys.list',
  `select ${keyColumns} from api_key
   where ${ofTenant} and coalesce(revoked_at, expires_at, now()) > now() - interval '30 days'
   order by created_at desc, key_id desc`,
);

const find = statement('tenant-keys.find', `select ${keyColumns} from api_key where ${ofTenant} and key_id = $1`);

// A key that a key makes is of the person who made that one. $3: id of a key, or subject of a token; null: at a shell.
const maker = `pulser.person_of((select pulser.tenant_id()), $3)`;

const create = statement(
  'tenant-keys.create',
  `insert into api_key (tenant_id, prefix, key_hash, made_by, name, role, allowed_task_types, expires_at, tools)
   values ((select pulser.tenant_id()), $1, $2, ${maker}, $4, $5, $6, now() + make_interval(secs => $7), $8)
   returning ${keyColumns}`,
);

const rotate = statement(
  'tenant-keys.rotate',
  `with current as (
     select * from api_key where ${ofTenant} and key_id = $4 and ${keyIsValid} for update
   ), shortened as (
     update api_key k set expires_at = least(k.expires_at, now() + make_interval(secs => $5))
     from current c where k.tenant_id = c.tenant_id and k.key_id = c.key_id
   )
   insert into api_key (tenant_id, prefix, key_hash, made_by, name, role, allowed_task_types, tools, expires_at, rotated_from)
   select tenant_id, $1, $2, coalesce(${maker}, made_by, key_id::text), name, role, allowed_task_types, tools,
     now() + (expires_at - created_at), key_id from current
   returning ${keyColumns}`,
);

// The lock serializes revocations of the last two administrator keys: the second one no longer counts the first.
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

/** The keys of one tenant, for its administrators. */
@Injectable()
export class TenantKeys {
  constructor(private readonly database: Database) {}

  /** Newest first; without keys that expired or were revoked more than 30 days ago. */
  list(tenantId: string): Promise<TenantKey[]> {
    return this.run(tenantId, list, []);
  }

  async find(tenantId: string, keyId: string): Promise<TenantKey | undefined> {
    return (await this.run(tenantId, find, [keyId]))[0];
  }

  async create(tenantId: string, actor: Actor, grant: KeyGrant): Promise<MadeKey> {
    const { name, role, allowedTaskTypes, expiresInS, tools = null } = grant;
    const made = await this.make(tenantId, actor, create, [name, role, allowedTaskTypes, expiresInS, tools]);
    if (made === undefined) throw new Error('An insert returned no row');
    return made;
  }

  /**
   * Replaces a key by a new one with the same rights and as long a life as the old one was given.
   * @param overlapS seconds for which the old key stays valid
   * @returns undefined when the old key is not valid, or does not exist
   */
  rotate(tenantId: string, actor: Actor, keyId: string, overlapS: number): Promise<MadeKey | undefined> {
    return this.make(tenantId, actor, rotate, [keyId, overlapS]);
  }

  /**
   * @param evenLast whether it may be the last administrator key, after which none remains that is valid as long
   * @returns undefined when that forbids it, or when the key is not valid, or does not exist
   */
  async revoke(tenantId: string, actor: Actor, keyId: string, evenLast: boolean): Promise<TenantKey | undefined> {
    return (await this.change(tenantId, actor, revoke, [keyId, evenLast]))[0];
  }

  private async make(
    tenantId: string,
    actor: Actor,
    insert: Statement,
    values: readonly unknown[],
  ): Promise<MadeKey | undefined> {
    const key = newApiKey();
    const made = [apiKeyPrefix(key), hashApiKey(key), actor.kind === 'system' ? null : actor.id];
    const [row] = await this.change(tenantId, actor, insert, [...made, ...values]);
    return row === undefined ? undefined : { ...row, key };
  }

  private change(tenantId: string, actor: Actor, wanted: Statement, values: readonly unknown[]): Promise<TenantKey[]> {
    return asActor(this.database, tenantId, actor, (transaction) => transaction.query<TenantKey>(wanted, values));
  }

  private run(tenantId: string, wanted: Statement, values: readonly unknown[]): Promise<TenantKey[]> {
    return this.database.queryAs<TenantKey>(tenantId, wanted, values);
  }
}
