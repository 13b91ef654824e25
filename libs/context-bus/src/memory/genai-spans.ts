// Spans of memories and embeddings, named by the conventions for generative AI of OpenTelemetry ("Development" still):
// https://opentelemetry.io/docs/specs/semconv/gen-ai/. Their content is never exported.
import type { Tracer } from '@pulser/service-kit';

/** The operations that are traced; a span is called after its operation and, where there is one, the model. */
export type GenAiOperation = 'embeddings' | 'search_memory' | 'create_memory' | 'delete_memory';

const attribute = { operation: 'gen_ai.operation.name', model: 'gen_ai.request.model' } as const;

/** Runs work in a span of its own, which ends and fails with it. */
export const inGenAiSpan = async <T>(
  tracer: Tracer,
  operation: GenAiOperation,
  model: string,
  work: () => Promise<T>,
): Promise<T> => {
  const span = tracer.startSpan(`${operation} ${model}`, 'internal', undefined, {
    [attribute.operation]: operation,
    [attribute.model]: model,
  });
  try {
    const result = await span.run(work);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
};
