// Tokens of people: the provider's public keys, the tenants that tokens name, and the check itself.
import { Injectable } from '@nestjs/common';
import { type Principal, Tenants } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Logger } from '@pulser/service-kit';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';

import { GatewayEnv } from '../gateway.env.js';
import { type KeySource, personOf, type TokenRules, tokenRules } from './tokens.policy.js';

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
  ) {
    this.rules = tokenRules(env);
    this.keyOf = this.rules && signingKeys(this.rules.keys);
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
    if (await this.tenants.has(person.tenantId)) return person;
    throw new HttpError('forbidden', {
      detail: 'There is no tenant of the tenant_id in the app_metadata of the token',
    });
  }

  private async claimsOf(token: string): Promise<JWTPayload | undefined> {
    const { rules, keyOf } = this;
    if (rules === undefined || keyOf === undefined) return undefined;
    const { issuer, audience, algorithms, clockSkewS: clockTolerance } = rules;
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
const signingKeys = (source: KeySource): JWTVerifyGetKey => {
  if ('secret' in source) return () => source.secret;
  const remote = createRemoteJWKSet(source.jwksUrl, {
    cooldownDuration: source.cooldownS * 1_000,
    [customFetch]: fetchWithPause(),
  });
  return (header, token) => remote(header, token).catch(refuseUnavailable);
};

/** A provider that does not answer is not asked again for this long, in milliseconds. */
const failureMs = 1_000;

const fetchWithPause = (): FetchImplementation => {
  let failed: { readonly until: number; readonly error: unknown } | undefined;
  return async (url, options) => {
    if (failed !== undefined && failed.until > performance.now()) throw failed.error;
    // eslint-disable-next-line no-restricted-globals -- the operator names the address, and it may be in a private network
    return fetch(url, options).catch((error: unknown) => {
      failed = { until: performance.now() + failureMs, error };
      throw error;
    });
  };
};

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
