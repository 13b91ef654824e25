// The variables of every service that turns texts into vectors.
import { z } from 'zod';

/** The widest vector that is stored. */
export const maxDimensions = 1_536;

/** Spread into the service's own: `Env({ ...BaseEnv, ...embeddingEnv })`; the same for all services of an installation. */
export const embeddingEnv = {
  EMBEDDING_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Base URL of an endpoint with OpenAI's embeddings API, such as https://api.openai.com/v1; without it texts are embedded here, by MiniLM (English)",
    ),
  EMBEDDING_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, 'visible ASCII characters')
    .optional()
    .describe('API key of the endpoint'),
  EMBEDDING_MODEL: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters')
    .default('text-embedding-3-small')
    .describe('Model of the endpoint. Memories are embedded again in the background when it changes'),
  EMBEDDING_DIMENSIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(maxDimensions)
    .default(maxDimensions)
    .describe("Dimensions of the endpoint's vectors"),
  EMBEDDING_SHORTEN: z
    .stringbool()
    .default(false)
    .describe('Whether to ask the endpoint for that many dimensions: for models that can shorten their vectors'),
  EMBEDDING_IDLE_S: z.coerce
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('Seconds without a text after which MiniLM gives its 180 MB back'),
};
export type EmbeddingEnv = Readonly<z.output<z.ZodObject<typeof embeddingEnv>>>;
