// One question to a model, over all its tries: each is reserved before it is sent and settled after it. This is the only place
// where a request to a model is repeated.
import { setTimeout as delay } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import {
  allowedOutput,
  type BudgetLimits,
  exhausted,
  leftOf,
  type Reservation,
  SpendLedger,
  type SpendSettlement,
} from '@pulser/context-bus';
import { TaskError } from '@pulser/contracts';
import {
  type ChatAnswer,
  type ChatRequest,
  inputTokensOf,
  microsOf,
  type ModelClient,
  ModelFailed,
  nextTry,
  type Tried,
} from '@pulser/models';
import { genAiAttribute, inGenAiSpan, type Span, Tracer } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import type { Attempt } from '../context/attempt.js';
import { retryWhileUnavailable } from '../context/retry-while-unavailable.js';
import { AskMeter } from '../reporting/ask-meter.js';
import type { AskedModels } from './model-choice.js';

export interface ModelQuestion {
  readonly models: AskedModels;
  readonly request: ChatRequest;
  readonly limits: BudgetLimits;
  /** Which step of the task asks: `ask:3`. */
  readonly step: string;
  readonly onText: (text: string) => void;
}

/** What was asked for fits: the output may be less than what was wanted. */
interface Affordable {
  readonly reservation: Reservation;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
}

/** Past the time of a call, for its settlement. */
const settleMs = 15_000;

const outcomeOf = (failure: ModelFailed): SpendSettlement['outcome'] => {
  if (failure.mayCost) return 'unknown';
  return failure.code === 'unreachable' || failure.code === 'not_allowed' ? 'unsent' : 'refused';
};

const refusal = (failure: ModelFailed, retryAfterMs: number | undefined): TaskError => {
  const details = { reason: failure.code, origin: failure.facts.origin, status: failure.facts.status };
  const facts = { details, cause: failure, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return new TaskError(failure.mayPass ? 'model_unavailable' : 'model_refused', failure.message, facts);
};

@Injectable()
export class ModelCalls {
  constructor(
    private readonly ledger: SpendLedger,
    private readonly profile: AgentProfile,
    private readonly env: AgentEnv,
    private readonly tracer: Tracer,
    private readonly meter: AskMeter,
  ) {}

  /**
   * Asks until there is an answer, or another try cannot help.
   * @throws TaskError `budget_spent`, `model_unavailable`, `model_refused`; LeaseLost; the reason of an abort
   */
  async ask(attempt: Attempt, question: ModelQuestion): Promise<ChatAnswer> {
    let [model, ...others] = question.models;
    for (let tries = 1; ; tries += 1) {
      const failure = await this.try(attempt, model, question);
      if (!(failure instanceof ModelFailed)) return failure;
      attempt.signal.throwIfAborted();
      const [fallback] = others;
      const state = { tries, hasFallback: fallback !== undefined };
      const { code, facts } = failure;
      const next = nextTry({ code, retryAfterMs: facts.retryAfterMs }, state, Math.random());
      if (next.kind === 'give_up') throw refusal(failure, next.afterMs);
      if (next.kind === 'again') await delay(next.afterMs, undefined, { signal: attempt.signal });
      else [model, others, tries] = [fallback ?? model, [], 0];
    }
  }

  private async try(attempt: Attempt, model: ModelClient, question: ModelQuestion): Promise<ChatAnswer | ModelFailed> {
    const name = model.endpoint.model;
    const { reservation, inputTokens, maxOutputTokens } = await this.reserve(attempt, model, question);
    const request = { ...question.request, maxOutputTokens };
    const begun = performance.now();
    try {
      const tried = await inGenAiSpan(this.tracer, 'chat', name, (span) =>
        this.answer(span, model, request, { signal: attempt.signal, onText: question.onText }),
      );
      const settlement = this.settlementOf(tried, model, { inputTokens, maxOutputTokens });
      await this.settle(reservation, settlement);
      this.meter.answered(settlement, (performance.now() - begun) / 1_000);
      return tried.answer;
    } catch (error) {
      if (!(error instanceof ModelFailed)) throw error;
      const settlement = { outcome: outcomeOf(error), httpStatus: error.facts.status };
      await this.settle(reservation, settlement);
      this.meter.answered(settlement, (performance.now() - begun) / 1_000);
      return error;
    }
  }

  private async answer(
    span: Span,
    model: ModelClient,
    request: ChatRequest,
    options: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
  ): Promise<Tried> {
    span.set({ [genAiAttribute.provider]: new URL(model.origin).hostname });
    const tried = await model.ask(request, options);
    const { usage } = tried.answer;
    span.set({
      [genAiAttribute.answeredBy]: tried.answer.model,
      ...(usage && {
        [genAiAttribute.inputTokens]: usage.inputTokens,
        [genAiAttribute.outputTokens]: usage.outputTokens,
      }),
    });
    return tried;
  }

  private async reserve(attempt: Attempt, model: ModelClient, question: ModelQuestion): Promise<Affordable> {
    const { limits, request, step } = question;
    const { price, model: name } = model.endpoint;
    const inputTokens = inputTokensOf(request);
    const claim = await attempt.claimed();
    for (;;) {
      attempt.signal.throwIfAborted();
      const use = await retryWhileUnavailable(() => this.ledger.use(claim));
      const maxOutputTokens = allowedOutput(leftOf(limits, use), inputTokens, request.maxOutputTokens, price);
      if (maxOutputTokens === undefined) throw this.spent(question, model, inputTokens, use);
      const micros = microsOf({ inputTokens, outputTokens: maxOutputTokens }, price);
      const order = {
        agent: this.profile.name,
        taskType: attempt.taskType,
        model: name,
        step,
        micros,
        tokens: inputTokens + maxOutputTokens,
        withinMs: this.env.LLM_TIMEOUT_S * 1_000 + settleMs,
      };
      const outcome = await this.ledger.reserve(claim, limits, order);
      if (outcome.kind === 'reserved') return { reservation: outcome.reservation, inputTokens, maxOutputTokens };
      if (outcome.kind === 'lease_lost') throw attempt.lose();
      // Others took it meanwhile: what is left now may be enough for a shorter answer, or is nothing.
    }
  }

  private spent(
    { limits, request }: ModelQuestion,
    { endpoint: { price } }: ModelClient,
    inputTokens: number,
    use: Parameters<typeof exhausted>[1],
  ): TaskError {
    const least = { inputTokens, outputTokens: Math.min(16, request.maxOutputTokens) };
    const needed = { micros: microsOf(least, price), tokens: inputTokens + least.outputTokens, calls: 1 };
    const budget = exhausted(limits, use, needed);
    const [scope = 'day', kind = 'micros'] = budget.split('.');
    const named = { task: 'this task', tree: 'this task and those that belong with it', day: 'this tenant today' };
    const what = { micros: 'money', tokens: 'tokens', calls: 'requests' };
    const text = `The budget for models of ${Reflect.get(named, scope) as string} has too little left (${Reflect.get(what, kind) as string})`;
    return new TaskError('budget_spent', text, { details: { budget, needed, limits, used: use } });
  }

  private settlementOf(
    { answer: { usage }, overrun, outputTokens }: Tried,
    { endpoint: { price } }: ModelClient,
    { inputTokens, maxOutputTokens }: Pick<Affordable, 'inputTokens' | 'maxOutputTokens'>,
  ): SpendSettlement {
    if (usage !== undefined) {
      const outcome = overrun || usage.outputTokens > maxOutputTokens ? 'overrun' : 'answered';
      return { outcome, cost: { ...usage, micros: microsOf(usage, price) }, httpStatus: 200 };
    }
    if (!overrun) return { outcome: 'answered', httpStatus: 200 };
    // It has sent more than was reserved, and does not say how much.
    const counted = { inputTokens, outputTokens };
    return { outcome: 'overrun', cost: { ...counted, micros: microsOf(counted, price) }, httpStatus: 200 };
  }

  private async settle(reservation: Reservation, settlement: SpendSettlement): Promise<void> {
    await retryWhileUnavailable(() => this.ledger.settle(reservation, settlement));
  }
}
