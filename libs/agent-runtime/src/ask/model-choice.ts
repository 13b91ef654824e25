// Which model an agent asks: the tenant's own, or that of the installation; with the one that is asked when it gives no answer.
import { Injectable } from '@nestjs/common';
import { TenantSettings } from '@pulser/context-bus';
import { TaskError, TenantModels } from '@pulser/contracts';
import {
  isModelOutage,
  ModelClient,
  type ModelEndpoint,
  operatorsClient,
  type Price,
  type Prices,
  tenantsClient,
} from '@pulser/models';
import { outgoingRulesOf } from '@pulser/outgoing';
import { Breakers } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import type { TaskContext } from '../skills/task-context.js';

/** The models of one `ask`, in the order in which they are asked. */
export type AskedModels = readonly [ModelClient, ...ModelClient[]];

const notConfigured = (message: string, details: Readonly<Record<string, unknown>>): TaskError =>
  new TaskError('model_not_configured', message, { details });

const withoutPrice = (model: string, where: string): TaskError =>
  notConfigured(`The model ${model} has no price, so it is not asked: set it in ${where}`, { set: [where], model });

const priceIn = (prices: Prices, model: string, where: string): Price => {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (price === undefined) throw withoutPrice(model, where);
  return price;
};

const microsOfUsd = (usd: number): number => Math.round(usd * 1_000_000);

const pricesOf = ({ prices }: TenantModels): Prices =>
  Object.fromEntries(
    Object.entries(prices).map(([model, { input, output }]) => [
      model,
      { input: microsOfUsd(input), output: microsOfUsd(output) },
    ]),
  );

/** Finds models. A tenant's key is asked for as a task does it, so that it stands in nothing that the task leaves. */
@Injectable()
export class ModelChoice {
  constructor(
    private readonly settings: TenantSettings,
    private readonly breakers: Breakers,
    private readonly env: AgentEnv,
  ) {}

  /** @throws TaskError `model_not_configured`, which says what to set; `secret_unavailable` */
  async of(context: Pick<TaskContext, 'tenantId' | 'secret'>, agent: string): Promise<AskedModels> {
    const row = await this.settings.find(context.tenantId, 'models');
    // Written by this schema, perhaps by a newer version of it.
    const own = row === undefined ? undefined : TenantModels.safeParse(row.value);
    if (own === undefined) return this.ofInstallation();
    if (own.success) return this.ofTenant(context, agent, own.data);
    throw notConfigured('The setting `models` is not understood', { set: ['PUT /api/v1/settings/models'] });
  }

  private ofInstallation(): AskedModels {
    const { LLM_BASE_URL: baseUrl, LLM_MODEL: model, LLM_FALLBACK_MODEL: fallback, LLM_PRICES: prices } = this.env;
    if (baseUrl === undefined || model === undefined) {
      const set = ['LLM_BASE_URL', 'LLM_MODEL'].filter((name) => Reflect.get(this.env, name) === undefined);
      throw notConfigured(
        `No language model is configured: set ${set.join(' and ')} (with LLM_API_KEY and LLM_PRICES) for this agent, ` +
          'or the setting `models` of the tenant (PUT /api/v1/settings/models)',
        { set },
      );
    }
    const client = operatorsClient(baseUrl, this.limits);
    const clientOf = (name: string): ModelClient => {
      const price = priceIn(prices, name, 'LLM_PRICES');
      const endpoint = {
        baseUrl,
        key: this.env.LLM_API_KEY,
        model: name,
        price,
        outputLimitName: this.env.LLM_OUTPUT_LIMIT_NAME,
      };
      return new ModelClient(endpoint, client, this.breakerOf(baseUrl));
    };
    return [clientOf(model), ...(fallback === undefined ? [] : [clientOf(fallback)])];
  }

  private async ofTenant(
    { tenantId, secret }: Pick<TaskContext, 'tenantId' | 'secret'>,
    agent: string,
    models: TenantModels,
  ): Promise<AskedModels> {
    const { base_url: baseUrl, fallback } = models;
    const key = await secret(models.secret, baseUrl);
    const client = tenantsClient(outgoingRulesOf(this.env), this.limits);
    const clientOf = (name: string): ModelClient => {
      const price = priceIn(pricesOf(models), name, 'the setting `models`');
      const outputLimitName = models.output_limit_name ?? 'max_tokens';
      const endpoint: ModelEndpoint = { baseUrl, key, model: name, price, outputLimitName };
      return new ModelClient(endpoint, client, this.breakerOf(`${tenantId} ${baseUrl}`));
    };
    const chosen = models.agents?.[agent] ?? models.model;
    return [clientOf(chosen), ...(fallback === undefined ? [] : [clientOf(fallback)])];
  }

  private get limits() {
    return { timeoutMs: this.env.LLM_TIMEOUT_S * 1_000, idleMs: this.env.LLM_IDLE_TIMEOUT_S * 1_000 };
  }

  /** What one tenant asks of its server keeps no other from asking theirs. */
  private breakerOf(member: string) {
    return this.breakers.of('model', { member, isFailure: isModelOutage });
  }
}
