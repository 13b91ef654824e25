// The variables of every service that asks models: which, at what price, and how much of it at most.
import { z } from 'zod';

import { outputLimitNames } from './endpoint.js';
import type { Price } from './price.policy.js';

const perMillion = z.number().min(0).max(1_000_000);
const microsOfUsd = (usd: number): number => Math.round(usd * 1_000_000);

const ModelName = z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters');

const jsonOf = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'no JSON' });
    return z.NEVER;
  }
};

const Prices = z
  .string()
  .default('{}')
  .transform(jsonOf)
  .pipe(z.record(ModelName, z.strictObject({ input: perMillion, output: perMillion })))
  .transform((table) =>
    Object.fromEntries(
      Object.entries(table).map(([model, { input, output }]): [string, Price] => [
        model,
        { input: microsOfUsd(input), output: microsOfUsd(output) },
      ]),
    ),
  );

const usd = (initial: number) => z.coerce.number().min(0).max(1_000_000).default(initial).transform(microsOfUsd);
const count = (initial: number) => z.coerce.number().int().min(0).max(1_000_000_000_000).default(initial);

/** Spread into the service's own: `Env({ ...BaseEnv, ...modelsEnv })`. */
export const modelsEnv = {
  LLM_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Base URL of a server with OpenAI's chat completions API, such as https://api.openai.com/v1; without it `ask` is refused, but for tenants that name a model of their own",
    ),
  LLM_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, 'visible ASCII characters')
    .optional()
    .describe('API key of that server'),
  LLM_MODEL: ModelName.optional().describe('Model that agents ask, as the server calls it'),
  LLM_FALLBACK_MODEL: ModelName.optional().describe(
    'Model of the same server that is asked when the first one gives no answer',
  ),
  LLM_PRICES: Prices.describe(
    'US dollars per million tokens, by model, as JSON: {"gpt-4o-mini": {"input": 0.15, "output": 0.6}}. A model without a price is not asked',
  ),
  LLM_OUTPUT_LIMIT_NAME: z
    .enum(outputLimitNames)
    .default('max_tokens')
    .describe('Name by which the server takes the limit of an answer; newer models of OpenAI take the second one'),
  LLM_MAX_OUTPUT_TOKENS: z.coerce
    .number()
    .int()
    .min(16)
    .max(1_000_000)
    .default(2_048)
    .describe('Tokens that one answer of a model may have'),
  LLM_TIMEOUT_S: z.coerce.number().min(1).max(3_600).default(120).describe('Seconds that one answer may take'),
  LLM_IDLE_TIMEOUT_S: z.coerce
    .number()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('Seconds that a model may be silent, before its answer and in the middle of it'),
  LLM_TASK_MAX_USD: usd(1).describe('US dollars that one task may spend on models'),
  LLM_TASK_MAX_TOKENS: count(500_000).describe('Tokens that one task may spend, input and output'),
  LLM_TASK_MAX_CALLS: count(64).describe('Requests to models that one task may make, those without an answer too'),
  LLM_TASK_MAX_S: z.coerce.number().min(1).max(86_400).default(900).describe('Seconds that one `ask` may run'),
  LLM_CONVERSATION_TURNS: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(20)
    .describe(
      'Earlier turns of its conversation that an `ask` is read with; beyond them half are kept, and the rest is summarised',
    ),
  LLM_CONVERSATION_TOKENS: z.coerce
    .number()
    .int()
    .min(100)
    .max(1_000_000)
    .default(8_000)
    .describe('Tokens that these turns may have together'),
  LLM_TREE_MAX_USD: usd(5).describe('US dollars that a task and all that came of it may spend'),
  LLM_TREE_MAX_TOKENS: count(2_500_000).describe('Tokens that a task and all that came of it may spend'),
  LLM_TREE_MAX_CALLS: count(320).describe('Requests that a task and all that came of it may make'),
  LLM_DAY_MAX_USD: usd(20).describe('US dollars that a tenant may spend in a day (UTC)'),
  LLM_DAY_MAX_TOKENS: count(10_000_000).describe('Tokens that a tenant may spend in a day (UTC)'),
  LLM_DAY_MAX_CALLS: count(5_000).describe('Requests that a tenant may make in a day (UTC)'),
};
export type ModelsEnv = Readonly<z.output<z.ZodObject<typeof modelsEnv>>>;
