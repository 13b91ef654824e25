// The variables of the client.
import { z } from 'zod';

import { AllowEntry } from '../address/reachable.policy.js';
import type { OutgoingRules } from './outgoing-client.js';
import { outgoingSettings, type OutgoingSettings } from './outgoing-settings.js';

const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const originOf = (text: string): string | undefined => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return url.href === `${url.origin}/` ? url.origin : undefined;
};

const Origin = z.string().transform((text, context): string => {
  const origin = originOf(text);
  if (origin !== undefined) return origin;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no origin like http://127.0.0.1:8000` });
  return z.NEVER;
});

const megabyte = 1_048_576;

/** Variables of every service that makes requests to addresses that users name. */
export const outgoingEnv = {
  OUTGOING_SCHEMES: z
    .string()
    .default('http,https')
    .transform(list)
    .pipe(z.array(z.enum(['http', 'https'])).min(1))
    .describe('Schemes of URLs that tasks may ask for, comma separated'),
  OUTGOING_PORTS: z
    .string()
    .default('80,443,8080,8443')
    .transform(list)
    .pipe(z.array(z.coerce.number<string>().int().min(1).max(65_535)).min(1))
    .describe('Ports that tasks may ask, comma separated'),
  OUTGOING_ALLOW: z
    .string()
    .default('')
    .transform(list)
    .pipe(z.array(AllowEntry))
    .describe('Host names, addresses or CIDR blocks that tasks may ask although they are private, comma separated'),
  OUTGOING_ORIGINS: z
    .string()
    .default('')
    .transform(list)
    .pipe(z.array(Origin))
    .describe(
      'Origins, like http://127.0.0.1:8000, that tasks may ask although host or port are not open, comma separated',
    ),
  OUTGOING_TIMEOUT_S: z.coerce
    .number()
    .min(0.1)
    .max(3_600)
    .default(60)
    .describe('Seconds that a request may take with all its redirects'),
  OUTGOING_IDLE_TIMEOUT_S: z.coerce
    .number()
    .min(0.1)
    .max(3_600)
    .default(30)
    .describe('Seconds that the other side of a request may be silent'),
  OUTGOING_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_024 * megabyte)
    .default(10 * megabyte)
    .describe('Size of an answer to a request, in bytes after decompression'),
  OUTGOING_MAX_REDIRECTS: z.coerce
    .number()
    .int()
    .min(0)
    .max(20)
    .default(5)
    .describe('Redirects that a request follows'),
  OUTGOING_LOAD_MAX_RATE: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(200)
    .describe('Requests a second of a load test; 0 allows none'),
  OUTGOING_LOAD_MAX_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Connections of a load test'),
  OUTGOING_LOAD_MAX_S: z.coerce.number().int().min(1).max(3_600).default(60).describe('Seconds of a load test'),
};
export type OutgoingEnv = Readonly<z.output<z.ZodObject<typeof outgoingEnv>>>;

/** The variables alone, of a program without a service's environment; an empty one counts as not set. @throws ZodError */
export const parseOutgoingEnv = (env: Readonly<Record<string, string | undefined>>): OutgoingEnv =>
  z.object(outgoingEnv).parse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));

/** The rules of the client, in its units, from the variables. */
export const outgoingRulesOf = (env: OutgoingEnv): OutgoingRules => ({
  schemes: env.OUTGOING_SCHEMES,
  ports: env.OUTGOING_PORTS,
  allowed: env.OUTGOING_ALLOW,
  origins: env.OUTGOING_ORIGINS,
  timeoutMs: env.OUTGOING_TIMEOUT_S * 1_000,
  idleMs: env.OUTGOING_IDLE_TIMEOUT_S * 1_000,
  maxBytes: env.OUTGOING_MAX_BYTES,
  maxRedirects: env.OUTGOING_MAX_REDIRECTS,
});

/** The variables as data, for handlers in threads of their own. */
export const outgoingSettingsOf = (env: OutgoingEnv): OutgoingSettings =>
  outgoingSettings(outgoingRulesOf(env), {
    maxRate: env.OUTGOING_LOAD_MAX_RATE,
    maxConnections: env.OUTGOING_LOAD_MAX_CONNECTIONS,
    maxSeconds: env.OUTGOING_LOAD_MAX_S,
  });
