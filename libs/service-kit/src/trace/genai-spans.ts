// Names of spans and metrics of generative AI by the conventions of OpenTelemetry ("Development" still), all in this file:
// https://opentelemetry.io/docs/specs/semconv/gen-ai/. What is asked and answered is never exported.
import type { Span, SpanAttributes } from './span.js';
import type { Tracer } from './tracer.js';

/** The operations that are traced. */
export type GenAiOperation =
  | 'chat'
  | 'invoke_agent'
  | 'invoke_workflow'
  | 'execute_tool'
  | 'embeddings'
  | 'search_memory'
  | 'create_memory'
  | 'delete_memory';

export const genAiAttribute = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.request.model',
  answeredBy: 'gen_ai.response.model',
  agent: 'gen_ai.agent.name',
  workflow: 'gen_ai.workflow.name',
  tool: 'gen_ai.tool.name',
  call: 'gen_ai.tool.call.id',
  conversation: 'gen_ai.conversation.id',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
} as const;

/** As Prometheus writes `gen_ai.client.token.usage` and `gen_ai.client.operation.duration`. */
export const genAiMetric = {
  tokens: 'gen_ai_client_token_usage',
  duration: 'gen_ai_client_operation_duration_seconds',
} as const;

export interface GenAiSpanOptions {
  /** The model without. */
  readonly attributes?: SpanAttributes;
  /** Whether what was thrown is a failure; without, everything is. */
  readonly isFailure?: (thrown: unknown) => boolean;
}

/**
 * Runs work in a span of its own, which ends and fails with it.
 * @param subject what the span is called after, beside its operation: a model, an agent, a tool
 */
export const inGenAiSpan = async <T>(
  tracer: Tracer,
  operation: GenAiOperation,
  subject: string,
  work: (span: Span) => Promise<T>,
  { attributes = { [genAiAttribute.model]: subject }, isFailure = () => true }: GenAiSpanOptions = {},
): Promise<T> => {
  const named = { [genAiAttribute.operation]: operation, ...attributes };
  const span = tracer.startSpan(
    `${operation} ${subject}`,
    operation === 'chat' ? 'client' : 'internal',
    undefined,
    named,
  );
  try {
    const result = await span.run(() => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(isFailure(error) ? error : undefined);
    throw error;
  }
};
