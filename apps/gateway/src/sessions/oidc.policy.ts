// What a login at the identity provider is configured with, and what a browser keeps while its user is there.
import { HttpError, type HttpErrorCode, isOutage, type LoginFailure } from '@pulser/contracts';
import { ConfigError, isLoopback } from '@pulser/service-kit';
import { z } from 'zod';

import type { JwtEnv, OidcEnv } from '../gateway.env.js';

export interface OidcRules {
  /** Whose tokens are accepted anyway: their `iss`, below which the provider describes itself. */
  readonly issuer: URL;
  readonly clientId: string;
  /** Undefined: a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly scopes: string;
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
  readonly startUrl: string;
}

const below = '/api/v1/sessions/oidc';

/** Whether what is sent there cannot be read or changed on the way. */
export const isSafeUrl = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[(.*)\]$/, '$1')));

/** @returns undefined when people do not log in so. @throws ConfigError when a variable that it needs is missing */
export const oidcRules = (env: OidcEnv & Pick<JwtEnv, 'JWT_ISSUER'>): OidcRules | undefined => {
  const { OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, PUBLIC_URL: publicUrl } = env;
  if (clientId === undefined) {
    if (clientSecret === undefined) return undefined;
    throw new ConfigError('OIDC_CLIENT_SECRET is set, and OIDC_CLIENT_ID is not: nobody can log in with it');
  }
  if (env.JWT_ISSUER === undefined)
    throw new ConfigError('OIDC_CLIENT_ID is set, and JWT_ISSUER is not: at which provider?');
  if (publicUrl === undefined)
    throw new ConfigError(
      'OIDC_CLIENT_ID is set, and PUBLIC_URL is not: the provider must know where to send browsers back to',
    );
  if (!isSafeUrl(new URL(publicUrl)))
    throw new ConfigError('PUBLIC_URL must begin with https://: over plain http a browser keeps no login');
  return {
    issuer: new URL(env.JWT_ISSUER),
    clientId,
    clientSecret,
    scopes: env.OIDC_SCOPES,
    redirectUri: `${publicUrl}${below}/callback`,
    startUrl: `${publicUrl}${below}/start`,
  };
};

/** Where a login leads to: a place of the page, whatever a link says. */
export const ReturnPath = z
  .string()
  .max(1_000)
  .transform((path, context) => {
    const url = /^\/[^/\\]/.test(path) ? URL.parse(path, 'http://page') : null;
    if (url?.origin === 'http://page' && /^\/ui(?:\/|$)/.test(url.pathname))
      return url.pathname + url.search + url.hash;
    context.addIssue({ code: 'custom', message: 'Must be a path of the page: /ui/...' });
    return z.NEVER;
  });

const random = z.string().regex(/^[\w-]{43,128}$/);

/** What must come back with the browser. */
const Attempt = z.strictObject({ state: random, nonce: random, verifier: random, returnTo: ReturnPath });
export type Attempt = z.infer<typeof Attempt>;

/** As the value of a cookie. */
export const attemptText = (attempt: Attempt): string => Buffer.from(JSON.stringify(attempt)).toString('base64url');

/** @returns undefined when it is none of ours */
export const attemptIn = (text: string | undefined): Attempt | undefined => {
  if (text === undefined) return undefined;
  try {
    return Attempt.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
};

/** A login at the provider that made no session: for the person in front of the browser, not for a program. */
export class LoginFailed extends Error {
  constructor(
    readonly failure: LoginFailure,
    message: string,
  ) {
    super(message);
    this.name = 'LoginFailed';
  }
}

const byCode: Readonly<Partial<Record<HttpErrorCode, LoginFailure>>> = {
  // The person is known, and has no right here or no tenant any more.
  forbidden: 'no_rights',
  unauthenticated: 'no_rights',
  identity_provider_unavailable: 'unavailable',
  too_many_requests: 'too_many',
  insecure_connection: 'insecure',
};

/** Why there is no session. @returns undefined for what is no matter of the login: a bad link, a fault of ours */
export const loginFailureOf = (error: unknown): LoginFailure | undefined => {
  if (error instanceof LoginFailed) return error.failure;
  if (isOutage(error)) return 'unavailable';
  return error instanceof HttpError ? byCode[error.code] : undefined;
};

/** The login of the page, which says why in a sentence. @param returnTo where the login would have led: the next one does */
export const failedLoginPath = (failed: LoginFailure, returnTo: string): string => {
  const back = returnTo.replace(/^\/ui(?=\/|$)/, '');
  const query = new URLSearchParams({ failed });
  if (back !== '' && back !== '/') query.set('back', back);
  return `/ui/login?${query.toString()}`;
};
