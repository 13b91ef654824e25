import { admissionEnv, contentEnv, rateLimitEnv, secretsEnv, storedTraceEnv } from '@pulser/context-bus';
import { databaseEnv } from '@pulser/database';
import { embeddingEnv } from '@pulser/embedding';
import { amqpEnv } from '@pulser/messaging';
import { BaseEnv, Env, PublicEnv } from '@pulser/service-kit';
import { z } from 'zod';

/** Algorithms of tokens that are signed with a key pair. */
const KeyPairAlgorithm = z.enum(['RS256', 'ES256', 'EdDSA']);
export type KeyPairAlgorithm = z.infer<typeof KeyPairAlgorithm>;

const KeyPairAlgorithms = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(KeyPairAlgorithm));

/** Which JSON Web Tokens are accepted beside API keys. */
const jwtEnv = {
  JWT_ISSUER: z
    .url()
    .optional()
    .describe('Identity provider whose tokens are accepted beside API keys: their `iss`; none when it is not set'),
  JWT_AUDIENCE: z.string().optional().describe('Audience of accepted tokens (`aud`); required with JWT_ISSUER'),
  JWT_JWKS_URL: z
    .url()
    .optional()
    .describe("Where the provider's public keys are; by default /.well-known/jwks.json below JWT_ISSUER"),
  JWT_ALGORITHMS: KeyPairAlgorithms.optional().describe(
    'How accepted tokens are signed: some of RS256, ES256 and EdDSA, comma separated; by default RS256,ES256',
  ),
  JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32, 'at least 32 bytes')
    .optional()
    .describe('Secret of a provider that signs with HS256; instead of JWT_JWKS_URL and JWT_ALGORITHMS'),
  JWT_CLOCK_SKEW_S: z.coerce
    .number()
    .int()
    .min(0)
    .max(120)
    .default(30)
    .describe("Seconds that the provider's clock may differ from this machine's"),
  JWT_JWKS_COOLDOWN_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(30)
    .describe('Least seconds between two fetches of public keys because a token names one that is not known'),
};

export type JwtEnv = Readonly<z.output<z.ZodObject<typeof jwtEnv>>>;

const isOrigin = (url: string): boolean => URL.parse(url)?.origin === url.replace(/\/$/, '');

/** How browsers log in, and for how long. */
const sessionEnv = {
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .refine(isOrigin, 'it must be an origin, without a path')
    .transform((url) => url.replace(/\/$/, ''))
    .optional()
    .describe(
      'Where browsers reach the gateway, such as https://pulser.example: needed by logins at an identity provider',
    ),
  SESSION_IDLE_S: z.coerce
    .number()
    .int()
    .min(300)
    .max(2_592_000)
    .default(43_200)
    .describe('Seconds without use after which a login ends'),
  SESSION_MAX_S: z.coerce
    .number()
    .int()
    .min(300)
    .max(2_592_000)
    .default(604_800)
    .describe('Seconds after which a login by a key ends, however it is used'),
  SESSION_PERSON_MAX_S: z.coerce
    .number()
    .int()
    .min(300)
    .max(2_592_000)
    .default(43_200)
    .describe('The same for a login at the identity provider: what that takes from a person holds after this long'),
};

/** The login of people at the provider of JWT_ISSUER. */
const oidcEnv = {
  OIDC_CLIENT_ID: z
    .string()
    .optional()
    .describe('Id that the provider of JWT_ISSUER knows Pulser by: lets people log in there; needs PUBLIC_URL'),
  OIDC_CLIENT_SECRET: z.string().optional().describe('Secret of that client; none for a public client'),
  OIDC_SCOPES: z.string().default('openid email').describe('What a login asks the provider for, separated by spaces'),
};

export type OidcEnv = Readonly<z.output<z.ZodObject<typeof oidcEnv>>> &
  Pick<z.output<z.ZodObject<typeof sessionEnv>>, 'PUBLIC_URL'>;

export class GatewayEnv extends Env({
  ...BaseEnv,
  ...PublicEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...admissionEnv,
  ...rateLimitEnv,
  ...contentEnv,
  ...secretsEnv,
  ...jwtEnv,
  ...sessionEnv,
  ...oidcEnv,
  ...embeddingEnv,
  ...storedTraceEnv,
  DATASET_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(4_294_967_296)
    .describe('Largest upload, in bytes as they are sent'),
  DASHBOARD_DIR: z
    .string()
    .optional()
    .describe('Folder of the built page that /ui serves; by default the one that comes with Pulser'),
  FAST_SUBMIT: z
    .stringbool()
    .default(true)
    .describe('Whether ordinary submissions are answered before Fastify and Nest: the same answers for less'),
  MCP_COORDINATOR_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base URL of the MCP coordinator, whose /mcp is then at the gateway too'),
  EVENT_STREAM_HEARTBEAT_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .default(15)
    .describe('Seconds without an event after which an event stream sends a comment'),
}) {}
