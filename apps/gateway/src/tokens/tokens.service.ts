import { Injectable } from '@nestjs/common';
import type { Principal } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Logger } from '@pulser/service-kit';
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';

import { GatewayEnv } from '../gateway.env.js';
import { KnownTenants } from './known-tenants.js';
import { personOf } from './person.policy.js';
import { signingKeys } from './signing-keys.js';
import { type TokenRules, tokenRules } from './token-rules.policy.js';

/** JSON Web Tokens (RFC 7519, checked as RFC 8725 asks for) of people whom an identity provider knows. */
@Injectable()
export class Tokens {
  private readonly rules: TokenRules | undefined;
  private readonly keyOf: JWTVerifyGetKey | undefined;

  /** @throws ConfigError */
  constructor(
    env: GatewayEnv,
    private readonly tenants: KnownTenants,
    private readonly logger: Logger,
  ) {
    this.rules = tokenRules(env);
    this.keyOf = this.rules && signingKeys(this.rules.keys);
  }

  /**
   * @returns undefined for a token that is not valid, and for all when no provider is configured
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
      // Whoever sent it is not told: to a forger every reason is a hint.
      this.logger.debug({ code: error.code, reason: error.message }, 'a token was refused');
      return undefined;
    }
  }
}
