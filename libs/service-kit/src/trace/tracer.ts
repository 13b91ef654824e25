// Starts spans and keeps track of the current one.
import { AsyncLocalStorage } from 'node:async_hooks';

import type { BaseEnv } from '../env/base-env.js';
import type { Logger } from '../log/logger.js';
import type { ServiceInfo } from '../process/service-info.js';
import type { OtlpRecorder } from './otlp-recorder.js';
import { formatTraceparent, parseTraceparent, Span, type SpanAttributes, type SpanKind, TraceIds } from './span.js';

/** The spans of one service. Without a recorder they are ids only, which still connect logs and messages. */
export class Tracer {
  private readonly active = new AsyncLocalStorage<Span>();
  private readonly ids = new TraceIds();

  constructor(private readonly recorder?: OtlpRecorder) {}

  /**
   * Starts a span; the caller ends it.
   * @param parent a traceparent; the current span's when missing; a new trace when there is none or it is not valid
   */
  startSpan(name: string, kind: SpanKind, parent = this.current(), attributes?: SpanAttributes): Span {
    const recorded = this.recorder?.start(name, kind, parseTraceparent(parent), attributes);
    const around = this.span;
    const into = around?.gathering;
    const gathered =
      into === undefined
        ? undefined
        : { into, name, kind, parentId: around?.spanId ?? '', attributes: attributes ?? {} };
    const position = recorded?.traceparent ?? (() => this.childOf(parent));
    return new Span(this.active, position, recorded, around?.tenantId, gathered);
  }

  /** A span that is never exported, nor are its descendants. */
  startQuietSpan(): Span {
    const context = { traceId: this.ids.traceId(), spanId: this.ids.spanId(), sampled: false };
    return new Span(this.active, formatTraceparent(context));
  }

  /** Runs `work` in a new span, which ends and fails with it. */
  async inSpan<T>(name: string, kind: SpanKind, work: () => Promise<T>, parent?: string): Promise<T> {
    const span = this.startSpan(name, kind, parent);
    try {
      const result = await span.run(work);
      span.end();
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  /** The span that this code runs in. */
  get span(): Span | undefined {
    return this.active.getStore();
  }

  /** The traceparent of the span that this code runs in. */
  current(): string | undefined {
    return this.span?.traceparent;
  }

  /** The tenant of the current span, if it is known. */
  get tenantId(): string | undefined {
    return this.active.getStore()?.tenantId;
  }

  /** Sets the tenant of the current span and of every span that starts in it from now on. */
  workFor(tenantId: string): void {
    const span = this.active.getStore();
    if (span !== undefined) span.tenantId = tenantId;
  }

  /** Exports the remaining spans. */
  async close(): Promise<void> {
    await this.recorder?.close();
  }

  private childOf(parent: string | undefined): string {
    const context = parseTraceparent(parent);
    const traceId = context?.traceId ?? this.ids.traceId();
    return formatTraceparent({ traceId, spanId: this.ids.spanId(), sampled: context?.sampled ?? true });
  }
}

/** A tracer that exports when a collector is configured. @param logger called only when an export fails */
export const createTracer = async (info: ServiceInfo, env: BaseEnv, logger: () => Logger): Promise<Tracer> => {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return new Tracer();
  // OpenTelemetry takes some 100 ms and 20 MB to load: only services that export traces load it.
  const { OtlpRecorder } = await import('./otlp-recorder.js');
  const onFailure = (err: Error): void => {
    logger().warn({ err, endpoint }, 'traces could not be exported');
  };
  return new Tracer(new OtlpRecorder(info, { endpoint, ratio: env.OTEL_TRACES_SAMPLER_ARG, onFailure }));
};
