import { Injectable } from '@nestjs/common';
import type { SpendSettlement } from '@pulser/context-bus';
import { type Counter, genAiMetric, type Histogram, Metrics } from '@pulser/service-kit';

const callOutcomes = [
  'answered',
  'overrun',
  'refused',
  'unsent',
  'unknown',
] as const satisfies readonly SpendSettlement['outcome'][];
const toolOutcomes = ['done', 'failed', 'refused'] as const;

const asked = (type: string) => ({ gen_ai_operation_name: 'chat', gen_ai_token_type: type });

/** Requests to models and calls of tools, for Prometheus. Models are no labels: tenants name their own. */
@Injectable()
export class AskMeter {
  private readonly calls: Counter<'outcome'>;
  private readonly tokens: Histogram<'gen_ai_operation_name' | 'gen_ai_token_type'>;
  private readonly micros: Counter;
  private readonly duration: Histogram<'gen_ai_operation_name'>;
  private readonly tools: Counter<'outcome'>;

  constructor(metrics: Metrics) {
    this.calls = metrics.counter({
      name: 'pulser_model_calls_total',
      help: 'Requests to language models and how they ended, those without an answer too',
      labelNames: ['outcome'],
    });
    for (const outcome of callOutcomes) this.calls.inc({ outcome }, 0);
    this.tokens = metrics.histogram({
      name: genAiMetric.tokens,
      help: 'Tokens of requests to language models, as their servers counted them',
      labelNames: ['gen_ai_operation_name', 'gen_ai_token_type'],
      // Those of the conventions.
      buckets: Array.from({ length: 14 }, (_, n) => 4 ** n),
    });
    for (const type of ['input', 'output']) this.tokens.zero(asked(type));
    this.micros = metrics.counter({
      name: 'pulser_model_spend_micros_total',
      help: 'Micro-dollars that requests to language models have cost, as far as their servers said what they used',
    });
    this.duration = metrics.histogram({
      name: genAiMetric.duration,
      help: 'Seconds that requests to language models took',
      labelNames: ['gen_ai_operation_name'],
      buckets: [0.1, 0.3, 1, 3, 10, 30, 100],
    });
    this.tools = metrics.counter({
      name: 'pulser_model_tool_calls_total',
      help: 'Calls of tools that language models wanted: done, failed, or refused',
      labelNames: ['outcome'],
    });
    // So that what has never happened is 0, and not missing.
    for (const outcome of toolOutcomes) this.tools.inc({ outcome }, 0);
  }

  /** A request to a model has ended. */
  answered({ outcome, cost }: SpendSettlement, seconds: number): void {
    this.calls.inc({ outcome });
    this.duration.observe({ gen_ai_operation_name: 'chat' }, seconds);
    if (cost === undefined) return;
    this.tokens.observe(asked('input'), cost.inputTokens);
    this.tokens.observe(asked('output'), cost.outputTokens);
    this.micros.inc(cost.micros);
  }

  called(outcome: (typeof toolOutcomes)[number]): void {
    this.tools.inc({ outcome });
  }
}
