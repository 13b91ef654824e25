// The sessions of browsers: how they are made, found by their secret (one read, cached for a second), listed and ended.
import { createHash, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { BriefCache } from '@pulser/concurrency';
import type { RoleName, SessionEnd, SessionOrigin } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import { accessCacheMs, type InstallationPrincipal, type Principal } from './principal.js';

/** 256 random bits, as 43 characters that a cookie and a fragment of a URL can hold. Only their hash is ever stored. */
export const newLoginSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256: enough for a secret of 256 random bits. */
export const hashLoginSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A principal whose request came with a session. */
export type SessionPrincipal = (Principal | InstallationPrincipal) & { readonly sessionId: string };

/** A session as it is shown. */
export interface ShownSession {
  readonly sessionId: string;
  /** Null: of a person. */
  readonly keyId: string | null;
  /** Name of the key, or the subject of the person. */
  readonly name: string;
  readonly displayName: string | null;
  readonly role: RoleName;
  readonly madeBy: SessionOrigin;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly idleEndsAt: Date;
  readonly endsAt: Date;
  readonly userAgent: string | null;
  readonly network: string | null;
}

/** A session just made: the only moment at which its secret is known. */
export interface MadeSession extends ShownSession {
  readonly secret: string;
}

/** Of a new session: the browser, and how long it lasts. */
export interface SessionBounds {
  readonly userAgent: string | null;
  readonly network: string | null;
  /** Seconds without use after which it ends. */
  readonly idleS: number;
  /** Seconds after which it ends in any case. */
  readonly maxS: number;
}

/** What a new session is for. */
export interface SessionGrant extends SessionBounds {
  /** A key, by its id, or a person as the identity provider knows it. */
  readonly of: { readonly keyId: string } | Person;
  readonly madeBy: SessionOrigin;
}

export interface Person {
  readonly subject: string;
  readonly displayName: string | null;
  readonly role: RoleName;
}

/** Whose sessions are meant. */
export type SessionOwner = Pick<Principal, 'keyId' | 'name'>;

/** Sessions of one principal that are open at the same time; a further one ends the oldest. */
export const maxSessions = 50;

const columns = `s.session_id as "sessionId", s.key_id as "keyId", coalesce(k.name, s.subject) as name,
  s.display_name as "displayName", coalesce(k.role, s.role) as role, s.made_by as "madeBy", s.created_at as "createdAt",
  s.last_used_at as "lastUsedAt", s.idle_ends_at as "idleEndsAt", s.ends_at as "endsAt", s.user_agent as "userAgent",
  s.network`;

const withKey = 'left join api_key k on k.tenant_id = s.tenant_id and k.key_id = s.key_id';

const isOpen = 's.revoked_at is null and s.idle_ends_at > now() and s.ends_at > now()';

// A session ends with its key.
const keyIsValid = 'k.revoked_at is null and (k.expires_at is null or k.expires_at > now())';

const ofTenant = 's.tenant_id = (select pulser.tenant_id())';

// Of a tenant or of the installation: which one is known with the row.
const find = statement(
  'sessions.find',
  `select tenant_id as "tenantId", session_id as "sessionId", key_id as "keyId", name, role,
     allowed_task_types as "allowedTaskTypes", expires_at as "expiresAt", use_is_old as "useIsOld"
   from pulser.find_session($1)
   union all
   select null, session_id, key_id, name, role, null, expires_at, use_is_old from pulser.find_installation_session($1)`,
);

const findEnd = statement('sessions.end', 'select why from pulser.session_end($1) as why');

// The conditions are checked again: of several gateways that found the note old at the same moment, one writes, and a session
// that has ended meanwhile stays so.
const noteUse = statement(
  'sessions.note-use',
  `update session s set last_used_at = now(), idle_ends_at = now() + make_interval(secs => $2)
   where ${ofTenant} and s.session_id = $1 and ${isOpen} and s.last_used_at < now() - interval '1 minute'`,
);

const noteUseOfInstallation = statement(
  'sessions.note-use-of-installation',
  'select pulser.note_installation_session_use($1, $2, $3)',
);

const ofKey = statement(
  'sessions.of-key',
  `with s as (
     insert into session (tenant_id, secret_hash, made_by, user_agent, network, idle_ends_at, ends_at, key_id)
     select k.tenant_id, $1, $2, $3, $4, now() + make_interval(secs => $5), now() + make_interval(secs => $6), k.key_id
     from api_key k where k.tenant_id = (select pulser.tenant_id()) and k.key_id = $7 and ${keyIsValid}
     returning *
   ) select ${columns} from s ${withKey}`,
);

const ofPerson = statement(
  'sessions.of-person',
  `with s as (
     insert into session (tenant_id, secret_hash, made_by, user_agent, network, idle_ends_at, ends_at, subject,
       display_name, role)
     values ((select pulser.tenant_id()), $1, $2, $3, $4, now() + make_interval(secs => $5),
       now() + make_interval(secs => $6), $7, $8, $9)
     returning *
   ) select ${columns} from s ${withKey}`,
);

const page = statement(
  'sessions.page',
  `select ${columns} from session s ${withKey}
   where ${ofTenant} and ${isOpen} and ${keyIsValid} and ($1::uuid is null or s.session_id < $1)
   order by s.session_id desc limit $2`,
);

const pageOfKey = statement(
  'sessions.page-of-key',
  `select ${columns} from session s ${withKey}
   where ${ofTenant} and s.key_id = $3 and ${isOpen} and ${keyIsValid} and ($1::uuid is null or s.session_id < $1)
   order by s.session_id desc limit $2`,
);

const pageOfPerson = statement(
  'sessions.page-of-person',
  `select ${columns} from session s ${withKey}
   where ${ofTenant} and s.subject = $3 and ${isOpen} and ($1::uuid is null or s.session_id < $1)
   order by s.session_id desc limit $2`,
);

const ended = 'update session s set revoked_at = now(), ends_at = least(s.ends_at, now())';

const revoke = statement(
  'sessions.revoke',
  `${ended} where ${ofTenant} and s.session_id = $1 and ${isOpen} returning s.session_id as "sessionId"`,
);

const revokeOwn = statement(
  'sessions.revoke-own',
  `${ended} where ${ofTenant} and s.session_id = $1 and (s.key_id = $2 or s.subject = $3) and ${isOpen}
   returning s.session_id as "sessionId"`,
);

const revokeOldest = statement(
  'sessions.revoke-oldest',
  `${ended} where ${ofTenant} and (s.key_id = $1 or s.subject = $2) and ${isOpen} and s.session_id not in (
     select s.session_id from session s where ${ofTenant} and (s.key_id = $1 or s.subject = $2) and ${isOpen}
     order by s.session_id desc limit $3)`,
);

const revokeOtherRoles = statement(
  'sessions.revoke-other-roles',
  `${ended} where ${ofTenant} and s.subject = $1 and s.role <> $2 and ${isOpen}`,
);

/** The sessions of one tenant. */
@Injectable()
export class TenantSessions {
  constructor(private readonly database: Database) {}

  /**
   * Makes a session. Those of the same principal beyond the newest 50 end, and so do those of a person with another role:
   * what the provider said last holds.
   * @returns undefined when the key is not valid, or not any more
   */
  create(tenantId: string, actor: Actor, grant: SessionGrant): Promise<MadeSession | undefined> {
    const secret = newLoginSecret();
    return this.change(tenantId, actor, async (transaction) => {
      const made = await this.insert(transaction, secret, grant);
      if (made === undefined) return undefined;
      if ('subject' in grant.of) await transaction.query(revokeOtherRoles, [grant.of.subject, grant.of.role]);
      await transaction.query(revokeOldest, [made.keyId, subjectOf(made), maxSessions]);
      return { ...made, secret };
    });
  }

  /** Open ones, newest first. @param before id after which the page begins @param owner everybody's when missing */
  page(tenantId: string, before: string | undefined, limit: number, owner?: SessionOwner): Promise<ShownSession[]> {
    const [wanted, own] =
      owner === undefined
        ? [page, []]
        : owner.keyId === undefined
          ? [pageOfPerson, [owner.name]]
          : [pageOfKey, [owner.keyId]];
    return this.database.queryAs<ShownSession>(tenantId, wanted, [before, limit, ...own]);
  }

  /** @param owner whose it must be; anybody's when missing @returns whether there was such a session, and it was open */
  async revoke(tenantId: string, actor: Actor, sessionId: string, owner?: SessionOwner): Promise<boolean> {
    const rows = await this.change(tenantId, actor, (transaction) =>
      owner === undefined
        ? transaction.query(revoke, [sessionId])
        : transaction.query(revokeOwn, [sessionId, owner.keyId, subjectOf(owner)]),
    );
    return rows.length > 0;
  }

  private async insert(
    transaction: TenantTransaction,
    secret: string,
    { of, madeBy, userAgent, network, idleS, maxS }: SessionGrant,
  ): Promise<ShownSession | undefined> {
    const values = [hashLoginSecret(secret), madeBy, userAgent, network, idleS, maxS];
    const [made] = await ('keyId' in of
      ? transaction.query<ShownSession>(ofKey, [...values, of.keyId])
      : transaction.query<ShownSession>(ofPerson, [...values, of.subject, of.displayName, of.role]));
    return made;
  }

  private change<T>(tenantId: string, actor: Actor, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return asActor(this.database, tenantId, actor, work);
  }
}

/** Null for a key: a key's name is no subject. */
const subjectOf = ({ keyId, name }: { readonly keyId?: string | null | undefined; readonly name: string }) =>
  keyId === undefined || keyId === null ? name : null;

interface FoundSession extends Omit<Principal, 'tenantId' | 'keyId'> {
  /** Null: of the installation. */
  readonly tenantId: string | null;
  readonly keyId: string | null;
  readonly sessionId: string;
  /** Whether its use was last noted more than a minute ago. */
  readonly useIsOld: boolean;
}

const principalOf = ({
  tenantId,
  keyId,
  allowedTaskTypes,
  ...row
}: Omit<FoundSession, 'useIsOld'>): SessionPrincipal => {
  if (tenantId !== null) return { ...row, tenantId, keyId: keyId ?? undefined, allowedTaskTypes };
  if (keyId === null) throw new Error('A session of the installation has no key');
  return { ...row, tenantId: undefined, keyId };
};

interface Known {
  readonly principal: SessionPrincipal;
  useIsOld: boolean;
}

/** Caches look-ups of sessions for 0.75 s, so that a page with many requests costs hardly more than one read a second. */
@Injectable()
export class SessionAuthenticator {
  private readonly cache = new BriefCache<Known | undefined>(accessCacheMs);
  private readonly ends = new BriefCache<SessionEnd | undefined>(accessCacheMs);

  constructor(
    private readonly database: Database,
    private readonly options: SessionAuthenticatorOptions,
  ) {}

  /**
   * Counts as a use, which puts off the end of an idle session.
   * @returns undefined for one that is not known, has ended or was revoked, or whose key is no longer valid
   * @throws DatabaseUnavailable
   */
  async authenticate(secret: string): Promise<SessionPrincipal | undefined> {
    const known = await this.known(secret);
    if (known?.useIsOld === true) {
      known.useIsOld = false;
      // In the background: the request does not wait for the note.
      void this.noteUse(known.principal);
    }
    return known?.principal;
  }

  /** The same without counting as a use: for a stream that is open anyway. @throws DatabaseUnavailable */
  async find(secret: string): Promise<SessionPrincipal | undefined> {
    return (await this.known(secret))?.principal;
  }

  /** Why a session is not let in any more. @returns undefined for one that is not known. @throws DatabaseUnavailable */
  endOf(secret: string): Promise<SessionEnd | undefined> {
    return this.ends.get(secret, async () => {
      const [row] = await this.database.query<{ readonly why: SessionEnd | null }>(findEnd, [hashLoginSecret(secret)]);
      return row?.why ?? undefined;
    });
  }

  /** The next request with it is looked up: it was just revoked here. */
  forget(secret: string): void {
    this.cache.forget(secret);
  }

  private known(secret: string): Promise<Known | undefined> {
    return this.cache.get(secret, () => this.lookUp(secret));
  }

  private async lookUp(secret: string): Promise<Known | undefined> {
    const [row] = await this.database.query<FoundSession>(find, [hashLoginSecret(secret)]);
    if (row === undefined) return undefined;
    const { useIsOld, ...found } = row;
    return { principal: principalOf(found), useIsOld };
  }

  private async noteUse({ tenantId, keyId, sessionId }: SessionPrincipal): Promise<void> {
    const { idleS } = this.options;
    try {
      if (tenantId === undefined) await this.database.query(noteUseOfInstallation, [keyId, sessionId, idleS]);
      else await this.database.queryAs(tenantId, noteUse, [sessionId, idleS]);
    } catch {
      // The next look-up of this session finds the note still old, and tries again.
    }
  }
}

export interface SessionAuthenticatorOptions {
  /** Seconds without use after which a session ends. */
  readonly idleS: number;
}
