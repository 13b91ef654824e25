// The variables that every service has, and those of services that clients outside reach.
import { z } from 'zod';

import { commaSeparated } from './variables.js';

/** Variables of every service; spread into its own: `Env({ ...BaseEnv, ... })`. */
export const BaseEnv = {
  PORT: z.coerce.number().int().min(0).max(65_535).optional().describe('HTTP port; 0 picks a free one'),
  // Every address, because a container's loopback is unreachable from its neighbours; embedded mode passes 127.0.0.1.
  HOST: z.string().default('0.0.0.0').describe('Address the HTTP server listens on'),
  NODE_ENV: z
    .string()
    .optional()
    .describe(
      'Default passwords are refused always in `production`, never in `development`, else where others reach HOST',
    ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least severity that is logged'),
  LOG_PRETTY: z.stringbool().default(false).describe('Log for human eyes instead of JSON'),
  SHUTDOWN_TIMEOUT_S: z.coerce
    .number()
    .min(0)
    .max(600)
    .default(10)
    .describe('Seconds that running work gets to end after SIGTERM'),
  SHUTDOWN_DELAY_S: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe(
      'Seconds after SIGTERM in which the service still takes requests and only says that it is not ready, so that proxies notice; SHUTDOWN_TIMEOUT_S comes after them',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base URL of an OTLP/HTTP collector; traces are exported when it is set'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of new traces that is exported, from 0 to 1'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'it must be 16 to 200 visible ASCII characters')
    .optional()
    .describe('Bearer token that /metrics asks for, 16 to 200 characters; without it every client may read them'),
};
export type BaseEnv = Readonly<z.output<z.ZodObject<typeof BaseEnv>>>;

/** Further variables of a service that clients outside reach: `Env({ ...BaseEnv, ...PublicEnv, ... })`. */
export const PublicEnv = {
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform(commaSeparated)
    .describe('Origins of web pages that may call the API, comma separated; none by default'),
  TRUST_PROXY: z
    .string()
    .default('')
    .transform(commaSeparated)
    .describe('Addresses or CIDR blocks of reverse proxies whose X-Forwarded-* headers count, comma separated'),
  DOCS: z
    .enum(['public', 'key', 'off'])
    .default('public')
    .describe(
      'Who may read /docs: public is everyone, key asks for an API key (a browser asks for it as the password) or a login, off serves none',
    ),
};
export type PublicEnv = Readonly<z.output<z.ZodObject<typeof PublicEnv>>>;
