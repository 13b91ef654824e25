// The keys of the installation: for operators, who act on what all tenants share. Made, listed and revoked at the command
// line alone, as the administrator of the database; services only find them, by their hash.
import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { InstallationRole, KeyState } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, actorJson } from '../audit/actor.js';
import { hashApiKey } from './keys.js';

const prefix = 'pulser_installation_';
const shownCharacters = 6;

/** Whether a key is looked up among those of the installation: a tenant's key begins so once in 64^13 cases. */
export const isInstallationKey = (key: string): boolean => key.startsWith(prefix);

export interface InstallationKey {
  readonly keyId: string;
  readonly name: string;
  readonly role: InstallationRole;
  readonly prefix: string;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface InstallationGrant {
  readonly name: string;
  readonly role: InstallationRole;
  /** Seconds until it expires; null: it is valid until it is revoked. */
  readonly expiresInS: number | null;
}

const columns = `key_id as "keyId", name, role, prefix,
  case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end as state,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

const list = statement(
  'installation-keys.list',
  `select ${columns} from installation_key
   where coalesce(revoked_at, expires_at, now()) > now() - interval '30 days' order by created_at desc, key_id desc`,
);

// The trigger that writes the audit trail runs after the statement, and finds its author set.
const create = statement(
  'installation-keys.create',
  `with acting as (select set_config('app.actor', $6, true) as author)
   insert into installation_key (prefix, key_hash, name, role, expires_at)
   select $1, $2, $3, $4, now() + make_interval(secs => $5) from acting where author is not null
   returning ${columns}`,
);

const revoke = statement(
  'installation-keys.revoke',
  `with acting as (select set_config('app.actor', $2, true) as author)
   update installation_key set revoked_at = now() from acting
   where author is not null and key_id = $1 and revoked_at is null and (expires_at is null or expires_at > now())
   returning ${columns}`,
);

/** Needs the administrator of the database. */
@Injectable()
export class InstallationKeys {
  constructor(private readonly database: Database) {}

  /** Newest first; without keys that expired or were revoked more than 30 days ago. */
  list(): Promise<InstallationKey[]> {
    return this.database.query<InstallationKey>(list);
  }

  /** @returns the key itself, which is known at this moment only */
  async create(
    actor: Actor,
    { name, role, expiresInS }: InstallationGrant,
  ): Promise<InstallationKey & { key: string }> {
    const key = prefix + randomBytes(32).toString('base64url');
    const shown = key.slice(0, prefix.length + shownCharacters);
    const values = [shown, hashApiKey(key), name, role, expiresInS, actorJson(actor)];
    const [row] = await this.database.query<InstallationKey>(create, values);
    if (row === undefined) throw new Error('An insert returned no row');
    return { ...row, key };
  }

  /** @returns undefined when the key is not valid, or does not exist */
  async revoke(actor: Actor, keyId: string): Promise<InstallationKey | undefined> {
    return (await this.database.query<InstallationKey>(revoke, [keyId, actorJson(actor)]))[0];
  }
}
