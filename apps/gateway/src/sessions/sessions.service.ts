// Logins of browsers: by a key or a one-time code, the sessions that there are, and their end.
import { Injectable } from '@nestjs/common';
import {
  type Actor,
  type AnyPrincipal,
  Authenticator,
  InstallationSessions,
  LoginCodes,
  type MadeSession,
  type Person,
  type Principal,
  principalId,
  RateLimits,
  SessionAuthenticator,
  type SessionBounds,
  type SessionOwner,
  type ShownSession,
  TenantSessions,
} from '@pulser/context-bus';
import {
  type CreateSession,
  HttpError,
  type LoginWays,
  reaches,
  type SessionOrigin,
  type SessionPage,
  type SessionQuery,
  type SessionView,
} from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

import {
  foreignRefusal,
  insecureReason,
  isFromThisMachine,
  networkOf,
  shortUserAgent,
} from '../access/browser.policy.js';
import { actorOf, type AnyCaller, credentialOf, rateLimitRefusal } from '../access/caller.js';
import { sessionCookie, sessionSecretIn, setCookie } from '../access/session-cookie.policy.js';
import { GatewayEnv } from '../gateway.env.js';
import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';
import { OidcLogins } from './oidc.service.js';

/** @param currentId of the session that the request came with */
export const sessionView = (session: ShownSession, currentId: string | undefined): SessionView => ({
  session_id: session.sessionId,
  name: session.name,
  display_name: session.displayName,
  key_id: session.keyId,
  role: session.role,
  made_by: session.madeBy,
  created_at: session.createdAt.toISOString(),
  last_used_at: session.lastUsedAt.toISOString(),
  idle_ends_at: session.idleEndsAt.toISOString(),
  ends_at: session.endsAt.toISOString(),
  user_agent: session.userAgent,
  network: session.network,
  current: session.sessionId === currentId,
});

/** The cookie that is kept until the session ends in any case: closing the browser is no logout. */
export const sessionSetCookie = ({ secret, createdAt, endsAt }: MadeSession): string =>
  setCookie(sessionCookie, secret, {
    sameSite: 'Strict',
    maxAgeS: Math.ceil((endsAt.getTime() - createdAt.getTime()) / 1_000),
  });

interface KeyHolder {
  readonly keyId: string;
  readonly name: string;
}

/** Who logs in: without a tenant, a key of the installation. */
type Arrived =
  | { readonly tenantId: undefined; readonly of: KeyHolder }
  | { readonly tenantId: string; readonly of: KeyHolder | Person };

/** Who ends a session. */
type Ending = AnyPrincipal & { readonly actor: Actor };

const usedUp =
  'The code was used, is older than 5 minutes, or never existed: `npm run pulser -- link` prints another one';

const notThisMachine =
  'A one-time code is for the machine that Pulser runs on: open its link there, at http://127.0.0.1 or http://localhost';

/** Logs browsers in and out. */
@Injectable()
export class Sessions {
  constructor(
    private readonly sessions: TenantSessions,
    private readonly ofInstallation: InstallationSessions,
    private readonly authenticator: Authenticator,
    private readonly open: SessionAuthenticator,
    private readonly codes: LoginCodes,
    private readonly oidc: OidcLogins,
    private readonly limits: RateLimits,
    private readonly env: GatewayEnv,
  ) {}

  /** For the browser that asks. */
  async ways(request: FastifyRequest): Promise<LoginWays> {
    const reason = insecureReason(request, this.env.PUBLIC_URL) ?? null;
    if (reason !== null) return { possible: false, reason, logged_in: false, ways: [], oidc_start: null };
    const logged_in = await this.hasSession(request);
    const { startUrl } = this.oidc;
    const code = isFromThisMachine(request) ? (['code'] as const) : [];
    const provider = startUrl === null ? [] : (['oidc'] as const);
    return { possible: true, reason, logged_in, ways: ['key', ...code, ...provider], oidc_start: startUrl };
  }

  /** @throws HttpError `insecure_connection`, `cross_site_request`, `unauthenticated`, `forbidden`, `too_many_requests` */
  async create(request: FastifyRequest, order: CreateSession): Promise<MadeSession> {
    this.requireSafe(request);
    this.requireOwnPage(request);
    if ('key' in order) return this.start(request, await this.byKey(order.key), 'key');
    return this.start(request, await this.byCode(request, order.code), 'code');
  }

  /** For a person whom the identity provider has just named. @throws HttpError `too_many_requests` */
  createFor(
    request: FastifyRequest,
    { tenantId, name, role }: Principal,
    displayName: string | null,
  ): Promise<MadeSession> {
    return this.start(request, { tenantId, of: { subject: name, displayName, role } }, 'oidc');
  }

  /** Administrators see those of the tenant, or of all keys of the installation, others their own. */
  async list(caller: AnyCaller, { cursor, limit }: SessionQuery): Promise<SessionPage> {
    const before = startOfPage(cursor);
    const rows = await (caller.tenantId === undefined
      ? this.ofInstallation.page(caller.keyId, before, limit)
      : this.sessions.page(caller.tenantId, before, limit, this.ownerFor(caller)));
    return {
      sessions: rows.map((row) => sessionView(row, caller.sessionId)),
      next_cursor: nextCursor(rows, limit, ({ sessionId }) => sessionId),
    };
  }

  /** @throws HttpError `not_found` when there is no such session that the caller may end */
  async revoke(request: FastifyRequest, caller: AnyCaller, sessionId: string): Promise<void> {
    if (!(await this.end(caller, sessionId, this.ownerFor(caller)))) throw notFound('session');
    const secret = sessionSecretIn(request.headers.cookie);
    if (sessionId === caller.sessionId && secret !== undefined) this.open.forget(secret);
  }

  /** @throws HttpError `insecure_connection` when the browser could keep no login */
  requireSafe(request: FastifyRequest): void {
    const detail = insecureReason(request, this.env.PUBLIC_URL);
    if (detail !== undefined) throw new HttpError('insecure_connection', { detail });
  }

  /** No while that cannot be found out: the ways to log in are shown without the database too. */
  private async hasSession({ headers }: FastifyRequest): Promise<boolean> {
    const known = sessionSecretIn(headers.cookie);
    if (known === undefined) return false;
    return (await this.open.find(known).catch(() => undefined)) !== undefined;
  }

  /** @param owner of a tenant's session, anybody when missing: the database knows which ones a key of the installation may end */
  private end({ tenantId, keyId, actor }: Ending, sessionId: string, owner?: SessionOwner): Promise<boolean> {
    return tenantId === undefined
      ? this.ofInstallation.revoke(keyId, actor, sessionId)
      : this.sessions.revoke(tenantId, actor, sessionId, owner);
  }

  private ownerFor(caller: AnyCaller): SessionOwner | undefined {
    return reaches(caller.role, 'admin') ? undefined : caller;
  }

  private requireOwnPage(request: FastifyRequest): void {
    const hasSession = sessionSecretIn(request.headers.cookie) !== undefined;
    const refusal = foreignRefusal(request, this.env.PUBLIC_URL, hasSession);
    if (refusal !== undefined) throw refusal;
  }

  private async byKey(text: string): Promise<Arrived> {
    const credential = credentialOf(`Bearer ${text}`);
    const principal = credential?.kind === 'key' ? await this.authenticator.authenticate(text) : undefined;
    if (principal?.keyId === undefined) throw new HttpError('unauthenticated', { detail: 'The key is not valid' });
    const { tenantId, keyId, name } = principal;
    return { tenantId, of: { keyId, name } };
  }

  private async byCode(request: FastifyRequest, code: string): Promise<Arrived> {
    if (!isFromThisMachine(request)) throw new HttpError('forbidden', { detail: notThisMachine });
    const holder = await this.codes.use(code);
    if (holder === undefined) throw new HttpError('unauthenticated', { detail: usedUp });
    const { tenantId, ...of } = holder;
    return { tenantId, of };
  }

  private async start(request: FastifyRequest, arrived: Arrived, madeBy: SessionOrigin): Promise<MadeSession> {
    const { of } = arrived;
    const who = 'keyId' in of ? of : { keyId: undefined, name: of.subject };
    const refusal = rateLimitRefusal(await this.limits.use(arrived.tenantId, principalId(who)));
    if (refusal !== undefined) throw refusal;
    const made = await this.make(arrived, madeBy, actorOf(request, who), this.boundsOf(request, arrived));
    if (made === undefined) throw new HttpError('unauthenticated', { detail: 'The key is not valid any more' });
    await this.replace(request);
    return made;
  }

  private async make(
    { tenantId, of }: Arrived,
    madeBy: SessionOrigin,
    actor: Actor,
    bounds: SessionBounds,
  ): Promise<MadeSession | undefined> {
    return tenantId === undefined
      ? this.ofInstallation.create(of.keyId, actor, bounds)
      : this.sessions.create(tenantId, actor, { ...bounds, of, madeBy });
  }

  private boundsOf(request: FastifyRequest, { of }: Arrived): SessionBounds {
    const { SESSION_IDLE_S: idleS, SESSION_MAX_S, SESSION_PERSON_MAX_S } = this.env;
    return {
      idleS,
      maxS: 'keyId' in of ? SESSION_MAX_S : SESSION_PERSON_MAX_S,
      userAgent: shortUserAgent(request.headers['user-agent']),
      network: networkOf(request.ip),
    };
  }

  /** A browser has one login: a new one ends the one before. */
  private async replace(request: FastifyRequest): Promise<void> {
    const shown = sessionSecretIn(request.headers.cookie);
    const before = shown === undefined ? undefined : await this.open.authenticate(shown);
    if (shown === undefined || before === undefined) return;
    await this.end({ ...before, actor: actorOf(request, before, before.sessionId) }, before.sessionId);
    this.open.forget(shown);
  }
}
