import { admissionEnv, rateLimitEnv } from '@pulser/context-bus';
import { databaseEnv } from '@pulser/database';
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

export class GatewayEnv extends Env({
  ...BaseEnv,
  ...PublicEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...admissionEnv,
  ...rateLimitEnv,
  ...jwtEnv,
  FAST_SUBMIT: z
    .stringbool()
    .default(true)
    .describe('Whether ordinary submissions are answered before Fastify and Nest: the same answers for less'),
  EVENT_STREAM_HEARTBEAT_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .default(15)
    .describe('Seconds without an event after which an event stream sends a comment'),
}) {}
