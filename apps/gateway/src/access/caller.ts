// Who makes a request, and how often it may: the credential, the guard that binds the caller to the request, the parameters
// by which handlers get it, and the guard that bounds its requests.
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  type Actor,
  Authenticator,
  type LimitVerdict,
  type Principal,
  principalId,
  RateLimits,
} from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Public, Tracer } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Tokens } from './tokens.service.js';

/** The principal that makes a request, and how the audit trail names it. */
export interface RequestCaller extends Principal {
  readonly actor: Actor;
}

const bound = Symbol('caller');

interface BoundRequest extends FastifyRequest {
  [bound]?: RequestCaller;
}

export const bindCaller = (request: BoundRequest, principal: Principal): void => {
  request[bound] = { ...principal, actor: actorOf(request, principal) };
};

/** Undefined on a public route. */
export const knownCallerOf = (context: ExecutionContext): RequestCaller | undefined =>
  context.switchToHttp().getRequest<BoundRequest>()[bound];

const callerOf = (context: ExecutionContext): RequestCaller => {
  const caller = knownCallerOf(context);
  if (caller === undefined) throw new Error('A public route asked who its caller is');
  return caller;
};

/** Parameter of a handler: the caller. @throws Error on a public route */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): RequestCaller =>
  callerOf(context),
);

/** Parameter of a handler: id of the caller's tenant. @throws Error on a public route */
export const TenantId = createParamDecorator(
  (_: undefined, context: ExecutionContext): string => callerOf(context).tenantId,
);

const actorOf = ({ ip, method, routeOptions }: FastifyRequest, principal: Principal): Actor => ({
  kind: principal.keyId === undefined ? 'person' : 'key',
  id: principalId(principal),
  name: principal.name,
  origin: ip,
  via: `${method} ${routeOptions.url ?? ''}`,
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
const adviceFor = (header: string | undefined): string =>
  credentialOf(header) === undefined
    ? 'Send the key or token as the header `Authorization: Bearer <key>`'
    : 'The key or token of the header Authorization is not valid, or not any more';

/** Refuses requests without a valid API key or token, except on routes that are `@Public()`. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: Tokens,
    private readonly reflector: Reflector,
    private readonly tracer: Tracer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isPublic(context)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const caller = await this.authenticate(request);
    if (caller === undefined) {
      http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
      throw new HttpError('unauthenticated', { detail: adviceFor(request.headers.authorization) });
    }
    bindCaller(request, caller);
    this.tracer.workFor(caller.tenantId);
    return true;
  }

  private isPublic(context: ExecutionContext): boolean {
    return this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()]);
  }

  private async authenticate(request: FastifyRequest): Promise<Principal | undefined> {
    const credential = credentialOf(request.headers.authorization);
    if (credential === undefined) return undefined;
    const { kind, text } = credential;
    return kind === 'key' ? this.authenticator.authenticate(text) : this.tokens.authenticate(text);
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

/** Bounds the requests of a key and of a tenant. Public routes are not counted. */
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
