import { z } from 'zod';

import type { RateLimitsOptions } from './rate-limits.js';

const quota = (usual: number, text: string) =>
  z.coerce.number().int().min(1).max(2_000_000_000).default(usual).describe(text);

/** Settings of services that accept tasks. */
export const admissionEnv = {
  QUEUE_QUOTA: quota(100_000, 'Most tasks of a tenant that may wait, unless the tenant has a quota of its own'),
  DAILY_QUOTA: quota(
    10_000_000,
    'Most tasks that a tenant may submit a day (UTC), unless the tenant has a quota of its own',
  ),
};

export type AdmissionSettings = { [K in keyof typeof admissionEnv]: z.output<(typeof admissionEnv)[K]> };

const rate = (usual: number, text: string) => z.coerce.number().positive().max(1_000_000).default(usual).describe(text);

const burst = (usual: number, text: string) =>
  z.coerce.number().int().min(1).max(10_000_000).default(usual).describe(text);

/** Settings of services that take requests. */
export const rateLimitEnv = {
  RATE_LIMIT_KEY_PER_S: rate(1_000, 'Requests a second of one API key, over all gateways'),
  RATE_LIMIT_KEY_BURST: burst(2_000, 'Requests that one API key may save up and make at once'),
  RATE_LIMIT_TENANT_PER_S: rate(2_000, 'Requests a second of all API keys of a tenant'),
  RATE_LIMIT_TENANT_BURST: burst(4_000, 'Requests that a tenant may save up and make at once'),
};

/** The settings as limits of buckets. */
export const rateLimitsOf = (env: RateLimitSettings): RateLimitsOptions => ({
  key: { perS: env.RATE_LIMIT_KEY_PER_S, burst: env.RATE_LIMIT_KEY_BURST },
  tenant: { perS: env.RATE_LIMIT_TENANT_PER_S, burst: env.RATE_LIMIT_TENANT_BURST },
});

type RateLimitSettings = { [K in keyof typeof rateLimitEnv]: z.output<(typeof rateLimitEnv)[K]> };
