import type { LimitVerdict } from '@pulser/context-bus';

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
