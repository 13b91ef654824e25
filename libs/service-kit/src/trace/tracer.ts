import { AsyncLocalStorage } from 'node:async_hooks';

import type { BaseEnv } from '../env/base-env.js';
import type { Logger } from '../log/logger.js';
import type { ServiceInfo } from '../process/service-info.js';
import { Span, type RecordedSpan, type SpanAttributes, type SpanKind } from './span.js';
import { formatTraceparent, parseTraceparent, TraceIds, type TraceContext } from './traceparent.js';

/** Keeps spans and sends them somewhere. */
export interface SpanRecorder {
  start(name: string, kind: SpanKind, parent?: TraceContext, attributes?: SpanAttributes): RecordedSpan;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Spans of one service. Without a recorder they are ids only, so that logs and messages can still be tied together. */
export class Tracer {
  private readonly active = new AsyncLocalStorage<Span>();
  private readonly ids = new TraceIds();

  constructor(private readonly recorder?: SpanRecorder) {}

  /**
   * Starts a span; the caller ends it.
   * @param parent a traceparent; the current span's when missing; a new trace when there is none or it is not valid
   */
  startSpan(name: string, kind: SpanKind, parent = this.current(), attributes?: SpanAttributes): Span {
    const context = parseTraceparent(parent);
    const recorded = this.recorder?.start(name, kind, context, attributes);
    return new Span(this.active, recorded?.traceparent ?? this.childOf(context), recorded, this.tenantId);
  }

  /** A span that is never exported, and nothing that it causes either. */
  startQuietSpan(): Span {
    const context = { traceId: this.ids.traceId(), spanId: this.ids.spanId(), sampled: false };
    return new Span(this.active, formatTraceparent(context));
  }

  /** Runs `work` in a span of its own, which ends with it and fails with it. */
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

  /** The traceparent of the span that this code runs in. */
  current(): string | undefined {
    return this.active.getStore()?.traceparent;
  }

  /** For whom this code works, as far as that was said. */
  get tenantId(): string | undefined {
    return this.active.getStore()?.tenantId;
  }

  /** From here on the current span, and every one that starts in it, works for this tenant. */
  workFor(tenantId: string): void {
    const span = this.active.getStore();
    if (span !== undefined) span.tenantId = tenantId;
  }

  async close(): Promise<void> {
    await this.recorder?.close();
  }

  private childOf(parent: TraceContext | undefined): string {
    const traceId = parent?.traceId ?? this.ids.traceId();
    return formatTraceparent({ traceId, spanId: this.ids.spanId(), sampled: parent?.sampled ?? true });
  }
}

/** A tracer that exports when a collector is configured. @param logger asked for only when something is to be said */
export const createTracer = async (info: ServiceInfo, env: BaseEnv, logger: () => Logger): Promise<Tracer> => {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return new Tracer();
  // OpenTelemetry takes some 100 ms and 20 MB to load: only who uses it pays.
  const { OtlpRecorder } = await import('../trace/otlp-recorder.js');
  const onFailure = (err: Error): void => {
    logger().warn({ err, endpoint }, 'traces could not be exported');
  };
  return new Tracer(new OtlpRecorder(info, { endpoint, ratio: env.OTEL_TRACES_SAMPLER_ARG, onFailure }));
};
