// Tokens of people: what makes one valid, whom it stands for, the provider's public keys, the tenants that tokens name.
import { Injectable } from '@nestjs/common';
import { type Principal, Tenants } from '@pulser/context-bus';
import { HttpError, plainText, RoleName } from '@pulser/contracts';
import { type Breaker, Breakers, ConfigError, isLoopback, Logger } from '@pulser/service-kit';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';

import { GatewayEnv, type JwtEnv, type KeyPairAlgorithm } from '../gateway.env.js';

/** Where the keys that sign tokens are from. */
export type KeySource =
  { readonly secret: Uint8Array } | { readonly jwksUrl: URL; /** Seconds. */ readonly cooldownS: number };

/** All of it is configured: the token itself is not asked which algorithm, issuer or key to trust. */
export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly (KeyPairAlgorithm | 'HS256')[];
  readonly clockSkewS: number;
  readonly keys: KeySource;
}

const usual: readonly KeyPairAlgorithm[] = ['RS256', 'ES256'];

/** @returns undefined when no provider is configured. @throws ConfigError when the configuration is ambiguous */
export const tokenRules = (env: JwtEnv): TokenRules | undefined => {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_SECRET: secret, JWT_CLOCK_SKEW_S: clockSkewS } = env;
  if (issuer === undefined) {
    const set = firstSet(env, ['JWT_AUDIENCE', 'JWT_JWKS_URL', 'JWT_ALGORITHMS', 'JWT_SECRET']);
    if (set !== undefined)
      throw new ConfigError(`JWT_ISSUER is not set, and ${set} is: without it no token is accepted`);
    return undefined;
  }
  if (audience === undefined) {
    throw new ConfigError('JWT_AUDIENCE is not set: the tokens of JWT_ISSUER that are for others would be accepted');
  }
  const signing = secret === undefined ? keyPairRules(env, issuer) : secretRules(env, secret);
  return { issuer, audience, clockSkewS, ...signing };
};

const firstSet = (env: JwtEnv, names: readonly (keyof JwtEnv)[]): string | undefined =>
  names.find((name) => env[name] !== undefined);

const secretRules = (env: JwtEnv, secret: string): Pick<TokenRules, 'algorithms' | 'keys'> => {
  const other = firstSet(env, ['JWT_JWKS_URL', 'JWT_ALGORITHMS']);
  if (other !== undefined)
    throw new ConfigError(`JWT_SECRET and ${other} are set: tokens are signed one way or another`);
  return { algorithms: ['HS256'], keys: { secret: new TextEncoder().encode(secret) } };
};

const keyPairRules = (env: JwtEnv, issuer: string): Pick<TokenRules, 'algorithms' | 'keys'> => ({
  algorithms: env.JWT_ALGORITHMS ?? usual,
  keys: { jwksUrl: jwksUrlOf(env, issuer), cooldownS: env.JWT_JWKS_COOLDOWN_S },
});

const jwksUrlOf = ({ JWT_JWKS_URL }: JwtEnv, issuer: string): URL => {
  const url = new URL(JWT_JWKS_URL ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`);
  // An attacker who can change the answer on its way could sign tokens.
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  if (isSafe) return url;
  throw new ConfigError('JWT_JWKS_URL, or JWT_ISSUER below which the keys are, must begin with https://');
};

/**
 * What is read of a valid token. Administrators of the provider write `app_metadata`; `user_metadata`, which the person
 * may write, is never read.
 */
const Claims = z.object({
  sub: plainText(255).min(1),
  exp: z.number(),
  app_metadata: z.object({ tenant_id: z.uuid().toLowerCase(), role: RoleName }),
});

/** The last one with four digits of the year: what a token says beyond it cannot be shown, or is no date at all. */
const lastInstantMs = Date.parse('9999-12-31T23:59:59Z');

/** @throws HttpError `forbidden` when the claims of a valid token name no tenant and role */
export const personOf = (claims: unknown): Principal => {
  const { success, data } = Claims.safeParse(claims);
  if (!success) {
    const detail = 'The token says no tenant_id and role in its app_metadata, or no such role';
    throw new HttpError('forbidden', { detail });
  }
  const { sub, exp, app_metadata: rights } = data;
  return {
    tenantId: rights.tenant_id,
    keyId: undefined,
    name: sub,
    role: rights.role,
    allowedTaskTypes: null,
    expiresAt: new Date(Math.min(exp * 1_000, lastInstantMs)),
  };
};

/** What a provider answered a login with. */
export interface LoginTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

export interface PersonOfLogin {
  readonly principal: Principal;
  readonly displayName: string | null;
}

const DisplayName = plainText(200).min(1);

/** The first of the usual claims that is a text which can be shown. */
export const displayNameIn = (claims: JWTPayload): string | null =>
  ['name', 'preferred_username', 'email']
    .map((name) => DisplayName.safeParse(claims[name]).data)
    .find((name) => name !== undefined) ?? null;

/** JSON Web Tokens (RFC 7519, checked as RFC 8725 asks for) of the users of an identity provider. */
@Injectable()
export class Tokens {
  private readonly rules: TokenRules | undefined;
  private readonly keyOf: JWTVerifyGetKey | undefined;
  private readonly tenants: KnownTenants;

  /** @throws ConfigError */
  constructor(
    env: GatewayEnv,
    tenants: Tenants,
    private readonly logger: Logger,
    breakers: Breakers,
  ) {
    this.rules = tokenRules(env);
    const breaker = breakers.of('identity_provider', { member: 'keys', isFailure: () => true });
    this.keyOf = this.rules && signingKeys(this.rules.keys, breaker);
    this.tenants = new KnownTenants(tenants);
  }

  /**
   * @returns undefined for a token that is not valid, and for every token when no provider is configured
   * @throws HttpError `forbidden` when a valid one gives no rights; `identity_provider_unavailable`. DatabaseUnavailable
   */
  async authenticate(token: string): Promise<Principal | undefined> {
    const claims = await this.claimsOf(token);
    if (claims === undefined) return undefined;
    const person = personOf(claims);
    await this.requireTenant(person.tenantId);
    return person;
  }

  /**
   * The person of a login. Its identity token, which is for the client alone, says who it is. It says the rights too, or else
   * the access token does, which must be for JWT_AUDIENCE and the same person.
   * @returns undefined when the identity token is not valid
   * @throws HttpError `forbidden` when neither gives rights; `identity_provider_unavailable`. DatabaseUnavailable
   */
  async personOfLogin({ idToken, accessToken }: LoginTokens, clientId: string): Promise<PersonOfLogin | undefined> {
    const claims = await this.claimsOf(idToken, clientId);
    if (claims === undefined) return undefined;
    const access = claims['app_metadata'] === undefined ? await this.claimsOf(accessToken) : undefined;
    const principal = personOf(access?.sub === claims.sub && access !== undefined ? access : claims);
    await this.requireTenant(principal.tenantId);
    return { principal, displayName: displayNameIn(claims) };
  }

  private async requireTenant(tenantId: string): Promise<void> {
    if (await this.tenants.has(tenantId)) return;
    throw new HttpError('forbidden', {
      detail: 'There is no tenant of the tenant_id in the app_metadata of the token',
    });
  }

  private async claimsOf(token: string, forClient?: string): Promise<JWTPayload | undefined> {
    const { rules, keyOf } = this;
    if (rules === undefined || keyOf === undefined) return undefined;
    const { issuer, algorithms, clockSkewS: clockTolerance } = rules;
    const audience = forClient ?? rules.audience;
    try {
      const required = { issuer, audience, requiredClaims: ['exp', 'sub'] };
      return (await jwtVerify(token, keyOf, { ...required, algorithms: [...algorithms], clockTolerance })).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      // Only logged: in an answer every reason would be a hint to a forger.
      this.logger.debug({ code: error.code, reason: error.message }, 'a token was refused');
      return undefined;
    }
  }
}

/** Caches for 1 s that a tenant exists, so that tokens cost no read per request. */
class KnownTenants {
  private static readonly cacheMs = 1_000;
  private static readonly maxCached = 10_000;
  private readonly until = new Map<string, number>();

  constructor(private readonly tenants: Tenants) {}

  /** @throws DatabaseUnavailable */
  async has(tenantId: string): Promise<boolean> {
    const known = this.until.get(tenantId);
    if (known !== undefined && known > performance.now()) return true;
    if ((await this.tenants.nameOf(tenantId)) === undefined) return false;
    if (this.until.size >= KnownTenants.maxCached) this.until.clear();
    this.until.set(tenantId, performance.now() + KnownTenants.cacheMs);
    return true;
  }
}

/**
 * Finds the key of a token. Public keys are fetched for the first token, every ten minutes, and when a token names an
 * unknown one, but not sooner than the cooldown allows.
 * @throws HttpError `identity_provider_unavailable` when they cannot be fetched
 */
const signingKeys = (source: KeySource, breaker: Breaker): JWTVerifyGetKey => {
  if ('secret' in source) return () => source.secret;
  const remote = createRemoteJWKSet(source.jwksUrl, {
    cooldownDuration: source.cooldownS * 1_000,
    [customFetch]: fetchThrough(breaker),
  });
  return (header, token) => remote(header, token).catch(refuseUnavailable);
};

const fetchThrough =
  (breaker: Breaker): FetchImplementation =>
  (url, options) =>
    breaker.run(async () => {
      // eslint-disable-next-line no-restricted-globals -- the operator names the address, and it may be in a private network
      const answer = await fetch(url, options);
      if (answer.status >= 500) throw new Error(`The provider answers ${answer.status}`);
      return answer;
    });

// Faults of what the token asks for, not of what the provider answers.
const faultsOfTokens: ReadonlySet<string> = new Set([
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
  errors.JOSENotSupported.code,
]);

const isFaultOfToken = (error: unknown): boolean => error instanceof errors.JOSEError && faultsOfTokens.has(error.code);

const refuseUnavailable = (cause: unknown): never => {
  throw isFaultOfToken(cause) ? cause : new HttpError('identity_provider_unavailable', { retryAfterS: 1, cause });
};
