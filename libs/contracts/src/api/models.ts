// Settings of a tenant for language models: which it asks, and how much it spends at most.
import { z } from 'zod';

import { AgentName } from '../agents.js';

const ModelName = z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters');

const perMillion = z.number().min(0).max(1_000_000);

/** A server of the tenant's own, with the model that is asked there. */
export const TenantModels = z
  .strictObject({
    base_url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .meta({
        description:
          "Base URL of a server with OpenAI's chat completions API. It is asked under the rules of what tasks may ask",
        examples: ['https://api.example.com/v1'],
      }),
    secret: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,62}$/)
      .meta({ description: 'Name of the secret that holds the API key; the secret must allow the host' }),
    model: ModelName,
    fallback: ModelName.optional().meta({ description: 'Model that is asked when the first one gives no answer' }),
    agents: z
      .record(AgentName, ModelName)
      .optional()
      .meta({ description: 'Other models for some agents, by the name of the agent' }),
    prices: z.record(ModelName, z.strictObject({ input: perMillion, output: perMillion })).meta({
      description: 'US dollars per million tokens, by model. A model without a price is not asked',
    }),
    output_limit_name: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  })
  .meta({ id: 'TenantModels' });
export type TenantModels = z.infer<typeof TenantModels>;

/** Limits that lower those of the installation. */
export const BudgetLimit = z
  .strictObject({
    usd: z.number().min(0).max(1_000_000).optional(),
    tokens: z.int().min(0).optional(),
    calls: z.int().min(0).optional(),
  })
  .meta({ id: 'BudgetLimit' });
export type BudgetLimit = z.infer<typeof BudgetLimit>;

export const TenantBudgets = z
  .strictObject({ task: BudgetLimit.optional(), tree: BudgetLimit.optional(), day: BudgetLimit.optional() })
  .meta({ id: 'TenantBudgets' });
export type TenantBudgets = z.infer<typeof TenantBudgets>;
