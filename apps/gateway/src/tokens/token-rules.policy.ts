import { ConfigError, isLoopback } from '@pulser/service-kit';

import type { JwtEnv, KeyPairAlgorithm } from './jwt.env.js';

/** Where keys are from. */
export type KeySource =
  { readonly secret: Uint8Array } | { readonly jwksUrl: URL; /** Seconds. */ readonly cooldownS: number };

/** What makes a token valid. All of it is configured: nothing is believed of the token itself. */
export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly (KeyPairAlgorithm | 'HS256')[];
  readonly clockSkewS: number;
  readonly keys: KeySource;
}

const usual: readonly KeyPairAlgorithm[] = ['RS256', 'ES256'];

const firstSet = (env: JwtEnv, names: readonly (keyof JwtEnv)[]): string | undefined =>
  names.find((name) => env[name] !== undefined);

const jwksUrlOf = ({ JWT_JWKS_URL }: JwtEnv, issuer: string): URL => {
  const url = new URL(JWT_JWKS_URL ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`);
  // Whoever can change the answer on its way could sign tokens.
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  if (isSafe) return url;
  throw new ConfigError('JWT_JWKS_URL, or JWT_ISSUER below which the keys are, must begin with https://');
};

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

/** @returns undefined when no tokens are accepted. @throws ConfigError when it is not clear which are */
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
