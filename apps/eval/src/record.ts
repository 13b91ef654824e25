// Recordings of a real model: the variables of a worker say which (LLM_BASE_URL, LLM_MODEL, LLM_API_KEY).
import { runAsk } from '@pulser/agent-runtime/testing/ask';
import { type ChatAnswer, isModelOutage, ModelClient, modelsEnv, operatorsClient } from '@pulser/models';
import { Breakers } from '@pulser/service-kit';
import { z } from 'zod';

import { agentOf } from './agents.js';
import { keepRecording, type NamedCase, type RecordedAnswer } from './case.js';
import { currentInstructions, optionsOf } from './evaluate.js';

const price = { input: 0, output: 0 };

/** @throws Error that names the variable which is missing */
export const modelOf = (variables: Readonly<Record<string, string | undefined>>): ModelClient => {
  const env = z.object(modelsEnv).parse(variables);
  const { LLM_BASE_URL: baseUrl, LLM_MODEL: model } = env;
  if (baseUrl === undefined || model === undefined) throw new Error('--record needs LLM_BASE_URL and LLM_MODEL');
  const limits = { timeoutMs: env.LLM_TIMEOUT_S * 1_000, idleMs: env.LLM_IDLE_TIMEOUT_S * 1_000 };
  const endpoint = { baseUrl, key: env.LLM_API_KEY, model, price, outputLimitName: env.LLM_OUTPUT_LIMIT_NAME };
  const breaker = new Breakers().of('model', { member: baseUrl, isFailure: isModelOutage });
  return new ModelClient(endpoint, operatorsClient(baseUrl, limits), breaker);
};

const recordedOf = ({ text, toolCalls, usage }: ChatAnswer): RecordedAnswer => ({
  text,
  tools: toolCalls.map(({ name, arguments: given }) => ({ name, arguments: given })),
  ...(usage && { usage: { input: usage.inputTokens, output: usage.outputTokens } }),
});

/** Asks the model, and keeps what it answered in the case, whatever came of it. */
export const record = async (one: NamedCase, client: ModelClient): Promise<void> => {
  const { name, skill } = agentOf(one.agent);
  const answers: RecordedAnswer[] = [];
  const model = async (request: Parameters<ModelClient['ask']>[0]): Promise<ChatAnswer> => {
    const { answer } = await client.ask(request, { signal: AbortSignal.timeout(600_000), onText: () => undefined });
    answers.push(recordedOf(answer));
    return answer;
  };
  const request = one.request as Parameters<typeof runAsk>[2];
  try {
    await runAsk(name, skill, request, model, await optionsOf(one));
  } finally {
    const recording = { instructions: currentInstructions(one), model: client.endpoint.model, answers };
    if (answers.length > 0) await keepRecording(one, recording);
  }
};
