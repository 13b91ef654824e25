// Who makes a request, and how often it may: the credential, the guard that binds the caller to the request, the parameters
// by which handlers get it, and the guard that bounds its requests.
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  type Actor,
  type AnyPrincipal,
  Authenticator,
  type InstallationPrincipal,
  type LimitVerdict,
  type Principal,
  principalId,
  RateLimits,
  SessionAuthenticator,
  type SessionPrincipal,
} from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Public, Tracer } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { GatewayEnv } from '../gateway.env.js';
import { crossSiteRefusal } from './browser.policy.js';
import { sessionSecretIn } from './session-cookie.policy.js';
import { Tokens } from './tokens.service.js';

/** The principal that makes a request, and how the audit trail names it. */
export interface RequestCaller extends Principal {
  readonly actor: Actor;
  /** Of the session that the request came with; undefined when it showed a key or a token. */
  readonly sessionId: string | undefined;
}

/** The same of a key of the installation. */
export interface InstallationCaller extends InstallationPrincipal {
  readonly actor: Actor;
  readonly sessionId: string | undefined;
}

/** Whoever makes a request. */
export type AnyCaller = RequestCaller | InstallationCaller;

const bound = Symbol('caller');
const again = Symbol('authenticate again');

interface BoundRequest extends FastifyRequest {
  [bound]?: AnyCaller;
  /** Finds out once more who the credential of the request stands for. */
  [again]?: () => Promise<AnyPrincipal | undefined>;
}

type Found = AnyPrincipal | SessionPrincipal;

export const bindCaller = (request: BoundRequest, principal: Found): void => {
  const sessionId = 'sessionId' in principal ? principal.sessionId : undefined;
  request[bound] = { ...principal, sessionId, actor: actorOf(request, principal, sessionId) };
};

// What the authenticators say of a credential that is not good any more; anything else says nothing about it.
const isRefusal = (error: unknown): boolean =>
  error instanceof HttpError && (error.code === 'forbidden' || error.code === 'unauthenticated');

/**
 * Whether the caller of a request that goes on for long would be let in again: the same one, of the same tenant. Answers yes
 * while that cannot be found out.
 */
export const isStillLetIn = async (request: BoundRequest): Promise<boolean> => {
  const { [bound]: before, [again]: authenticate } = request;
  if (before === undefined || authenticate === undefined) return false;
  try {
    const now = await authenticate();
    return now !== undefined && now.tenantId === before.tenantId && principalId(now) === principalId(before);
  } catch (error) {
    return !isRefusal(error);
  }
};

/** Undefined on a public route. */
export const knownCallerOf = (context: ExecutionContext): AnyCaller | undefined =>
  context.switchToHttp().getRequest<BoundRequest>()[bound];

const anyCallerOf = (context: ExecutionContext): AnyCaller => {
  const caller = knownCallerOf(context);
  if (caller === undefined) throw new Error('A public route asked who its caller is');
  return caller;
};

// The guard of roles has refused the others.
const callerOf = (context: ExecutionContext): RequestCaller => {
  const caller = anyCallerOf(context);
  if (caller.tenantId === undefined) throw new Error('A route of the installation asked for a tenant');
  return caller;
};

/** Parameter of a handler of a route for everybody. @throws Error on a public route */
export const EveryCaller = createParamDecorator((_: undefined, context: ExecutionContext): AnyCaller =>
  anyCallerOf(context),
);

/** Parameter of a handler of a route of the installation. @throws Error on a route that others may call */
export const OfInstallation = createParamDecorator((_: undefined, context: ExecutionContext): InstallationCaller => {
  const caller = anyCallerOf(context);
  if (caller.tenantId !== undefined) throw new Error('A route of tenants asked for an operator of the installation');
  return caller;
});

/** Parameter of a handler: the caller. @throws Error on a public route */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): RequestCaller =>
  callerOf(context),
);

/** The tenant of the caller; undefined for the installation. @throws Error on a public route */
export const tenantOf = (context: ExecutionContext): string | undefined => anyCallerOf(context).tenantId;

/** Parameter of a handler: id of the caller's tenant. @throws Error on a public route */
export const TenantId = createParamDecorator(
  (_: undefined, context: ExecutionContext): string => callerOf(context).tenantId,
);

/** Who changes something by this request, for the audit trail. */
export const actorOf = (
  { ip, method, routeOptions }: FastifyRequest,
  principal: Pick<AnyPrincipal, 'keyId' | 'name'>,
  sessionId?: string,
): Actor => ({
  kind: principal.keyId === undefined ? 'person' : 'key',
  id: principalId(principal),
  name: principal.name,
  origin: ip,
  via: `${method} ${routeOptions.url ?? ''}`,
  ...(sessionId !== undefined && { sessionId }),
});

/** What a request shows to be let in: an API key, or a JSON Web Token of an identity provider. */
export type Credential =
  { readonly kind: 'key'; readonly text: string } | { readonly kind: 'token'; readonly text: string };

const bearer = /^bearer +([\x21-\x7e]+)$/i;

const maxHeaderBytes = 8_192;

// A longer text is no key of Pulser, and would only fill the cache of the authenticator.
const maxKeyLength = 200;

// Three parts of base64url (RFC 7515): a key has no dots.
const compactToken = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/** What an `Authorization: Bearer ...` header (RFC 6750) shows; undefined when it can be nothing that is accepted. */
export const credentialOf = (header = ''): Credential | undefined => {
  const text = header.length > maxHeaderBytes ? undefined : bearer.exec(header)?.[1];
  if (text === undefined) return undefined;
  if (compactToken.test(text)) return { kind: 'token', text };
  return text.length > maxKeyLength ? undefined : { kind: 'key', text };
};

// Nothing more about one that is not valid: every reason would be a hint.
const adviceFor = ({ authorization, cookie }: FastifyRequest['headers']): string => {
  if (authorization === undefined && sessionSecretIn(cookie) !== undefined)
    return 'The session has ended: log in again';
  return credentialOf(authorization) === undefined
    ? 'Send the key or token as the header `Authorization: Bearer <key>`'
    : 'The key or token of the header Authorization is not valid, or not any more';
};

/** Refuses requests without a valid API key, token or session, except on routes that are `@Public()`. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: Tokens,
    private readonly sessions: SessionAuthenticator,
    private readonly env: GatewayEnv,
    private readonly reflector: Reflector,
    private readonly tracer: Tracer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isPublic(context)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<BoundRequest>();
    const caller = await this.authenticate(request);
    if (caller === undefined) {
      http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
      throw await this.refusal(request);
    }
    bindCaller(request, caller);
    request[again] = () => this.authenticateAgain(request, caller);
    if (caller.tenantId !== undefined) this.tracer.workFor(caller.tenantId);
    return true;
  }

  /** Who has the secret of a session may know why it ended. */
  private async refusal({ headers }: FastifyRequest): Promise<HttpError> {
    const secret = headers.authorization === undefined ? sessionSecretIn(headers.cookie) : undefined;
    const end = secret === undefined ? undefined : await this.sessions.endOf(secret);
    const detail = adviceFor(headers);
    return new HttpError('unauthenticated', { detail, ...(end !== undefined && { extensions: { session_end: end } }) });
  }

  private isPublic(context: ExecutionContext): boolean {
    return this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()]);
  }

  // Whoever sends the header means it: a cookie is sent along by the browser, unasked.
  private async authenticate(request: FastifyRequest): Promise<Found | undefined> {
    const { authorization } = request.headers;
    if (authorization === undefined) return this.bySession(request);
    const credential = credentialOf(authorization);
    if (credential === undefined) return undefined;
    const { kind, text } = credential;
    return kind === 'key' ? this.authenticator.authenticate(text) : this.tokens.authenticate(text);
  }

  /** @throws HttpError `cross_site_request` */
  private async bySession(request: FastifyRequest): Promise<SessionPrincipal | undefined> {
    const shown = sessionSecretIn(request.headers.cookie);
    if (shown === undefined) return undefined;
    const refusal = crossSiteRefusal(request, this.env.PUBLIC_URL);
    if (refusal !== undefined) throw refusal;
    return this.sessions.authenticate(shown);
  }

  /** Of a request that goes on: that it is open is no use of its session, and a token stays what it is until it expires. */
  private async authenticateAgain(request: FastifyRequest, before: Found): Promise<Found | undefined> {
    if ('sessionId' in before) return this.sessions.find(sessionSecretIn(request.headers.cookie) ?? '');
    const isToken = before.keyId === undefined && before.expiresAt !== null && before.expiresAt.getTime() > Date.now();
    return isToken ? before : this.authenticate(request);
  }
}

/**
 * The fields of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers-09 for token buckets: `q` is the
 * most requests at once, `w` the seconds in which an empty bucket fills, `r` the requests left and `t` the seconds until
 * the bucket is full again.
 */
export const rateLimitHeaders = (verdicts: readonly LimitVerdict[]): Record<string, string> => ({
  'ratelimit-policy': verdicts.map(policy).join(', '),
  ratelimit: verdicts.map(state).join(', '),
});

const seconds = (tokens: number, perS: number): number => Math.max(0, Math.ceil(tokens / perS));

const policy = ({ name, burst, perS }: LimitVerdict): string => `"${name}";q=${burst};w=${seconds(burst, perS)}`;

const state = ({ name, remaining, burst, perS }: LimitVerdict): string =>
  `"${name}";r=${remaining};t=${seconds(burst - remaining, perS)}`;

/** The refusal of a request that a limit does not allow. */
export const rateLimitRefusal = (verdicts: readonly LimitVerdict[]): HttpError | undefined => {
  const refused = verdicts.find(({ allowed }) => !allowed);
  if (refused === undefined) return undefined;
  const { name, perS, burst, retryAfterS } = refused;
  return new HttpError('too_many_requests', {
    detail: `A ${name} may make ${perS} requests a second, and ${burst} at once`,
    extensions: { limit: name },
    retryAfterS,
  });
};

/** Bounds the requests of a key and of a tenant; a key of the installation has the limit of a key. Public routes are not counted. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limits: RateLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const caller = knownCallerOf(context);
    if (caller === undefined) return true;
    const verdicts = await this.limits.use(caller.tenantId, principalId(caller));
    context.switchToHttp().getResponse<FastifyReply>().headers(rateLimitHeaders(verdicts));
    const refusal = rateLimitRefusal(verdicts);
    if (refusal === undefined) return true;
    throw refusal;
  }
}
