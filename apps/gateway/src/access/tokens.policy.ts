// What makes a token valid, and which principal a valid one represents.
import type { Principal } from '@pulser/context-bus';
import { HttpError, RoleName } from '@pulser/contracts';
import { ConfigError, isLoopback } from '@pulser/service-kit';
import { z } from 'zod';

import type { JwtEnv, KeyPairAlgorithm } from '../gateway.env.js';

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
  sub: z.string().min(1).max(255),
  exp: z.number(),
  app_metadata: z.object({ tenant_id: z.uuid().toLowerCase(), role: RoleName }),
});

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
    expiresAt: new Date(exp * 1_000),
  };
};
