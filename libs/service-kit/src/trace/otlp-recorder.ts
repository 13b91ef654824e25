// Exports spans by OTLP. Loaded only when a collector is configured.
import {
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { settlesWithin } from '@pulser/concurrency';

import { messageOf } from '../log/one-line.policy.js';
import type { ServiceInfo } from '../process/service-info.js';
import type { RecordedSpan, SpanAttributes, SpanKind } from './span.js';
import { formatTraceparent, sampledFlag, type TraceContext } from './traceparent.js';

export interface OtlpOptions {
  /** Base URL of the collector, without `/v1/traces`. */
  readonly endpoint: string;
  /** Share of new traces that is exported, from 0 to 1; continued traces keep their caller's decision. */
  readonly ratio: number;
  /** Called for each batch that could not be sent. */
  readonly onFailure: (error: Error) => void;
}

const kinds = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
  internal: Kind.INTERNAL,
} as const satisfies Record<SpanKind, Kind>;

// Several thousand tasks per second with some spans each: the SDK's own 2,048 would drop most of a burst.
const queue = { maxQueueSize: 16_384, maxExportBatchSize: 1_024, scheduledDelayMillis: 1_000 };

// A collector that is away must not hold up the end of the process.
const exportTimeoutMs = 3_000;
const closeTimeoutMs = 2_000;

class ReportingExporter extends OTLPTraceExporter {
  constructor(private readonly options: OtlpOptions) {
    super({ url: `${options.endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: exportTimeoutMs });
  }

  override export(...[spans, done]: Parameters<OTLPTraceExporter['export']>): void {
    super.export(spans, (result) => {
      // The SDK reports to its process-wide `diag` logger only, which is off.
      if (result.error !== undefined) this.options.onFailure(result.error);
      done(result);
    });
  }
}

const providerOf = (info: ServiceInfo, options: OtlpOptions): TracerProvider =>
  new TracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'pulser',
      'service.name': info.service,
      'service.version': info.version,
      'service.instance.id': info.instance,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new ReportingExporter(options), ...queue })],
  });

const contextOf = (parent: TraceContext | undefined): Context => {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  const traceFlags = sampled ? sampledFlag : 0;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
};

const recordedSpan = (span: OtelSpan): RecordedSpan => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: formatTraceparent({ traceId, spanId, sampled: traceFlags === sampledFlag }),
    set: (attributes) => void span.setAttributes(attributes),
    end: (error) => {
      if (error !== undefined) {
        if (error instanceof Error) span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      }
      span.end();
    },
  };
};

/** Exports spans by OTLP over HTTP in batches, through a provider of its own: nothing process-wide is touched. */
export class OtlpRecorder {
  private readonly provider: TracerProvider;
  private readonly tracer: OtelTracer;

  constructor(info: ServiceInfo, options: OtlpOptions) {
    this.provider = providerOf(info, options);
    this.tracer = this.provider.getTracer('pulser', info.version);
  }

  start(name: string, kind: SpanKind, parent?: TraceContext, attributes: SpanAttributes = {}): RecordedSpan {
    return recordedSpan(this.tracer.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent)));
  }

  /** Exports the remaining spans, for at most two seconds. */
  async close(): Promise<void> {
    // The exporter reports a batch that cannot be sent.
    await settlesWithin(closeTimeoutMs, this.provider.shutdown());
  }
}
