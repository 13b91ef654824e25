import { HttpError } from '@pulser/contracts';
import { createRemoteJWKSet, customFetch, errors, type FetchImplementation, type JWTVerifyGetKey } from 'jose';

import type { KeySource } from './token-rules.policy.js';

/** A provider that does not answer is left alone for this long, in milliseconds. */
const failureMs = 1_000;

// What the token asks for, and not what the provider answers.
const faultsOfTokens: ReadonlySet<string> = new Set([
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
  errors.JOSENotSupported.code,
]);

const isFaultOfToken = (error: unknown): boolean => error instanceof errors.JOSEError && faultsOfTokens.has(error.code);

const refuseUnavailable = (cause: unknown): never => {
  throw isFaultOfToken(cause) ? cause : new HttpError('identity_provider_unavailable', { retryAfterS: 1, cause });
};

const fetchAtMostOnceAMoment = (): FetchImplementation => {
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

/**
 * Finds the key of a token. Public keys are fetched when the first token comes, every ten minutes, and when a token
 * names one that is not known, but not sooner than the cooldown allows.
 * @throws HttpError `identity_provider_unavailable` when they cannot be fetched
 */
export const signingKeys = (source: KeySource): JWTVerifyGetKey => {
  if ('secret' in source) return () => source.secret;
  const remote = createRemoteJWKSet(source.jwksUrl, {
    cooldownDuration: source.cooldownS * 1_000,
    [customFetch]: fetchAtMostOnceAMoment(),
  });
  return (header, token) => remote(header, token).catch(refuseUnavailable);
};
